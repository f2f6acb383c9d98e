"""CPU time and memory of processes and their children, from /proc."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """The process and all its descendants."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(relative for child in children for relative in family(int(child)))]


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


def find(text: str) -> int:
    """The oldest process whose command line holds the text."""
    pids = sorted(int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    return next(pid for pid in pids if pid != os.getpid() and text in _command_line_or_nothing(pid))


def cpu_seconds(pids: list[int]) -> float:
    """User and system time, of children that have ended too."""
    return sum(map(_cpu_seconds, pids))


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / TICKS


def most_memory_mb(pid: int) -> int:
    """What the process had resident at its fullest."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) // 1024


def _command_line_or_nothing(pid: int) -> str:
    try:
        return command_line(pid)
    except OSError:
        return ""
