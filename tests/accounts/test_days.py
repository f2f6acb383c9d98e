from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from accounts.days import in_words


@pytest.mark.parametrize(
    ("language", "day", "pattern", "words"),
    [
        ("fr", date(2026, 3, 1), "j F Y", "1er mars 2026"),
        ("fr", date(2026, 3, 1), "DATE_FORMAT", "1er mars 2026"),
        ("fr", date(2026, 3, 11), "j F Y", "11 mars 2026"),
        ("fr", date(2026, 3, 1), "d/m/Y", "01/03/2026"),
        ("en", date(2026, 3, 1), "j F Y", "1 March 2026"),
    ],
)
def test_french_counts_the_first_of_a_month(language, day, pattern, words):
    with translation.override(language):
        assert in_words(day, pattern) == words


def test_a_template_says_a_moment_on_the_readers_clock():
    template = Template("{% load ch %}{{ at|day:'l j F, H:i' }}|{{ never|day:'j F' }}")

    with translation.override("fr"), timezone.override("Europe/Paris"):
        words = template.render(Context({"at": datetime(2026, 6, 30, 22, 30, tzinfo=UTC), "never": None}))

    assert words == "mercredi 1er juillet, 00:30|"
