"""
Every way into sdp with every task, with a real S3 server, versitygw: tests/scenarios/paths_product.py.

Runnable alone: python3 tests/integration/paths.py.  The server is built once, by go.
"""
import os
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "scenarios"), os.path.join(here, "..", "judges")]
import paths_product  # noqa: E402
from judge import end  # noqa: E402
from tools import s3_server  # noqa: E402

KEY, SECRET = "tester", "s3cr3t/with+signs="

with tempfile.TemporaryDirectory(prefix="sdp-integration.") as work:
    folder = os.path.join(work, "s3")
    os.makedirs(os.path.join(folder, "bucket"))
    server, port = s3_server(folder, KEY, SECRET)
    try:
        paths_product.run(work, {"S3_BUCKET": "bucket", "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET,
                                 "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"})
    finally:
        server.kill()
        server.wait()
end()
