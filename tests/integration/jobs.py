"""Two hundred jobs at once (tests/scenarios/job_storm.py), and two copies of the store."""
import os
import subprocess
import sys
import tempfile

SCENARIOS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "scenarios")
with tempfile.TemporaryDirectory() as folder:
    sys.exit(subprocess.run([sys.executable, "-B", os.path.join(SCENARIOS, "job_storm.py"), "200", "2"], cwd=folder,
                            check=False).returncode)
