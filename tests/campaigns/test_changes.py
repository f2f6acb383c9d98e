from hypothesis import given
from hypothesis import strategies as st

from campaigns.changes import Change, changes_between


def test_words_that_change_are_shown_with_what_they_become():
    changes = list(changes_between("L’hiver est là 🎉", "L'hiver est là"))

    assert changes == [Change("L’hiver", "L'hiver"), Change(" est là", " est là"), Change(" 🎉", "")]


@given(st.text(), st.text())
def test_the_two_sides_are_the_two_texts(before, after):
    changes = list(changes_between(before, after))

    assert "".join(change.before for change in changes) == before
    assert "".join(change.after for change in changes) == after


def test_a_text_that_repeats_itself_is_compared_word_by_word():
    changes = list(changes_between("a ’ " * 1_200, "a ' " * 1_200))

    assert [(change.before, change.after) for change in changes[1:4]] == [(" ’", " '"), (" a", " a"), (" ’", " '")]
    assert len([change for change in changes if not change.is_same]) == 1_200


def test_texts_that_have_nothing_in_common_are_one_change():
    before, after = "un " * 50, "two " * 50

    assert list(changes_between(before, after)) == [Change(before, after)]
