"""Recipients who do not want to be followed any more: their codes go on leading somewhere, and say nothing."""

from collections.abc import Collection

from django.db import transaction
from django_scopes import scope, scopes_disabled

from shortlinks.models import Click, Confirmation, QuietNumber, ShortLink
from shortlinks.queries import numbers_at
from shortlinks.services.domains import next_version


@transaction.atomic
def forget_positions(*, link: ShortLink, positions: Collection[int]) -> int:
    """Nobody learns any more who of these positions clicks, nor who did; how many landed clicks were cut loose.

    The clicks stay, counted, as those of nobody. Every redirect process follows within two seconds; what it
    wrote to its journal before that is cut loose when it lands. Raises UnknownPosition.
    """
    with scope(workspace=link.workspace):
        link.version = next_version(link.domain_id).version
        rows = [
            QuietNumber(workspace=link.workspace, link=link, number=number, position=position)
            for position, number in numbers_at(link=link, positions=positions).items()
        ]
        QuietNumber.objects.bulk_create(rows, ignore_conflicts=True)
        Confirmation.objects.filter(link=link, position__in=positions).delete()
        return Click.objects.filter(link=link, position__in=positions).update(position=None, visitor=None)


def cut_loose_late_clicks() -> int:
    """Clicks that landed with their position while their recipient was refusing, or from a journal that came late."""
    with scopes_disabled():
        links = set(QuietNumber.objects.values_list("link", flat=True))
        return sum(_cut_loose(link_id) for link_id in links)


def _cut_loose(link_id: int) -> int:
    quiet = QuietNumber.objects.filter(link=link_id).values("position")
    return Click.objects.filter(link=link_id, position__in=quiet).update(position=None, visitor=None)
