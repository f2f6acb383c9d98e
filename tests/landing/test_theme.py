import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landing.colours import contrast, from_oklch, oklch
from landing.theme import EDGE, INK, LINK, SOFT, Choices, Move, Roles, css, dark_roles, light_roles, moves

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
choices = st.builds(Choices, brand=colours, accent=colours, paper=colours, ink=colours)
# The six brands that the visual language was drawn with.
FASHION = Choices("#0f4435", "#dcc49a", "#f3efe7", "#171512", voice="wide", corners="sharp")
BRANDS = [
    FASHION,
    Choices("#c22a1b", "#f6c445", "#fdf5e0", "#24150f", voice="condensed"),
    Choices("#2f2b63", "#f3a66a", "#f6f3ee", "#1b1930"),
    Choices("#a8431f", "#f6bfb4", "#fff6ef", "#2b1712", voice="serif", corners="round"),
    Choices("#2346b8", "#e2a07c", "#f3f1ea", "#16203a"),
    Choices("#0d4f5c", "#e6ae3c", "#ffffff", "#11191c", text_size="large"),
]


def assert_readable(roles: Roles) -> None:
    for ground in (roles.bg, roles.card, roles.tint):
        assert contrast(roles.ink, ground) >= INK
        assert contrast(roles.soft, ground) >= SOFT
        assert contrast(roles.link, ground) >= LINK
        assert contrast(roles.edge, ground) >= EDGE
    for text, fill in ((roles.on, roles.brand), (roles.on_pop, roles.pop), (roles.on_stage, roles.stage)):
        assert contrast(text, fill) >= 4.5


@given(choices)
@settings(max_examples=60, deadline=None)
def test_any_four_colours_give_a_readable_page_by_day(chosen):
    assert_readable(light_roles(chosen))


@given(choices)
@settings(max_examples=60, deadline=None)
def test_any_four_colours_give_a_readable_page_by_night(chosen):
    assert_readable(dark_roles(chosen))


@pytest.mark.parametrize("chosen", [Choices(*corner) for corner in (["#000000"] * 4, ["#ffffff"] * 4)])
def test_black_only_and_white_only_brands_are_readable(chosen):
    assert_readable(light_roles(chosen))
    assert_readable(dark_roles(chosen))


@given(colours)
@settings(max_examples=60, deadline=None)
def test_a_colour_survives_the_way_to_oklch_and_back(colour):
    assert contrast(from_oklch(*oklch(colour)), colour) < 1.03


@pytest.mark.parametrize("brand", BRANDS)
def test_a_brand_that_is_readable_as_it_is_keeps_its_own_colours(brand):
    roles = light_roles(brand)

    assert (roles.bg, roles.ink, roles.brand, roles.pop) == (brand.paper, brand.ink, brand.brand, brand.accent)
    assert moves(brand) == []


def test_the_marketer_is_told_what_was_moved():
    pale = Choices(brand="#f6c445")

    assert moves(pale) == [Move("link", "#f6c445", light_roles(pale).link, -33)]


def test_the_theme_is_written_as_roles_by_day_and_what_differs_by_night():
    written = css(FASHION)

    assert written.startswith(":root{--bg:#f3efe7;--card:#fcfbf8;--tint:#eee6d8;--ink:#171512;")
    assert "--wide:118%;--r:0;--rb:0" in written
    by_night = written.partition("@media(prefers-color-scheme:dark)")[2]
    assert "--bg:#14120f" in by_night
    assert "--pop" not in by_night.replace("--on-pop", "")
    assert len(written) < 800
