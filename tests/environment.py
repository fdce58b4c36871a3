"""Loaded before Django reads its settings: a data folder and a key of our own, one thread, no channel of the caller's."""

from __future__ import annotations

import atexit
import base64
import os
import shutil
import tempfile
from urllib.parse import urlsplit

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ[_name] = "1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["RASA_TELEMETRY_ENABLED"] = "false"
for _name in [name for name in os.environ if name.startswith("LANTERN_") and not name.startswith("LANTERN_TEST_")]:
    del os.environ[_name]
os.environ["LANTERN_DATA"] = tempfile.mkdtemp(prefix="lantern-test-")
os.environ["LANTERN_MASTER_KEY"] = base64.b64encode(bytes(range(32))).decode()
if "REDIS_URL" in os.environ:  # tests that run side by side must not hear each other's signals
    _worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{_worker}").geturl()
atexit.register(shutil.rmtree, os.environ["LANTERN_DATA"], ignore_errors=True)
