"""Promo codes: one for all, or one of their own for each."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from audience.models import Contact
from messaging.models import PromoCode, PromoPool
from messaging.promo import IS_FREE


class NoCodesLeft(Exception):
    """The offer has fewer codes than recipients."""


def sample_code(pool: PromoPool) -> str:
    """The code that everybody gets, or one that is as long as the longest: for counting and previews."""
    if pool.shared_code:
        return pool.shared_code
    longest = pool.codes.aggregate(length=Max(Length("code")))["length"]
    return ("CODE" * 10)[: longest or len("CODE")]


def codes_missing(*, pool: PromoPool, contacts: QuerySet[Contact]) -> int:
    """How many of them would get none."""
    if pool.shared_code:
        return 0
    free = pool.codes.filter(IS_FREE).count()
    has_one = pool.codes.filter(contact=OuterRef("pk"))
    return max(contacts.exclude(Exists(has_one)).count() - free, 0)


def assign_code(*, pool: PromoPool, contact: Contact, now: datetime) -> str:
    """The contact's code: the shared one, the one they already have, or a fresh one. Raises NoCodesLeft."""
    return assign_codes(pool=pool, contact_ids=[contact.pk], now=now)[contact.pk]


@transaction.atomic
def add_codes(*, pool: PromoPool, codes: Iterable[str]) -> int:
    """Put these codes, written as they are to be read, into the pool; how many it had not yet."""
    PromoPool.objects.select_for_update().get(pk=pool.pk)
    before = pool.codes.count()
    rows = (PromoCode(workspace_id=pool.workspace_id, pool=pool, code=code) for code in codes)
    PromoCode.objects.bulk_create(rows, ignore_conflicts=True)
    return pool.codes.count() - before


@transaction.atomic
def assign_codes(*, pool: PromoPool, contact_ids: Collection[int], now: datetime) -> dict[int, str]:
    """A code for each contact; the same one however often it is asked. Raises NoCodesLeft."""
    if pool.shared_code:
        return dict.fromkeys(contact_ids, pool.shared_code)
    PromoPool.objects.select_for_update().get(pk=pool.pk)
    mine = {pk: code for pk, code in pool.codes.filter(contact__in=contact_ids).values_list("contact", "code") if pk}
    newcomers = [pk for pk in contact_ids if pk not in mine]
    free = list(pool.codes.filter(IS_FREE).order_by("pk")[: len(newcomers)])
    if len(free) < len(newcomers):
        raise NoCodesLeft(_("“%(pool)s” has no code left: add some.") % {"pool": pool})
    for code, pk in zip(free, newcomers, strict=True):
        code.contact_id, code.assigned_at = pk, now
        mine[pk] = code.code
    PromoCode.objects.bulk_update(free, ["contact", "assigned_at"], batch_size=500)
    return mine
