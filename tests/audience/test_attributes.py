from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audience.attributes import BadValue, Kind, read_date, read_value, show_value, slug_of
from audience.models import Attribute


def attribute(kind, choices=()):
    return Attribute(label="Loyalty", slug="loyalty", kind=kind, choices=list(choices))


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        (Kind.TEXT, "  gold ", "gold"),
        (Kind.TEXT, " ", None),
        (Kind.NUMBER, "1 234,5", 1234.5),
        (Kind.NUMBER, "12", 12),
        (Kind.NUMBER, "-3.0", -3),
        (Kind.DATE, "31/12/1990", "1990-12-31"),
        (Kind.DATE, "1990-12-31", "1990-12-31"),
        (Kind.DATE_TIME, "31/12/2026 14h30", "2026-12-31T14:30"),
        (Kind.DATE_TIME, "31/12/2026 à 9:05", "2026-12-31T09:05"),
        (Kind.DATE_TIME, "2026-12-31T14:30:59", "2026-12-31T14:30"),
        (Kind.DATE_TIME, "2026-12-31 14:30", "2026-12-31T14:30"),
        (Kind.YES_NO, "Oui", True),
        (Kind.YES_NO, "no", False),
        (Kind.CHOICE, "RED", "Red"),
    ],
)
def test_a_value_is_read_as_people_write_it(kind, written, kept):
    assert read_value(attribute(kind, ["Red", "Blue"]), written) == kept


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (Kind.TEXT, "x" * 201),
        (Kind.NUMBER, "twelve"),
        (Kind.NUMBER, "NaN"),
        (Kind.NUMBER, "1e400"),
        (Kind.DATE, "31/02/1990"),
        (Kind.DATE, "2026-13-01"),
        (Kind.DATE, "33000"),
        (Kind.DATE_TIME, "31/12/2026"),
        (Kind.DATE_TIME, "2026-12-31"),
        (Kind.DATE_TIME, "31/12/2026 25:00"),
        (Kind.DATE_TIME, "0001-01-01T00:00+99:00"),
        (Kind.YES_NO, "perhaps"),
        (Kind.CHOICE, "Green"),
    ],
)
def test_a_value_of_another_kind_is_refused_without_repeating_it(kind, written):
    with pytest.raises(BadValue) as refusal:
        read_value(attribute(kind, ["Red", "Blue"]), written)

    assert written not in str(refusal.value.reason)


@settings(max_examples=100)
@given(st.dates(min_value=date(1000, 1, 1)))
def test_dates_are_read_in_both_orders(day):
    assert read_date(day.isoformat()) == read_date(f"{day:%d/%m/}{day.year}") == day


@settings(max_examples=200)
@given(st.sampled_from(list(Kind)), st.text(max_size=300))
def test_any_text_is_either_a_value_or_refused(kind, written):
    try:
        value = read_value(attribute(kind, ["Red"]), written)
    except BadValue:
        return

    assert isinstance(show_value(attribute(kind), value), str)


@pytest.mark.parametrize(
    ("label", "slug"), [("Carte de fidélité", "carte_de_fidelite"), ("2e magasin", "a_2e_magasin"), ("!", "a_")]
)
def test_a_slug_is_a_key_that_starts_with_a_letter(label, slug):
    assert slug_of(label) == slug


def test_a_moment_of_another_zone_is_read_on_the_workspaces_clock(workspace):
    visit = attribute(Kind.DATE_TIME)
    visit.workspace = workspace

    assert read_value(visit, "2026-07-01T12:30:00Z") == "2026-07-01T14:30"
