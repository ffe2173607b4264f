"""infrastructure/terraform against the providers' own schemas, checkov, tflint, hclfmt, and Terraform itself where it is installed.

Runnable alone: python3 tests/integration/terraform.py.  Providers come from HashiCorp's registry, which a test should not need: their
schemas are read out of the packages that the CDK for Terraform made of them (npm), the files by python-hcl2.  A stub provider serves
these schemas to terraform init, validate, plan and test.  Each of these judges must be had; only Terraform (or OpenTofu) itself is
passed over where it is not installed.
"""
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "support"), os.path.join(HERE, "..", "judges")]
import judge  # noqa: E402
import terraform_providers  # noqa: E402
from tools import go_program, venv  # noqa: E402

HCL2, CHECKOV, TFLINT, HCLFMT = "8.1.4", "3.3.30", "v0.64.0", "v2.24.0"
FOLDER = os.environ.get("SDP_TERRAFORM") or judge.path("infrastructure", "terraform")
META = {"count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection", "dynamic"}

try:
    import hcl2
except ImportError:
    here = venv("hcl2-" + HCL2, "python-hcl2==" + HCL2)
    os.execv(here, [here, "-B", os.path.abspath(__file__)])


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
types = set(re.findall(r'^(resource|data) "(\w+)"', "\n".join(sources.values()), re.M))
providers = {name: terraform_providers.Provider(name, types) for name in terraform_providers.PACKAGES}
files = Files(sources)
count = len(files.resources)
judge.check(f"{count} resources and data sources are of types that the providers have", files.types + ([] if count > 20 else [f"only {count} were found"]))
judge.check("their arguments exist, and none that is required lacks", files.arguments)
judge.check("references lead to what is there; every variable is used", files.references)
judge.check("every variable has a default and a description", [f"{n}: no {m}" for n, body in files.variables.items() for m in ("default", "description") if m not in body])
plain = [k for k, b in files.resources.items() if k[1].startswith("databricks_") and not re.search(r"local\.(databricks|cluster|group)\b", str(b.get("count")))]
judge.check("nothing of Databricks without databricks_host", [" ".join(k) for k in plain])

# What would be the use of a judge that finds nothing?
for old, new, kind, text in (('"aws_iam_user" "upload"', '"aws_iam_usr" "upload"', "types", "aws_iam_usr"), ("autotermination_minutes = var", "autotermination = var", "arguments", "no autotermination"),
                             ("  status = \"Enabled\"\n", "", "arguments", "status is required"), ("task_key        = \"ml_jobs\"\n", "", "arguments", "task_key is required"),
                             ("aws_s3_bucket.data.arn", "aws_s3_bucket.data.arm", "references", "no arm"), ("var.prefix", "var.prefx", "references", "var.prefx is not defined"),
                             ("aws_iam_role.upload.name", "aws_iam_role.uplod.name", "references", "uplod is not defined"), ("days_after_initiation", "days_after_begin", "arguments", "no days_after_begin")):
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

# ---- Terraform itself, with stubs of the providers ----

def copy(work):
    """A copy of the folder, and of the notebook that it uploads."""
    folder = os.path.join(work, "infrastructure", "terraform")
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*"))
    notebooks = os.path.join(work, "notebooks")
    os.makedirs(notebooks)
    shutil.copy(judge.path("notebooks", "spark_ml_jobs.py"), notebooks)
    return folder


def planned(terraform, *variables):
    """{type: how many} that a plan makes, or what it said."""
    code, said = terraform.run("plan", "-no-color", "-out=plan", *(f"-var={v}" for v in variables))
    code, said = terraform.run("show", "-json", "plan") if code == 0 else (code, said)
    if code:
        return said
    changes = json.loads(said)["resource_changes"]
    return collections.Counter(c["type"] for c in changes if c["change"]["actions"] == ["create"])


def with_change(terraform, name, old, new, *command):
    """What a command ends with after a change of a file, which is then taken back."""
    path = os.path.join(terraform.folder, name)
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.replace(old, new))
    done = terraform.run(*command)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return (0, f"{old} is not in {name}") if old not in text else done


def judge_terraform(terraform):
    lock = os.path.join(terraform.folder, ".terraform.lock.hcl")
    with open(lock, encoding="utf-8") as f:
        locked = dict(re.findall(r'^provider "[^"]*/(\w+)" \{\n  version += "([^"]+)"', f.read(), re.M))
    wanted = {name: package[3] for name, package in terraform_providers.PACKAGES.items()}
    judge.check("the lock file has the versions whose schemas these are", [] if locked == wanted else [f"{locked}, not {wanted}"])
    code, said = with_change(terraform, ".terraform.lock.hcl", wanted["aws"], "6.24.9", "init", "-no-color")
    judge.check("init keeps to the lock file", [] if code else ["another version was installed"])
    for name, command in ("init", ["init"]), ("fmt", ["fmt", "-check", "-diff", "-recursive"]), ("validate", ["validate"]), ("test", ["test"]):
        code, said = terraform.run(*command, *([] if name == "fmt" else ["-no-color"]))
        passed = re.search(r"Success! (\d+) passed, 0 failed", said)
        judge.check(f"terraform {name}", said.split("\n")[-40:] if code or (name == "test" and not (passed and int(passed[1]) >= 8)) else [])
    alone = planned(terraform)
    judge.check("terraform plan: a bucket and a role, no user, no keys, nothing of Databricks",
                [] if isinstance(alone, collections.Counter) and alone["aws_s3_bucket"] == alone["aws_iam_role"] == 1 and not alone["aws_iam_user"] + alone["aws_iam_access_key"]
                and not any(t.startswith("databricks_") for t in alone) else [str(alone)])
    both = planned(terraform, "databricks_host=https://dbc-0.cloud.databricks.com", "create_cluster=true", "cluster_user=u", "databricks_group=g", "create_access_key=true", "databricks_workspace_role=w")
    expected = {"databricks_job": 1, "databricks_cluster": 1, "databricks_cluster_policy": 2, "databricks_permissions": 4, "databricks_instance_profile": 1,
                "databricks_notebook": 1, "aws_iam_access_key": 1, "aws_iam_role_policy": 2}
    judge.check("terraform plan: everything", [] if isinstance(both, collections.Counter) and {t: both[t] for t in expected} == expected else [str(both)])
    for name, old, new in (("databricks.tf", "autotermination_minutes = var", "autotermination = var"), ("main.tf", "byte_length = 6", 'byte_length = "six"'),
                           ("databricks.tf", "max_retries     = 0", "max_retries     = [0]"), ("main.tf", "aws_iam_role.upload.name", "aws_iam_role.upload.nam")):
        code, said = with_change(terraform, name, old, new, "validate", "-no-color")
        judge.check(f"validate finds: {new}", [] if code and "Error:" in said else [said[-300:]])
    for file, name, old, new in (("databricks", "databricks.tf", '"dbus_per_hour" = {', '"dbus" = {'), ("databricks", "databricks.tf", '"CAN_MANAGE_RUN"', '"CAN_MANAGE"'),
                                 ("store", "main.tf", "var.create_access_key ? 1 : 0", "1")):
        code, said = with_change(terraform, name, old, new, "test", "-no-color", f"-filter=tests/{file}.tftest.hcl")
        judge.check(f"test finds: {new}", [] if code and re.search(r"\d failed", said) else [said[-300:]])


terraform_program = terraform_providers.found()
if terraform_program:
    with tempfile.TemporaryDirectory() as scratch:
        judge_terraform(terraform_providers.Terraform(terraform_program, scratch, copy(scratch), providers, types))
else:
    judge.skip("terraform itself", "neither Terraform from 1.7 nor OpenTofu is installed")
judge.end()
