import json
import subprocess
import sys
from pathlib import Path

from tests.corpora.hours import make

ROOT = Path(__file__).parent.parent.parent
HEAD = "number,postcode,instant_utc,policy,expected\n"


def bench(*words: str) -> tuple[int, dict]:
    done = subprocess.run([sys.executable, "-m", "bench.hours", *words], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    return done.returncode, json.loads(done.stdout)


def test_every_committed_case_is_right():
    code, told = bench()

    assert (code, told["wrong"], told["right"] >= 500) == (0, 0, True)


def test_a_wrong_case_is_shown_and_fails(tmp_path):
    cases = tmp_path / "cases.csv"
    night, day = (
        "+33612345678,75011,2026-11-24T20:59:59Z,prudent,",
        "0692123456,,2026-11-24T04:00:00+00:00,prudent,send",
    )
    cases.write_text(f"{HEAD}{night}send\n{day}\n")

    code, told = bench("--cases", str(cases))

    assert (code, told["cases"], told["right"]) == (1, 2, 1)
    assert [case["answered"] for case in told["wrong_cases"]] == ["hold"]


def test_the_committed_cases_are_those_of_the_tables():
    written = (ROOT / "tests/corpora/hours/cases.csv").read_text().splitlines()[1:]

    assert written == [",".join(case) for case in dict.fromkeys(make.cases())]
