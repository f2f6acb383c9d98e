import pytest

from integrations.outcomes import in_words


@pytest.mark.parametrize(
    "outcome", ["", "sent", "sent; unreadable events: 2", "unreadable: 100% of total is missing.", "of a newer version"]
)
def test_outcome_is_told_sentence_by_sentence_and_names_of_fields_as_they_are(outcome):
    assert in_words(outcome) == outcome
