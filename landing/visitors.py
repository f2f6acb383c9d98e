"""Who looks at a page: somebody we wrote to, by the visit token of their link, or anyone."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Workspace
from audience.queries import may_follow
from messaging.models import PromoCode, PromoPool
from messaging.queries import recipient_at
from shortlinks.visits import read_visit


@dataclass(frozen=True)
class Visitor:
    """As much as a page may know: a first name and, through the contact, their own promo codes."""

    first_name: str = ""
    contact_id: int | None = None
    # The visit token they came with: it leads to their own opt-out page too.
    token: str = ""
    # Shown in previews, where nobody has a real code.
    sample_code: str = ""
    language: str = ""

    @property
    def is_known(self) -> bool:
        return self.contact_id is not None or bool(self.sample_code)

    @property
    def values(self) -> dict[str, str]:
        return {"first_name": self.first_name}

    def code_from(self, pool: PromoPool) -> str:
        """The code that everybody shares, or the visitor's own; nothing for anyone else."""
        if pool.shared_code or self.sample_code:
            return pool.shared_code or self.sample_code
        own = (
            PromoCode.objects.filter(pool=pool, contact=self.contact_id)
            if self.contact_id
            else PromoCode.objects.none()
        )
        return own.values_list("code", flat=True).first() or ""


ANYONE = Visitor()
SAMPLE = Visitor(first_name="Camille", sample_code="CAMI-7K2M")


def visitor_of(*, workspace: Workspace, token: str, now: datetime) -> Visitor:
    """The recipient whose link was opened less than half an hour ago; otherwise anyone."""
    visit = read_visit(workspace=workspace, token=token, now=now)
    contact = recipient_at(link=visit.link, position=visit.position) if visit else None
    if contact is None or not may_follow(workspace=workspace, contact=contact):
        return ANYONE
    return Visitor(first_name=contact.first_name, contact_id=contact.pk, token=token, language=contact.language)
