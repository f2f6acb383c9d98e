"""The environment of a test run, set before Django reads its settings (`-p tests.environment`)."""

import base64
import os
from pathlib import Path

HOME = Path(os.environ.setdefault("CHAPPE_HOME", str(Path(__file__).resolve().parent.parent / "var" / "test")))
(HOME / "static").mkdir(parents=True, exist_ok=True)


def fixed_key(letter: str) -> str:
    return base64.b64encode(letter.encode() * 32).decode()


DEFAULTS = {
    "CHAPPE_DEBUG": "no",
    "CHAPPE_DEMO": "yes",
    "CHAPPE_SECRET_KEY": "tests-only-" * 5,
    "CHAPPE_SEAL_KEYS": f"a:{fixed_key('s')}",
    "CHAPPE_INDEX_KEY": fixed_key("i"),
    "CHAPPE_OPT_OUT_KEYS": f"a:{fixed_key('o')}",
    "CHAPPE_PROOF_KEY": fixed_key("p"),
    "CHAPPE_BASE_URL": "http://testserver",
    "CHAPPE_ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
    "CHAPPE_SIMULATOR_SECONDS": "0",
    "CHAPPE_LOG_LEVEL": "WARNING",
}
for name, value in DEFAULTS.items():
    os.environ.setdefault(name, value)

# Each worker of a parallel run has a Redis database of its own, for its cache and for its queue.
if (redis_url := os.environ.get("REDIS_URL")) and (worker := os.environ.get("PYTEST_XDIST_WORKER")):
    os.environ["REDIS_URL"] = f"{redis_url.rpartition('/')[0]}/{int(worker.removeprefix('gw')) + 1}"
