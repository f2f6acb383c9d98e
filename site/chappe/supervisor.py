"""Runs the product's processes as children of one command: restarts what dies, stops all together."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

STOP_SECONDS = 15
# A child that lives shorter than this was not started, it crashed: wait longer before the next try.
HEALTHY_SECONDS = 10
LONGEST_WAIT_SECONDS = 30
# linux/prctl.h
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One process to keep alive."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0
    start_at: float = 0
    wait_seconds: float = field(default=1)

    def start(self, environment: Mapping[str, str]) -> None:
        # A session of its own: Ctrl-C reaches the supervisor alone, which then stops the children in order.
        self.process = subprocess.Popen(
            self.command,
            env=dict(environment),
            start_new_session=True,
            preexec_fn=stop_with(os.getpid()),  # noqa: PLW1509  (the supervisor has one thread)
        )
        self.started_at = time.monotonic()

    def look_after(self, environment: Mapping[str, str]) -> None:
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.start(environment)
        elif (code := self.process.poll()) is not None:
            self.wait_seconds = (
                1 if now - self.started_at > HEALTHY_SECONDS else min(self.wait_seconds * 2, LONGEST_WAIT_SECONDS)
            )
            self.process, self.start_at = None, now + self.wait_seconds
            sys.stderr.write(f"{self.name} ended with {code}; starting it again in {self.wait_seconds:.0f} s\n")

    def stop(self, deadline: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def stop_with(parent: int) -> Callable[[], None] | None:
    """For a child between fork and exec: the kernel asks it to stop when we die, also by `kill -9`. Linux only."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # too late to be told
            os.kill(os.getpid(), signal.SIGTERM)

    return ask


def supervise(children: Sequence[Child], environment: Mapping[str, str]) -> None:
    """Keep all children alive until SIGINT, SIGTERM or SIGHUP; then stop them, and return when they are gone."""
    asked: list[int] = []

    # It only takes note: an exception could come between a child's birth and our knowing it, or twice.
    def on_signal(number: int, frame: FrameType | None) -> None:
        asked.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    try:
        while not asked:
            for child in children:
                child.look_after(environment)
            time.sleep(0.2)
    finally:
        stop_all(children)


def stop_all(children: Sequence[Child]) -> None:
    running = [child for child in children if child.process is not None]
    for child in running:
        assert child.process is not None
        child.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for child in running:
        child.stop(deadline)
