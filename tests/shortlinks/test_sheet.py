import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django_scopes import scope
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shortlinks.models import ShortLink
from shortlinks.sheet import MOST_LINES, BadSheet, make_links, read_sheet
from tests.factories import make_domain, make_link, make_member

SEVERAL = reverse("shortlinks_links:several")
SHOP = "https://shop.example/"


@pytest.fixture
def domain(workspace):
    return make_domain(workspace)


def verdicts(text, domain):
    return {line.number: bool(line.link) for line in read_sheet(text, domain=domain)}


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_lines_become_links_whatever_parts_their_cells(domain, delimiter):
    text = delimiter.join(["Poster", "Soldes", SHOP, "2026-12-01", "31/01/2027"])

    [link] = make_links(
        read_sheet(f"label{delimiter}alias\n{text}\n\n", domain=domain), by=make_member(domain.workspace)
    )

    assert (link.label, link.alias, link.target_url) == ("Poster", "soldes", SHOP)
    assert [f"{moment:%Y-%m-%d %H:%M %z}" for moment in (link.starts_at, link.expires_at)] == [
        "2026-12-01 00:00 +0100",
        "2027-01-31 00:00 +0100",
    ]


def test_each_line_has_a_verdict_of_its_own_and_nothing_is_made(domain):
    make_link(domain.workspace, alias="taken")
    text = (
        f"A;fine;{SHOP}\nB;taken;{SHOP}\n;x;{SHOP}\nD;fine;{SHOP}\nE;e;javascript:alert(1)\nF;é;{SHOP}\nG;g;{SHOP};soon"
    )

    found = verdicts(text, domain)

    assert found == {1: True, 2: False, 3: False, 4: False, 5: False, 6: False, 7: False}
    with scope(workspace=domain.workspace):
        assert ShortLink.objects.count() == 1


@pytest.mark.parametrize("text", ["", "\n\n", "label;alias;address", "x;y;z\n" * (MOST_LINES + 1), "x" * 600_000])
def test_what_is_no_sheet_is_refused_with_a_reason(domain, text):
    with pytest.raises(BadSheet):
        read_sheet(text, domain=domain)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(domain, text):
    try:
        lines = read_sheet(text, domain=domain)
    except BadSheet:
        return
    assert all(line.link or line.problems for line in lines)


def test_the_page_shows_verdicts_first_and_makes_the_good_ones_after(owner_client, workspace, domain):
    lines = f"Poster;vitrine;{SHOP}\nBad;vitrine;{SHOP}"

    shown = owner_client.post(SEVERAL, {"domain": domain.pk, "lines": lines})
    with scope(workspace=workspace):
        before = ShortLink.objects.count()
    owner_client.post(SEVERAL, {"domain": domain.pk, "lines": lines, "make": "1"})

    assert (shown.context["good"], before) == (1, 0)
    with scope(workspace=workspace):
        assert [link.alias for link in ShortLink.objects.all()] == ["vitrine"]


def test_a_windows_file_keeps_its_accents(owner_client, domain):
    file = SimpleUploadedFile("liens.csv", f"Étiquette;vitrine;{SHOP}".encode("cp1252"))

    response = owner_client.post(SEVERAL, {"domain": domain.pk, "file": file})

    assert response.context["lines"][0].cells["label"] == "Étiquette"


def test_nobody_makes_links_on_a_neighbours_domain(owner_client, domain, other_workspace):
    theirs = make_domain(other_workspace)

    response = owner_client.post(SEVERAL, {"domain": theirs.pk, "lines": f"A;a;{SHOP}", "make": "1"})

    assert list(response.context["form"].errors) == ["domain"]
    with scope(workspace=other_workspace):
        assert ShortLink.objects.count() == 0
