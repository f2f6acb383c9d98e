"""Blocks that some people see."""

import pytest
from django_scopes import scope

from audience.models import Segment
from landing.blocks import all_blocks
from landing.models import LandingPage
from landing.visitors import ANYONE, SAMPLE, Visitor
from tests.factories import make_contact
from tests.landing.blocks.showing import refused, shown


def only_for(**choices: str) -> dict:
    return {**choices, "blocks": [{"type": "text", "value": {"heading": "Secret", "body": ""}}]}


@pytest.mark.parametrize(
    ("who", "visitor", "is_shown"),
    [
        ("recipient", SAMPLE, True),
        ("recipient", ANYONE, False),
        ("anyone", SAMPLE, False),
        ("anyone", ANYONE, True),
        ("", ANYONE, True),
    ],
)
def test_what_is_not_for_somebody_is_not_in_their_page(who, visitor, is_shown):
    assert ("Secret" in shown("only_for", only_for(who=who), visitor=visitor)) == is_shown


@pytest.mark.parametrize(("language", "is_shown"), [("fr", False), ("en", True)])
def test_a_language_is_the_recipients(language, is_shown):
    visitor = Visitor(contact_id=1, language="en")

    assert ("Secret" in shown("only_for", only_for(language=language), visitor=visitor)) == is_shown


@pytest.mark.parametrize(("page", "said"), [("fr", ' lang="en"'), ("en", "")])
def test_what_is_in_another_language_than_the_page_says_so(page, said):
    html = shown("only_for", only_for(language="en"), visitor=Visitor(language="en"), language=page)

    assert f'<section{said} aria-labelledby="a-1">' in html


def test_blocks_for_a_segment_are_shown_to_those_who_belong_to_it_now(workspace, other_workspace):
    rules = {"match": "all", "rules": [{"about": "city", "is": "equals", "values": ["Nantes"]}]}
    with scope(workspace=workspace):
        near, far = (make_contact(workspace, f"+3363998000{n}", city=city) for n, city in ((1, "Nantes"), (2, "Lyon")))
        segment = Segment.objects.create(workspace=workspace, name="Near", rules=rules)
        value = only_for(segment=str(segment.pk))

        seen = [
            "Secret" in shown("only_for", value, visitor=visitor)
            for visitor in (Visitor(contact_id=near.pk), Visitor(contact_id=far.pk), ANYONE)
        ]

    with scope(workspace=other_workspace):
        elsewhere = "Secret" in shown("only_for", value, visitor=Visitor(contact_id=near.pk))
        assert refused("only_for", value)
    assert (seen, elsewhere) == ([True, False, False], False)


@pytest.mark.django_db
def test_a_segment_that_is_gone_or_broken_has_nobody(in_workspace):
    contact = make_contact(in_workspace)
    broken = Segment.objects.create(workspace=in_workspace, name="Broken", rules={"match": "all", "rules": [{}]})

    seen = [
        "Secret" in shown("only_for", only_for(segment=key), visitor=Visitor(contact_id=contact.pk))
        for key in ("999999", str(broken.pk))
    ]

    assert seen == [False, False]


def test_blocks_inside_of_others_are_found():
    stream = LandingPage.body.field.stream_block.to_python([{"type": "only_for", "value": only_for()}])

    assert [child.block_type for child in all_blocks(stream)] == ["only_for", "text"]
