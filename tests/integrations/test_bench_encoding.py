import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def bench(*words: str) -> tuple[int, dict]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.encoding", *words], cwd=ROOT, stdout=subprocess.PIPE, check=False
    )
    return done.returncode, json.loads(done.stdout)


def test_random_texts_and_the_vectors_are_counted_as_both_oracles_count():
    code, told = bench("--texts", "1000")

    assert (code, told["differences"], told["random_texts"], told["cases"] >= 14) == (0, 0, 1000, True)


def test_a_case_that_is_counted_otherwise_is_shown_and_fails(tmp_path):
    right = {"text": "ê" * 71, "encoding": "ucs2", "units": 71, "parts": 2}
    wrong = {"text": "a" * 161, "encoding": "gsm7", "units": 161, "parts": 1}
    cases = tmp_path / "cases.jsonl"
    cases.write_text("".join(f"{json.dumps(case)}\n" for case in (right, wrong)))

    code, told = bench("--cases", str(cases), "--texts", "10")

    assert (code, told["cases"], told["differences"]) == (1, 2, 1)
    assert told["shown"] == [{"text": "a" * 161, "expected": ["gsm7", 161, 1], "ours": ["gsm7", 161, 2]}]
