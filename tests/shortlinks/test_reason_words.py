"""Whoever reads why a visit counts reads words, whichever reason the code can give."""

import ast
import inspect
import re

import pytest
from django.urls import reverse
from django.utils.translation import override
from django_scopes import scope

from shortlinks import bots
from shortlinks.bots import browsers, names
from shortlinks.bots.words import WORDS, words_of
from shortlinks.models import Verdict, VerdictChange
from shortlinks.services import verdicts
from tests.factories import TUESDAY, make_click, make_link

CODE = re.compile(r"[a-z]+(?:[-:][a-z-]+)*")


def texts_in(thing, *places):
    """The texts that stand in code of this kind, and look like a reason."""
    found = [node for node in ast.walk(ast.parse(inspect.getsource(thing))) if isinstance(node, places)]
    texts = [each.value for node in found for each in ast.walk(node) if isinstance(each, ast.Constant)]
    return {text for text in texts if isinstance(text, str) and CODE.fullmatch(text)}


def changes_in(module):
    """The reasons that second judgements are called with."""
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Call)]
    changes = [call for call in calls if getattr(call.func, "id", "") == "_change"]
    return {each.value for call in changes for each in call.args if isinstance(each, ast.Constant)}


REASONS = sorted(
    {reason for _, reason in bots.MACHINE_SIGNS}
    | set(names.ROBOTS)
    | set(browsers.DOUBTS)
    | texts_in(names.machine_name, ast.Return)
    | texts_in(browsers.human_reason, ast.Return)
    | (texts_in(browsers._evidence, ast.Return) - {"webkit"})
    | changes_in(verdicts)
)


def test_the_code_was_read():
    of_each_kind = {"head", "preview:whatsapp", "no-hints", "robot:listed", "unknown-client", "browser", "page-shown"}

    assert of_each_kind <= set(REASONS)
    assert set(WORDS) <= set(REASONS)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_reason_has_words_of_its_own(language):
    with override(language):
        words = {reason: str(words_of(reason)) for reason in REASONS}

    assert [reason for reason, said in words.items() if reason == said or ":" in said] == []
    assert len(set(words.values())) == len(words)


def test_previews_scanners_and_crawlers_are_named():
    with override("en"):
        said = [str(words_of(each)) for each in ("preview:whatsapp", "scanner:google", "crawler:bing", "preview:x")]

    assert said == ["preview by WhatsApp", "scanner of Google", "search robot of Bing", "preview by X"]


def test_a_reason_that_nobody_knows_any_more_is_shown_as_it_is():
    assert [words_of(reason) for reason in ("old-reason", "old:reason", "")] == ["old-reason", "old:reason", ""]


def test_the_page_of_a_link_says_why_and_what_was_thought_before(owner_client, workspace):
    link = make_link(workspace)
    click = make_click(link, verdict=Verdict.HUMAN, reason="page-shown")
    with scope(workspace=workspace):
        VerdictChange.objects.create(
            workspace=workspace,
            click=click,
            before=Verdict.UNSURE,
            reason_before="no-language",
            after=Verdict.HUMAN,
            reason="page-shown",
            changed_at=TUESDAY,
        )

    page = owner_client.get(reverse("shortlinks_links:page", args=[link.pk])).content.decode()

    assert "the page was shown" in page
    assert re.search(r"until [^<]+: Unsure, names no language", page)


def test_judgements_of_before_take_one_question_for_all(owner_client, workspace, django_assert_max_num_queries):
    link = make_link(workspace)
    address = reverse("shortlinks_links:page", args=[link.pk])
    owner_client.get(address)
    with scope(workspace=workspace):
        for _ in range(12):
            click = make_click(link, verdict=Verdict.UNSURE)
            before = {"before": Verdict.HUMAN, "reason_before": "browser", "after": Verdict.UNSURE}
            VerdictChange.objects.create(
                workspace=workspace, click=click, reason="too-soon-and-no-page", changed_at=TUESDAY, **before
            )

    with django_assert_max_num_queries(24):
        owner_client.get(address)
