"""The providers' schemas, from the packages that the CDK for Terraform made of them, and Terraform itself with stubs in their place."""
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile

from tools import CACHE, go, npm_package

# The package, its version, and the version of the provider that it was made of.
PACKAGES = {"aws": ("@cdktf/provider-aws", "21.22.1", "hashicorp", "6.25.0"), "databricks": ("@cdktf/provider-databricks", "15.16.1", "databricks", "1.99.0"),
            "random": ("@cdktf/provider-random", "12.0.1", "hashicorp", "3.7.2")}
REGISTRIES = ("registry.terraform.io", "registry.opentofu.org")
STUB = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "terraform_stub")
SIMPLE = {"string": "string", "number": "number", "boolean": "bool"}
GETTERS = {"String": "string", "Number": "number", "Boolean": "bool", "List": ["list", "string"], "StringMap": ["map", "string"], "NumberList": ["list", "number"]}


def snake(name):
    return re.sub(r"(?<!^)([A-Z])", lambda m: "_" + m[1].lower(), name)


def folder_of(provider, kind, type_name):
    """Where its package has a resource or data source, or the provider itself.  The CDK calls a data source by its provider, too."""
    short = type_name[len(provider) + 1:]
    return {"resource": short, "data": f"data-{provider}-{short}", "provider": "provider"}[kind].replace("_", "-")


class Provider:
    """A provider as far as these types go: pairs of "resource" or "data" and a name."""

    def __init__(self, name, types):
        self.name, self.texts = name, {}
        wanted = {folder_of(name, kind, t) for kind, t in types if t.startswith(name + "_")} | {"provider"}
        with tarfile.open(npm_package(*PACKAGES[name][:2])) as archive:
            for member in archive:
                folder = member.name.split("/")[2] if member.name.startswith("package/lib/") else None
                ending = member.name.partition(".")[2]
                if folder in wanted and ending in ("d.ts", "js"):
                    text = archive.extractfile(member).read().decode()
                    self.texts[folder, ending] = self.texts.get((folder, ending), "") + text + "\n"

    def text(self, kind, type_name, ending="d.ts"):
        """The declarations (or the code) of a resource or data source, or of the provider itself; None if there is no such thing."""
        return self.texts.get((folder_of(self.name, kind, type_name), ending))

    def interfaces(self, kind, type_name):
        """{interface: {argument: (required, type)}} of it, arguments by their names in HCL, and the name of the main one."""
        text = self.text(kind, type_name)
        if text is None:
            return None, None
        out = {}
        for name, body in re.findall(r"^export interface (\w+)(?: extends [\w.]+)? \{\n(.*?)^\}", text, re.M | re.S):
            arguments = {}
            for doc, property_name, optional, kind_of in re.findall(r"(/\*\*.*?\*/)?\s*readonly (\w+)(\??): ([^;]+);", body, re.S):
                anchor = re.search(r"#(\w+) \w+#\w+\}", doc)
                arguments[anchor[1] if anchor else snake(property_name)] = (not optional, kind_of)
            out[name] = arguments
        ending = "ProviderConfig" if kind == "provider" else "Config"
        return out, next((n for n in out if n.endswith(ending)), None)

    def computed(self, kind, type_name):
        """What can be read of it: its getters."""
        return {snake(n) for n in re.findall(r"^    get (\w+)\(\)", self.text(kind, type_name), re.M)} | {"id"}

    def schema(self, kind, type_name):
        """The schema as the stub reads it.  An optional argument counts as not computed, for the packages do not tell, but for "id"."""
        interfaces, main = self.interfaces(kind, type_name)
        code = self.text(kind, type_name, "js")
        body = code[code.index("synthesizeHclAttributes()"):]
        out = self.block(interfaces, main, code, body)
        known = {a["name"] for a in out["attributes"]} | {b["name"] for b in out["blocks"]}
        own = code[code.rindex("extends cdktf.Terraform"):]
        for getter, name in re.findall(r"return this\.get(\w+)Attribute\('(\w+)'\)", own):
            if name not in known and getter in GETTERS and kind != "provider":
                out["attributes"].append({"name": name, "type": GETTERS[getter], "computed": True})
                known.add(name)
        if "id" not in known and kind != "provider":
            out["attributes"].append({"name": "id", "type": "string"})
        for attribute in out["attributes"]:
            if attribute["name"] == "id" and not attribute.get("required"):
                attribute.update(optional=True, computed=True)
        return out

    def block(self, interfaces, interface, code, body):
        """A block from the attributes at the beginning of body."""
        out = {"attributes": [], "blocks": []}
        attributes = body[body.index("const attrs = {"):]
        attributes = attributes[:attributes.index("\n" + re.match(r"const attrs = \{\n( *)", attributes)[1][4:] + "};")]
        pattern = r"(\w+): \{\n\s+value: [^\n]+\n\s+isBlock: (\w+),\n\s+type: \"(\w+)\",\n\s+storageClassType: \"(\w+)\""
        for name, is_block, nesting, storage in re.findall(pattern, attributes):
            required = interfaces[interface][name][0]
            if is_block == "false":
                base = re.fullmatch(r"(string|number|boolean|any)(List|Map)?(Map|List)?", storage)
                kind = SIMPLE.get(base[1], "string") if base else "dynamic"
                if base and nesting != "simple":
                    kind = [nesting, kind if not base[3] else ["list", kind]]
                out["attributes"].append({"name": name, "type": kind, "required": required, "optional": not required})
                continue
            inner = re.match(r"\w+", interfaces[interface][name][1])[0]
            function = f"function {inner[0].lower()}{inner[1:]}ToHclTerraform("
            nested = self.block(interfaces, inner, code, code[code.index(function):])
            out["blocks"].append({"name": name, "nesting": "single" if nesting == "struct" and name == "timeouts" else nesting,
                                  "least": int(required), "block": nested})
        return out


def stub():
    """The stub provider, built once for each state of its source."""
    digest = hashlib.sha256()
    for name in sorted(os.listdir(STUB)):
        with open(os.path.join(STUB, name), "rb") as f:
            digest.update(f.read())
    folder = os.path.join(CACHE, "terraform-stub-" + digest.hexdigest()[:16])
    program = os.path.join(folder, "stub")
    if not os.path.exists(program):
        print("# building the stub provider, once: a minute", flush=True)
        building = f"{folder}.{os.getpid()}"
        os.makedirs(building)
        subprocess.run([go(), "build", "-trimpath", "-o", os.path.join(building, "stub"), "."], check=True, cwd=STUB, env=dict(os.environ, CGO_ENABLED="0", GOFLAGS=""))
        os.makedirs(folder, exist_ok=True)
        os.rename(os.path.join(building, "stub"), program)
        os.rmdir(building)
    return program


class Terraform:
    """Terraform (or OpenTofu) on a copy of a folder, with a mirror of stub providers that have these types."""

    def __init__(self, program, work, folder, providers, types):
        self.program, self.folder = program, folder
        mirror = os.path.join(work, "mirror")
        for name, provider in providers.items():
            _, _, owner, version = PACKAGES[name]
            described = {"provider": provider.schema("provider", ""),
                         "resources": {t: provider.schema("resource", t) for kind, t in types if kind == "resource" and t.startswith(name + "_")},
                         "data": {t: provider.schema("data", t) for kind, t in types if kind == "data" and t.startswith(name + "_")}}
            for registry in REGISTRIES:
                folder = os.path.join(mirror, registry, owner, name, version, "linux_" + machine())
                os.makedirs(folder)
                shutil.copy(stub(), os.path.join(folder, f"terraform-provider-{name}_v{version}"))
                with open(os.path.join(folder, "schema.json"), "w", encoding="utf-8") as f:
                    json.dump(dict(described, address=f"{registry}/{owner}/{name}"), f)
        with open(os.path.join(work, "rc"), "w", encoding="utf-8") as f:
            f.write('provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\ndisable_checkpoint = true\n' % mirror)
        keep = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "AWS_", "DATABRICKS_"))}
        self.environment = dict(keep, TF_CLI_CONFIG_FILE=os.path.join(work, "rc"), TF_IN_AUTOMATION="1", CHECKPOINT_DISABLE="1")

    def run(self, *args):
        """The exit code and all that it said."""
        done = subprocess.run([self.program, *args], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


def machine():
    return {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]


def found():
    """Terraform from 1.7 or OpenTofu, where one is installed; otherwise None."""
    for name in "terraform", "tofu":
        program = shutil.which(name)
        said = subprocess.run([program, "version", "-json"], capture_output=True, text=True, check=False, env=dict(os.environ, CHECKPOINT_DISABLE="1")).stdout if program else ""
        version = re.search(r'"terraform_version": *"(\d+)\.(\d+)', said)
        if version and (int(version[1]), int(version[2])) >= (1, 7):
            return program
    return None
