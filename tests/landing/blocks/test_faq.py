"""Questions that unfold."""

import pytest

from landing.visitors import SAMPLE
from tests.landing.blocks.showing import refused, shown


def test_questions_unfold_without_a_script():
    html = shown("faq", {"questions": [{"question": "Why?", "answer": "<p>So, {first_name|you}.</p>"}]}, visitor=SAMPLE)

    assert ("<details>" in html, "<summary>Why?</summary>" in html, "<p>So, Camille.</p>" in html) == (True,) * 3


@pytest.mark.parametrize("questions", [[], [{"question": "", "answer": "<p>x</p>"}], [{"question": "x", "answer": ""}]])
def test_a_question_has_words_and_an_answer(questions):
    assert refused("faq", {"questions": questions})
