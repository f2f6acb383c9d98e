"""A workspace's catalogue, a segment's rules and its people."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django_scopes import scope

from accounts.models import Workspace
from audience import registry
from audience.models import Contact, Segment
from audience.segments.conditions import Catalogue, Condition, Moment
from audience.segments.library import BUILT_IN
from audience.segments.library.attributes import attribute_conditions
from audience.segments.rules import Group, parse


def catalogue_of(workspace: Workspace) -> Catalogue:
    """What a segment of this workspace may ask; run it inside the workspace's scope."""
    return Catalogue(workspace, _conditions(workspace))


def _conditions(workspace: Workspace) -> Iterator[Condition]:
    yield from BUILT_IN
    yield from attribute_conditions(workspace)
    yield from registry.conditions.values()


def rules_of(segment: Segment, catalogue: Catalogue | None = None) -> Group:
    """Raises BadRules where a rule speaks of something that is gone."""
    return parse(segment.rules, catalogue or catalogue_of(segment.workspace))


def contacts_matching(rules: Group, *, workspace: Workspace, now: datetime) -> QuerySet[Contact]:
    """Everybody whom the rules mean at this moment; one query, run inside the workspace's scope."""
    return Contact.objects.filter(rules.compile(Moment(workspace, now)))


def segment_contacts(segment: Segment, now: datetime) -> QuerySet[Contact]:
    """Everybody in the segment at this moment, in one query. Raises BadRules."""
    with scope(workspace=segment.workspace):
        return contacts_matching(rules_of(segment), workspace=segment.workspace, now=now)


def parse_for(workspace: Workspace, data: Any) -> Group:
    """Rules as somebody just wrote them. Raises BadRules."""
    return parse(data, catalogue_of(workspace))
