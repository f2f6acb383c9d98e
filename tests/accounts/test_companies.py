import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.companies import check_company_number, compact, in_words


@pytest.mark.parametrize(
    "written", ["732 829 320", "732829320", "732 829 320 00074", "356.000.000", "356 000 000 00048"]
)
def test_numbers_of_companies_are_taken_as_people_write_them(written):
    check_company_number(compact(written))


@pytest.mark.parametrize("written", ["732829321", "73282932", "732829320 000", "FR73282932000", "٧٣٢٨٢٩٣٢٠", "1"])
def test_what_is_no_company_number_is_refused(written):
    with pytest.raises(ValidationError):
        check_company_number(compact(written))


def test_a_number_is_shown_in_groups():
    shown = [in_words(number) for number in ("732829320", "73282932000074", "")]

    assert shown == ["SIREN\xa0732\xa0829\xa0320", "SIRET\xa0732\xa0829\xa0320\xa000074", ""]


@given(st.text("0123456789", min_size=8, max_size=8), st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(first, place, change):
    [right] = [digit for digit in "0123456789" if is_right(first + digit)]
    wrong = first[:place] + str((int(first[place]) + change) % 10) + first[place + 1 :]

    assert not is_right(wrong + right)


def is_right(number):
    try:
        check_company_number(number)
    except ValidationError:
        return False
    return True
