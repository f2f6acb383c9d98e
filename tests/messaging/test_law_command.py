import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command


def told(*words: str) -> str:
    out = StringIO()
    call_command("law", *words, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("on", "charter"), [("2025-06-01", "af2m-2024"), ("2026-02-28", "af2m-2024"), ("2026-03-01", "af2m-2026")]
)
def test_the_charter_of_the_day_is_listed_and_no_other(on, charter):
    texts = json.loads(told("--on", on, "--json"))

    assert [text["slug"] for text in texts if text["kind"] == "law"] == [charter]
    assert all(text["source"] and text["checked_on"] for text in texts)


def test_a_text_is_told_with_its_dates_its_source_and_what_it_allows():
    assert told("--on", "2026-11-24").startswith(
        """In force on 2026-11-24

Prudent default (prudent)
  preset: a workspace's choice within the law, and the only one outside France
  from 2000-01-01; read on 2026-11-20
  information, marketing: mon-sat 08:00-20:00, sun closed, the recipient's time
  public holidays: closed
"""
    )
    assert """AF2M Business Messaging charter, 2026 (af2m-2026)
  law: binds whoever is in France
  from 2026-03-01; read on 2026-11-20
  information, marketing: mon-sun 08:00-21:30, the recipient's time
  public holidays: allowed
  Sundays and holidays are tolerated, not recommended.
  https://af2m.org/charte-business-messaging-2026-laf2m-renforce-les-regles-du-jeu
""" in told("--on", "2026-11-24")


def test_providers_are_listed_on_their_own_clock():
    assert "information, marketing: mon-fri 08:00-22:00, sat-sun closed, Europe/Paris time" in told()


def test_a_word_that_is_no_date_is_refused():
    with pytest.raises(CommandError):
        told("--on", "yesterday")
