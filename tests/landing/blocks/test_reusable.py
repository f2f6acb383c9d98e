"""Blocks that are written once."""

import pytest
from django_scopes import scope

from landing.models import Piece
from tests.landing.blocks.showing import refused, shown


def test_a_piece_is_shown_by_pages_of_its_workspace_only(workspace, other_workspace):
    with scope(workspace=workspace):
        piece = Piece.objects.create(
            workspace=workspace, name="Hours", body=[("text", {"heading": "Our hours", "body": ""})]
        )
        ours = shown("reusable", {"piece": str(piece.pk)})
    with scope(workspace=other_workspace):
        theirs = shown("reusable", {"piece": str(piece.pk)})
        assert refused("reusable", {"piece": str(piece.pk)})

    assert ("Our hours" in ours, "Our hours" in theirs) == (True, False)


@pytest.mark.django_db
def test_a_piece_that_is_gone_leaves_nothing(in_workspace):
    assert shown("reusable", {"piece": "999999"}).strip() == ""
