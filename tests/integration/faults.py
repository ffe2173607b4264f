"""Calls of every program fail: a seeded part of all that tests/faults can try, within 20 minutes also on a loaded machine.

faults.py PART tries it with some programs; tests/faults/drive.py --all PROGRAM tries everything, which takes an hour or more.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "faults"))
import drive  # noqa: E402

# The most cases of a command, and programs.
tables = 400, ["sdp-stats", "sdp-cat", "sdp-pdf", "sdp-sample", "sdp-timeseries"]
models = 600, ["sdp-kmeans", "sdp-linreg", "sdp-logreg", "sdp-fpgrowth"]
jobs = 250, ["sdp-job", "sdp-bench", "sdp-report"]
stores = 250, ["sdp-upload"]
databricks = 400, ["sdp-databricks"]
PARTS = {"tables": tables, "models": models, "jobs": jobs, "stores": stores, "databricks": databricks}

failed = [part for part in sys.argv[1:] or PARTS
          if drive.main(["--all", "--jobs", "1", "--most", str(PARTS[part][0])] + PARTS[part][1])]
sys.exit(bool(failed))
