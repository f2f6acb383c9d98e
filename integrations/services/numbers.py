"""Which of the numbers that a shop gives can be written to, and why the others can't."""

from collections.abc import Iterable, Mapping, Sequence

from audience.models import Contact
from audience.phone import NotAMobile, parse_mobile
from audience.refusals import Refusal
from audience.services import add_contact
from integrations.models import ShopConnection
from integrations.shops.base import PhoneCandidate


def judged(candidates: Iterable[PhoneCandidate], shop: ShopConnection) -> list[dict[str, str]]:
    """Each as the shop wrote it, and its mobile number or the code of why it has none."""
    return [_judged(candidate, shop) for candidate in candidates]


def _judged(candidate: PhoneCandidate, shop: ShopConnection) -> dict[str, str]:
    written = {"number": candidate.number, "country": candidate.country}
    try:
        return {**written, "mobile": parse_mobile(candidate.number, candidate.country or shop.country).e164}
    except NotAMobile as error:
        return {**written, "refused": error.code.value}


def mobile_of(phones: Sequence[Mapping[str, str]]) -> str:
    """The first that is a mobile, or ""."""
    return next((phone["mobile"] for phone in phones if "mobile" in phone), "")


def why_no_mobile(phones: Sequence[Mapping[str, str]]) -> str:
    """Why the first one can't be used, as a code of audience.refusals; "" when one of them can."""
    if mobile_of(phones):
        return ""
    return next((phone["refused"] for phone in phones), Refusal.NO_NUMBER.value)


def source_of(shop: ShopConnection) -> str:
    """What a contact that came by this shop has as its source."""
    return f"shop: {shop.name}"[:80]


def contact_with(phones: Sequence[Mapping[str, str]], shop: ShopConnection, **fields: str) -> Contact | None:
    """Whoever has the first mobile, found or made. No consent comes with it."""
    mobile = mobile_of(phones)
    return add_contact(workspace=shop.workspace, phone=mobile, source=source_of(shop), **fields) if mobile else None
