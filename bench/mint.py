"""Short codes made by one process, as a campaign's codes are made: numbers in, text out, nothing kept.

`python -m bench.mint --codes 1000000`. Promises: 200,000 codes a second, and memory that stays flat.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections import deque

from shortlinks.codes import CHUNK, Codes

LEAST_PER_SECOND = 200_000
MOST_GROWTH_MB = 16.0
# So many codes are enough for memory to reach its height.
WARM_UP = 2 * CHUNK
SAMPLES = 1_000
# The best counts: what else the machine does can only slow us.
TRIES = 3


def run(count: int) -> dict[str, object]:
    codes = Codes(os.urandom(16))
    make(codes, WARM_UP)
    height = peak_mb()
    seconds, cpu = min(timed(codes, count) for _ in range(TRIES))
    growth, step = peak_mb() - height, max(1, count // SAMPLES)
    numbers = range(0, count, step)
    reads_back = [codes.decode(code) for code in codes.encode_many(numbers)] == list(numbers)
    broken = [
        promise
        for promise, is_kept in (
            (f"{LEAST_PER_SECOND} codes a second", count / seconds >= LEAST_PER_SECOND),
            ("memory stays flat", growth <= MOST_GROWTH_MB),
            ("every code means its number", reads_back),
        )
        if not is_kept
    ]
    return {
        "bench": "mint",
        "codes": count,
        "seconds": round(seconds, 3),
        "codes_per_second": round(count / seconds),
        "cpu_us_per_code": round(cpu * 1e6 / count, 2),
        "peak_memory_mb": round(peak_mb(), 1),
        "memory_growth_mb": round(growth, 1),
        "broken_promises": broken,
    }


def timed(codes: Codes, count: int) -> tuple[float, float]:
    """Seconds by the clock, and of processor time."""
    started, cpu_started = time.perf_counter(), time.process_time()
    make(codes, count)
    return time.perf_counter() - started, time.process_time() - cpu_started


def make(codes: Codes, count: int) -> None:
    """The first `count` codes, each dropped as soon as it is made."""
    deque(codes.encode_many(range(count)), maxlen=0)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--codes", type=int, default=1_000_000)
    outcome = run(parser.parse_args().codes)
    print(json.dumps(outcome))
    return 1 if outcome["broken_promises"] else 0


if __name__ == "__main__":
    sys.exit(main())
