"""Every call of every program fails: all that tests/faults can try.  faults.py PART tries it with some programs."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "faults"))
import drive  # noqa: E402

tables = ["sdp-stats", "sdp-cat", "sdp-pdf", "sdp-sample", "sdp-timeseries"]
models = ["sdp-kmeans", "sdp-linreg", "sdp-logreg", "sdp-fpgrowth"]
jobs = ["sdp-job", "sdp-bench", "sdp-report"]
stores = ["sdp-upload", "sdp-databricks"]
PARTS = {"tables": tables, "models": models, "jobs": jobs, "stores": stores}

drive.main(["--all", "--jobs", "1"] + [program for part in sys.argv[1:] or PARTS for program in PARTS[part]])
