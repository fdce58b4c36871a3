"""What every test gets: a data folder and a key of its own, no network but loopback, the clock passed in."""

from __future__ import annotations

import base64
import os
import tempfile

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ[_name] = "1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["RASA_TELEMETRY_ENABLED"] = "false"
os.environ["LANTERN_DATA"] = tempfile.mkdtemp(prefix="lantern-test-")
os.environ.setdefault("LANTERN_MASTER_KEY", base64.b64encode(bytes(range(32))).decode())
for _name in [name for name in os.environ if name.startswith(("LANTERN_TWILIO", "LANTERN_TELEGRAM", "LANTERN_PUBLIC"))]:
    del os.environ[_name]
