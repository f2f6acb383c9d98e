from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlinks.codes import LONG
from shortlinks.services import reserve_range
from shortlinks.visits import Visit, VisitCipher, make_visit_token, read_visit
from tests.factories import TUESDAY, make_domain, make_link


@given(st.binary(min_size=16, max_size=16), st.integers(0, LONG.end - 1), st.integers(0, 2**32 - 1))
def test_a_token_opens_to_what_was_sealed(key, number, seconds):
    cipher = VisitCipher(key)

    token = cipher.seal(number, seconds)

    assert cipher.open(token) == (number, seconds)
    assert len(token) <= 24
    assert token.replace("-", "").replace("_", "").isalnum()


@given(st.text(max_size=30))
def test_no_text_made_up_opens(token):
    assert VisitCipher(b"k" * 16).open(token) is None


@pytest.fixture
def link(workspace):
    """A link whose positions 0 to 9 are numbers 3 to 12."""
    reserve_range(link=make_link(workspace), size=3, now=TUESDAY)
    link = make_link(workspace)
    reserve_range(link=link, size=10, now=TUESDAY)
    return link


def test_a_visit_names_link_and_position_for_half_an_hour(workspace, link):
    token = make_visit_token(domain=link.domain, number=7, now=TUESDAY)

    visits = [
        read_visit(workspace=workspace, token=token, now=TUESDAY + timedelta(minutes=minutes))
        for minutes in (-5, 0, 30, 31)
    ]

    assert visits == [None, Visit(link, 4), Visit(link, 4), None]


def test_a_token_of_any_domain_of_the_workspace_is_read(workspace, link):
    second = make_link(workspace, domain=make_domain(workspace, "second.example"))
    reserve_range(link=second, size=1, now=TUESDAY)

    token = make_visit_token(domain=second.domain, number=0, now=TUESDAY)

    assert read_visit(workspace=workspace, token=token, now=TUESDAY) == Visit(second, 0)


def test_a_token_says_nothing_to_another_workspace(link, other_workspace):
    reserve_range(link=make_link(other_workspace), size=100, now=TUESDAY)

    token = make_visit_token(domain=link.domain, number=7, now=TUESDAY)

    assert read_visit(workspace=other_workspace, token=token, now=TUESDAY) is None


def test_an_altered_token_and_a_number_without_a_link_are_nobody(workspace, link):
    token = make_visit_token(domain=link.domain, number=7, now=TUESDAY)
    altered = ("A" if token[0] != "A" else "B") + token[1:]
    nobody = make_visit_token(domain=link.domain, number=13, now=TUESDAY)

    visits = [read_visit(workspace=workspace, token=each, now=TUESDAY) for each in (altered, nobody, "", "é" * 22)]

    assert visits == [None, None, None, None]
