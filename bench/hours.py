"""Is the answer right for each number, postcode and instant? `python -m bench.hours [--cases FILE]`.

Cases are CSV: `number,postcode,instant_utc,policy,expected`. `policy` is a text of messaging.law that workspaces may
choose (`prudent`, `af2m-2026`), with all the days that it tolerates; `expected` is `send` or `hold`, by the texts
themselves, without the five minutes by which a lane closes early. Ends with 1 when an answer is wrong.
"""

import argparse
import csv
import json
import os
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import phonenumbers
from phonenumbers.timezone import time_zones_for_geographical_number

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "site"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chappe.settings")
from tests import environment  # noqa: F401  (before Django reads its settings)

import django  # isort: skip

django.setup()

from audience.phone import TIME_ZONES, NotAMobile, parse_mobile  # noqa: E402
from messaging.compliance import Limits, Place, is_legal, place_at  # noqa: E402

CASES = Path(__file__).resolve().parent.parent / "tests" / "corpora" / "hours" / "cases.csv"
POLICIES = {"prudent", "af2m-2026"}
ANSWERS = {"send", "hold"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, default=CASES)
    told = judge(parser.parse_args().cases)
    print(json.dumps(told, indent=2, ensure_ascii=False))
    sys.exit(1 if told["wrong"] or not told["cases"] else 0)


def judge(path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        answers = [(case, answer(case)) for case in csv.DictReader(lines)]
    wrong = [case | {"answered": given} for case, given in answers if given != case["expected"].strip()]
    return {
        "cases": len(answers),
        "right": len(answers) - len(wrong),
        "wrong": len(wrong),
        "expected": dict(Counter(case["expected"].strip() for case, _given in answers)),
        "wrong_cases": wrong,
    }


def answer(case: dict[str, str]) -> str:
    """`send` or `hold`; what can't be read is never sent."""
    policy = case["policy"].strip()
    if policy not in POLICIES or case["expected"].strip() not in ANSWERS:
        raise SystemExit(f"Not a case: {case}")
    limits = Limits(policy, allows_sundays=True, allows_holidays=True)
    try:
        place = place_of_number(case["number"].strip(), case["postcode"].strip())
    except phonenumbers.NumberParseException:
        return "hold"
    is_allowed = is_legal(purpose="marketing", place=place, at=read_instant(case["instant_utc"]), limits=limits)
    return "send" if is_allowed else "hold"


def read_instant(written: str) -> datetime:
    at = datetime.fromisoformat(written.strip())
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def place_of_number(number: str, postcode: str) -> Place:
    """As a contact's place is found: the number says the territory, a French postcode outranks it."""
    # `+33692…` is what a hasty import makes of Réunion's `0692…`.
    for written in (number, number.replace("+33", "0", 1)):
        try:
            mobile = parse_mobile(written, "FR")
        except NotAMobile:
            continue
        return place_at(mobile.territory, mobile.time_zone, postcode)
    return place_at(*place_of_prefix(number), postcode)


def place_of_prefix(number: str) -> tuple[str, str]:
    """Numbers that no operator has yet, and landlines: their country is known all the same."""
    parsed = phonenumbers.parse(number, "FR")
    territory = phonenumbers.region_code_for_country_code(parsed.country_code or 33)
    if territory == "RE" and str(parsed.national_number).startswith(("639", "709", "269")):
        territory = "YT"
    return territory, TIME_ZONES.get(territory) or time_zones_for_geographical_number(parsed)[0]


if __name__ == "__main__":
    main()
