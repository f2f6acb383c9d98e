import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audience.phone import Mobile, NotAMobile, canonical, lost_its_zero, mask, parse_mobile, parse_mobile_thoroughly

CAMILLE = Mobile("+33639980042", "FR", "Europe/Paris")


@pytest.mark.parametrize(
    "written",
    [
        "0639980042",
        "06 39 98 00 42",
        "06.39.98.00.42",
        "06-39-98-00-42",
        "06\u00a039\u202f98\u00a000\u00a042",
        "+33639980042",
        "+33 (0)6 39 98 00 42",
        "0033639980042",
        "33639980042",
        "639980042",
        "639980042.0",
        "'0639980042",
        "\u202a+33639980042\u202c",
        "0639980042",
    ],
)
def test_a_mobile_is_read_as_people_and_spreadsheets_write_it(written):
    assert parse_mobile(written, "FR") == CAMILLE


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("0690123456", Mobile("+590690123456", "GP", "America/Guadeloupe")),
        ("0696201234", Mobile("+596696201234", "MQ", "America/Martinique")),
        ("0694201234", Mobile("+594694201234", "GF", "America/Cayenne")),
        ("0692123456", Mobile("+262692123456", "RE", "Indian/Reunion")),
        ("0639012345", Mobile("+262639012345", "YT", "Indian/Mayotte")),
        ("262692123456", Mobile("+262692123456", "RE", "Indian/Reunion")),
        ("+687750123", Mobile("+687750123", "NC", "Pacific/Noumea")),
        ("+68987123456", Mobile("+68987123456", "PF", "Pacific/Tahiti")),
        ("+508551234", Mobile("+508551234", "PM", "America/Miquelon")),
    ],
)
def test_overseas_numbers_get_their_own_territory_and_time_zone(written, expected):
    assert parse_mobile(written, "FR") == expected


def test_the_country_of_the_workspace_goes_first():
    assert parse_mobile("0470123456", "BE") == Mobile("+32470123456", "BE", "Europe/Brussels")


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "There is no number."),
        ("   ", "There is no number."),
        ("Camille", "A number has digits only."),
        ("06 39 98 00 42 (Marie)", "A number has digits only."),
        ("()", "This is not a phone number."),
        ("36180", "The number is too short."),
        ("06399800", "The number is too short."),
        ("06 39 98 00 42 06 39 98 00 43", "The number is too long."),
        ("01 42 68 53 00", "This is a landline: SMS go to mobile numbers only."),
        ("0690000000000", "The number is too long."),
        ("06 00 00 00 00 / 06 00 00 00 01", "The number is too long."),
        (
            "6.12E+08",
            "Excel has shortened this number and its last digits are lost: format the column as text, export again.",
        ),
        (
            "6,39980042E+8",
            "Excel has shortened this number and its last digits are lost: format the column as text, export again.",
        ),
    ],
)
def test_what_is_not_a_mobile_is_refused_with_a_reason(written, reason):
    from django.utils import translation

    with translation.override("en"), pytest.raises(NotAMobile) as refusal:
        parse_mobile(written, "FR")

    assert str(refusal.value.reason) == reason


@given(st.integers(0, 9999))
def test_every_number_of_the_fiction_range_is_a_mobile_of_mainland_france(last):
    assert parse_mobile(f"063998{last:04}", "FR") == Mobile(f"+3363998{last:04}", "FR", "Europe/Paris")


@given(st.text(alphabet="0123456789+ ().-eE,aé\u00a0\u200b", max_size=24))
@example("+")
@example("0" * 24)
def test_any_text_is_a_valid_mobile_or_refused_by_name(text):
    try:
        mobile = parse_mobile(text, "FR")
    except NotAMobile as refusal:
        assert str(refusal.reason)
    else:
        assert mobile.e164.startswith("+3363998") or phonenumbers.is_valid_number(phonenumbers.parse(mobile.e164))
        assert parse_mobile(mobile.e164, "FR") == mobile


@given(st.from_regex(r"(0|\+33|0033|33)?[ .]?[1-9]([ .-]?[0-9]){8}", fullmatch=True))
@example("06 00 00 00 00")
@example("0700000000")
@example("0692123456")
def test_the_short_way_for_plain_french_mobiles_reads_as_the_long_one(written):
    def read(parse):
        try:
            return parse(written, "FR")
        except NotAMobile as refusal:
            return refusal.code

    assert read(parse_mobile) == read(parse_mobile_thoroughly)


@pytest.mark.parametrize(
    ("written", "is_lost"),
    [("639980042", True), ("639980042.0", True), ("0639980042", False), ("33639980042", False), ("240123456", True)],
)
def test_a_number_that_lost_its_zero_is_told(written, is_lost):
    assert lost_its_zero(written, "FR") is is_lost
    assert not lost_its_zero(written, "BE")


def test_a_refusal_never_repeats_the_number():
    with pytest.raises(NotAMobile) as refusal:
        parse_mobile("01 42 68 53 00", "FR")

    assert "42" not in str(refusal.value)


def test_an_opposition_from_an_odd_number_keeps_what_was_given():
    assert canonical(" 36180 ", "FR") == "36180"
    assert canonical("06 39 98 00 42", "FR") == "+33639980042"
    assert canonical("+330639980042", "FR") == "+33639980042"
    assert canonical("01 42 68 53 00", "FR") == "+33142685300"


@pytest.mark.parametrize(
    ("e164", "masked"),
    [
        ("+33639980042", "+33 6 •• •• •• 42"),
        ("+262692123456", "+262 6 •• •• •• 56"),
        ("36180", "••"),
    ],
)
def test_mask_keeps_the_prefix_and_the_last_two_digits(e164, masked):
    assert mask(e164) == masked


@pytest.mark.parametrize("raw", ["+870301234567", "+881612345678", "+8823421234"])
def test_a_phone_without_a_country_is_refused(raw):
    """A satellite phone may be anywhere: nobody knows what hour it is there."""
    with pytest.raises(NotAMobile):
        parse_mobile(raw, "FR")


@pytest.mark.parametrize(
    ("number", "zone"),
    [
        ("+34612345678", "Europe/Madrid"),  # and not the Canary Islands, which come first in the alphabet
        ("+351912345678", "Europe/Lisbon"),
        ("+61412345678", "Australia/Sydney"),
        ("+12684641234", "America/Antigua"),
        ("+12125551234", "America/New_York"),
    ],
)
def test_where_a_country_has_several_zones_most_people_count(number, zone):
    assert parse_mobile(number, "FR").time_zone == zone
