"""infrastructure/terraform against the providers' own schemas, checkov, tflint and hclfmt; terraform fmt where terraform is.

Runnable alone: python3 tests/integration/terraform.py.  Providers come from HashiCorp's registry, which a test should not need: their
schemas are read out of the packages that the CDK for Terraform made of them (npm), the files by python-hcl2.  Each of these judges must
be had; only terraform itself, which is in no registry, is passed over where it is not installed.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "judges")]
import judge  # noqa: E402
from tools import go_program, npm_package, venv  # noqa: E402

HCL2, CHECKOV, TFLINT, HCLFMT = "8.1.4", "3.3.30", "v0.64.0", "v2.24.0"
PACKAGES = {"aws": ("@cdktf/provider-aws", "21.22.1"), "databricks": ("@cdktf/provider-databricks", "15.16.1"), "random": ("@cdktf/provider-random", "12.0.1")}
FOLDER = os.environ.get("SDP_TERRAFORM") or judge.path("infrastructure", "terraform")
# The CDK calls a data source by its provider, too.
META = {"count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection", "dynamic"}

try:
    import hcl2
except ImportError:
    here = venv("hcl2-" + HCL2, "python-hcl2==" + HCL2)
    os.execv(here, [here, "-B", os.path.abspath(__file__)])


# ---- the providers ----

def camel(text):
    return "".join(part.capitalize() for part in re.split("[_-]", text))


class Provider:
    def __init__(self, name):
        self.name, self.archive, self.texts = name, tarfile.open(npm_package(*PACKAGES[name])), {}
        self.members = {m.name: m for m in self.archive if m.name.endswith(".d.ts")}

    def text(self, kind, type_name):
        """The declarations of a resource or data source, or of the provider itself; None if there is no such thing."""
        short = type_name[len(self.name) + 1:] if type_name else ""
        folder = {"resource": short, "data": f"data-{self.name}-{short}", "provider": "provider"}[kind].replace("_", "-")
        if folder not in self.texts:
            found = [m for n, m in self.members.items() if n.startswith(f"package/lib/{folder}/")]
            self.texts[folder] = "\n".join(self.archive.extractfile(m).read().decode() for m in found) or None
        return self.texts[folder]

    def interfaces(self, kind, type_name):
        """{interface: {argument: (required, type)}} of it, arguments by their names in HCL."""
        text = self.text(kind, type_name)
        if text is None:
            return None, None
        out = {}
        for name, body in re.findall(r"^export interface (\w+)(?: extends [\w.]+)? \{\n(.*?)^\}", text, re.M | re.S):
            arguments = {}
            for doc, property_name, optional, kind_of in re.findall(r"(/\*\*.*?\*/)?\s*readonly (\w+)(\??): ([^;]+);", body, re.S):
                anchor = re.search(r"#(\w+) \w+#\w+\}", doc)
                snake = anchor[1] if anchor else re.sub(r"(?<!^)([A-Z])", lambda m: "_" + m[1].lower(), property_name)
                arguments[snake] = (not optional, kind_of)
            out[name] = arguments
        main = next((n for n in out if n.endswith("Config")), None) if kind != "provider" else next((n for n in out if n.endswith("ProviderConfig")), None)
        return out, main

    def computed(self, kind, type_name):
        """What can be read of it: its getters."""
        names = re.findall(r"^    get (\w+)\(\)", self.text(kind, type_name), re.M)
        return {re.sub(r"(?<!^)([A-Z])", lambda m: "_" + m[1].lower(), n) for n in names} | {"id"}


providers = {name: Provider(name) for name in PACKAGES}


def own(name):
    """A name as it was written: hcl2 keeps the quotes of some."""
    return name.strip('"')


def struct_of(known, name):
    """The interface of a nested block."""
    found = re.match(r"\w+", known[name][1]) if name in known else None
    return found and found[0]


class Files:
    """Texts of .tf files, and what is wrong with them."""

    def __init__(self, sources):
        self.sources = sources
        self.types, self.arguments, self.references = [], [], []
        self.defined, self.variables, self.resources = {"local": set(), "var": set()}, {}, {}
        parsed = [hcl2.loads(text) for text in sources.values()]
        for document in parsed:
            self.collect(document)
        for (kind, type_name, name), body in self.resources.items():
            self.check_block(kind, type_name, name, body)
        for document in parsed:
            for block in document.get("provider", []):
                for name, body in block.items():
                    self.check_block("provider", "", own(name), body)
        self.check_references()

    def collect(self, document):
        for block in document.get("variable", []):
            for name, body in block.items():
                self.defined["var"].add(own(name))
                self.variables[own(name)] = body
        for block in document.get("locals", []):
            self.defined["local"].update(own(k) for k in block if not k.startswith("__"))
        for kind in "resource", "data":
            for block in document.get(kind, []):
                for type_name, named in block.items():
                    for name, body in named.items():
                        self.resources[(kind, own(type_name), own(name))] = body

    def check_block(self, kind, type_name, name, body):
        where = f"{kind} {type_name} {name}".replace("  ", " ")
        provider = providers.get(type_name.split("_")[0] if kind != "provider" else name)
        interfaces, main = provider.interfaces(kind, type_name) if provider else (None, None)
        if main:
            self.check_body(where, interfaces, main, body)
        else:
            self.types.append(f"{where}: there is no such type")

    def check_body(self, where, interfaces, interface, body):
        """Arguments of a block that do not exist, and required ones that lack."""
        known, there = interfaces[interface], {own(k) for k in body if not k.startswith("__")}
        dynamic = [(own(k), v["content"]) for block in body.get("dynamic", []) for k, v in block.items() if not k.startswith("__")]
        there.update(name for name, _ in dynamic)
        self.arguments += [f"{where}: there is no {name}" for name in sorted(there - META - set(known))]
        self.arguments += [f"{where}: {name} is required" for name, (required, _) in known.items() if required and name not in there]
        for name, value in [(own(k), v) for k, v in body.items()] + dynamic:
            nested = struct_of(known, name)
            for inner in (value if isinstance(value, list) else [value]) if nested in interfaces else []:
                if isinstance(inner, dict):
                    self.check_body(f"{where}.{name}", interfaces, nested, inner)

    def check_references(self):
        pattern = re.compile(r"(?<![\w.\"/:-])(?:(data)\.)?((?:aws|databricks|random)_\w+)\.(\w+)((?:\[[^\]]*\])?)(?:\.(\w+))?")
        for f, text in self.sources.items():
            text = re.sub(r"^\s*#.*$", "", text, flags=re.M)
            for kind in "var", "local":
                self.references += [f"{f}: {kind}.{name} is not defined" for name in re.findall(rf"(?<![\w.\"]){kind}\.(\w+)", text)
                                    if name not in self.defined[kind]]
            for data, type_name, name, _, attribute in pattern.findall(text):
                kind = "data" if data else "resource"
                if (kind, type_name, name) not in self.resources:
                    self.references.append(f"{f}: {kind} {type_name}.{name} is not defined")
                elif attribute and attribute not in providers[type_name.split("_")[0]].computed(kind, type_name):
                    self.references.append(f"{f}: {type_name}.{name} has no {attribute}")
        used = "\n".join(self.sources.values())
        self.references += [f"variable {v} is not used" for v in self.variables if not re.search(rf"\bvar\.{v}\b", used)]


sources = {}
for name in sorted(os.listdir(FOLDER)):
    if name.endswith(".tf"):
        with open(os.path.join(FOLDER, name), encoding="utf-8") as f:
            sources[name] = f.read()
files = Files(sources)
count = len(files.resources)
judge.check(f"{count} resources and data sources are of types that the providers have", files.types + ([] if count > 20 else [f"only {count} were found"]))
judge.check("their arguments exist, and none that is required lacks", files.arguments)
judge.check("references lead to what is there; every variable is used", files.references)
judge.check("every variable has a default and a description", [f"{n}: no {m}" for n, body in files.variables.items() for m in ("default", "description") if m not in body])
plain = [k for k, b in files.resources.items() if k[1].startswith("databricks_") and "local.databricks" not in str(b.get("count"))]
judge.check("nothing of Databricks without databricks_host", [" ".join(k) for k in plain])

# What would be the use of a judge that finds nothing?
for old, new, kind, text in (('"aws_iam_user" "upload"', '"aws_iam_usr" "upload"', "types", "aws_iam_usr"), ("autotermination_minutes = var", "autotermination = var", "arguments", "no autotermination"),
                             ("  status = \"Enabled\"\n", "", "arguments", "status is required"), ("task_key            = \"ml_jobs\"\n", "", "arguments", "task_key is required"),
                             ("aws_s3_bucket.data.arn", "aws_s3_bucket.data.arm", "references", "no arm"), ("var.prefix", "var.prefx", "references", "var.prefx is not defined"),
                             ("aws_iam_group.upload.name", "aws_iam_group.uplod.name", "references", "uplod is not defined"), ("days_after_initiation", "days_after_begin", "arguments", "no days_after_begin")):
    changed = {name: source.replace(old, new) for name, source in sources.items()}
    found = getattr(Files(changed), kind)
    judge.check(f"found: {text}", [] if changed != sources and any(text in p for p in found) else [f"not among {found}"])

# ---- the judges that are programs ----

python = venv("checkov-" + CHECKOV, "checkov==" + CHECKOV)
done = subprocess.run([os.path.join(os.path.dirname(python), "checkov"), "-d", FOLDER, "--framework", "terraform", "--skip-download", "--quiet", "--compact", "-o", "json"],
                      capture_output=True, text=True, check=False)
try:
    report = json.loads(done.stdout)
    report = report[0] if isinstance(report, list) else report
    failed = [f"{c['check_id']} {c['resource']}: {c['check_name']}" for c in report["results"]["failed_checks"]]
    passed = report["summary"]["passed"]
    judge.check(f"checkov: {passed} checks, {report['summary']['skipped']} skipped with reasons", failed + ([] if passed > 20 else [f"only {passed} checks ran"]))
except (ValueError, KeyError, IndexError):
    judge.check("checkov", [f"no report: {done.stdout[-300:]} {done.stderr[-300:]}"])
done = subprocess.run([go_program("github.com/terraform-linters/tflint", TFLINT), "--chdir", FOLDER], capture_output=True, text=True, check=False)
judge.check("tflint", [] if done.returncode == 0 else (done.stdout + done.stderr).split("\n"))
program = go_program("github.com/hashicorp/hcl/v2/cmd/hclfmt", HCLFMT)
unshaped = [name for name in sources if subprocess.run([program, "-require-no-change", os.path.join(FOLDER, name)], stdout=subprocess.DEVNULL, check=False).returncode]
judge.check("hclfmt", unshaped)
if shutil.which("terraform"):
    done = subprocess.run(["terraform", "fmt", "-check", "-diff", FOLDER], capture_output=True, text=True, check=False)
    judge.check("terraform fmt", [] if done.returncode == 0 else done.stdout.split("\n"))
else:
    judge.skip("terraform fmt", "terraform is not installed")
judge.end()
