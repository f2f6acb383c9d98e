"""On what a measurement was made: a figure without it says nothing."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def facts() -> dict[str, Any]:
    """Of this moment: call it when the measurement is over, so that the load is the one it was made under."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    version = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return {
        "cores": os.cpu_count(),
        "cpu": next((line.partition(": ")[2] for line in lines if line.startswith("model name")), ""),
        "python": platform.python_version(),
        "load_1_5_15": [round(each, 1) for each in os.getloadavg()],
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": version.stdout.strip(),
    }
