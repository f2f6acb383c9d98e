"""An alias and a code never share an address: whichever comes second gives way."""

import pytest
from django_scopes import scope

from shortlinks.codes import Codes
from shortlinks.models import ShortDomain
from shortlinks.queries import codes_at, numbers_at
from shortlinks.services import AliasIsACode, publish_link, reserve_range
from tests.factories import TUESDAY, make_domain, make_link


def with_lower_case_code(domain, size):
    """A number whose code an alias can spell: the domain counts on from there."""
    codes = Codes(domain.key)
    number = next(n for n in range(10**6) if codes.encode(n).islower() or codes.encode(n).isdigit())
    with scope(workspace=domain.workspace):
        ShortDomain.objects.filter(pk=domain.pk).update(next_number=max(number - size // 2, 0))
    return number, codes.encode(number)


def named(link, alias):
    link.alias = alias
    return link


def test_an_alias_that_is_a_code_in_a_sent_message_is_refused(workspace):
    domain = make_domain(workspace)
    campaign, poster = make_link(workspace), make_link(workspace, label="Poster")
    _, code = with_lower_case_code(domain, 10)
    reserve_range(link=campaign, size=10, now=TUESDAY)

    with pytest.raises(AliasIsACode):
        publish_link(link=named(poster, code))


def test_the_same_alias_is_free_on_another_domain(workspace, other_workspace):
    domain = make_domain(workspace)
    make_domain(other_workspace, host="go.breton.example")
    _, code = with_lower_case_code(domain, 10)
    reserve_range(link=make_link(workspace), size=10, now=TUESDAY)

    assert publish_link(link=named(make_link(other_workspace), code)).alias == code


def test_a_range_leaves_out_the_code_that_an_alias_spells(workspace):
    domain = make_domain(workspace)
    number, code = with_lower_case_code(domain, 10)
    publish_link(link=named(make_link(workspace, label="Poster"), code))
    campaign = make_link(workspace)

    reserve_range(link=campaign, size=10, now=TUESDAY)
    reserve_range(link=campaign, size=10, now=TUESDAY)

    numbers = numbers_at(link=campaign, positions=range(20))
    assert list(numbers.values()) == list(range(number + 1, number + 21))
    assert code not in codes_at(link=campaign, positions=range(20)).values()


@pytest.mark.parametrize("alias", ["soldes", "noel-2026", "soldes7", "noel2026"])
def test_ordinary_aliases_are_free(workspace, alias):
    reserve_range(link=make_link(workspace), size=1000, now=TUESDAY)

    assert publish_link(link=named(make_link(workspace, label="Poster"), alias)).alias == alias


def test_the_form_says_so(owner_client, workspace):
    domain = make_domain(workspace)
    _, code = with_lower_case_code(domain, 10)
    reserve_range(link=make_link(workspace), size=10, now=TUESDAY)
    typed = {"label": "Poster", "domain": domain.pk, "alias": code, "target_url": "https://shop.example/"}

    response = owner_client.post("/admin/links/new/", typed)

    assert response.context["form"].errors["alias"] == [
        "This is a code in messages that were sent. Add a letter or a hyphen."
    ]
