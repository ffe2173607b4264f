"""The job that the original application posts, as it is, on 100,000 synthetic rows: tests/scenarios/seed_job.py."""
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "scenarios"))
import seed_job  # noqa: E402

seed_job.main(100000)
