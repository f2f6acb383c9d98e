"""Where a button leads: a web address, a call, a WhatsApp chat, or the phone's own map."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

PHONE = re.compile(r"\+?[\d .()-]{4,20}")
is_web_address = URLValidator(schemes=["https", "http"])
# Opens the map app of Android and iPhone alike (developers.google.com/maps/documentation/urls/get-started);
# `geo:` opens nothing on an iPhone. Nothing is asked of anybody before the tap.
DIRECTIONS = "https://www.google.com/maps/dir/?api=1&destination="


class Kind(TextChoices):
    LINK = "link", _("Open a web address")
    CALL = "call", _("Call")
    WHATSAPP = "whatsapp", _("Write on WhatsApp")
    DIRECTIONS = "directions", _("Directions")


@dataclass(frozen=True)
class Action:
    label: str
    target: str
    kind: str = Kind.LINK

    @property
    def is_call(self) -> bool:
        return self.kind == Kind.CALL or (self.kind == Kind.LINK and PHONE.fullmatch(self.target) is not None)

    @property
    def icon(self) -> str:
        """The drawing on the button: `call`, `whatsapp`, `directions`, or none."""
        return Kind.CALL if self.is_call else "" if self.kind == Kind.LINK else str(self.kind)

    @property
    def goal(self) -> str:
        """What a tap on it is counted as: `call`, `directions` or `button`."""
        return "call" if self.is_call else "directions" if self.kind == Kind.DIRECTIONS else "button"

    @property
    def href(self) -> str:
        if self.is_call:
            return "tel:" + re.sub(r"[^\d+]", "", self.target)
        if self.kind == Kind.WHATSAPP:
            return "https://wa.me/" + _international(self.target)
        return directions_to(self.target) if self.kind == Kind.DIRECTIONS else self.target


def directions_to(address: str) -> str:
    """Opens the phone's map with the way to an address, as it is written on the page."""
    return DIRECTIONS + quote(address)


def _international(phone: str) -> str:
    """As wa.me wants it: digits with the country's own, without plus; a number without one is French."""
    digits = re.sub(r"\D", "", phone)
    return "33" + digits[1:] if digits.startswith("0") and not phone.startswith("+") else digits


def check_target(target: str) -> None:
    """For a button that opens an address or calls."""
    if PHONE.fullmatch(target):
        return
    try:
        is_web_address(target)
    except ValidationError:
        message = _("Enter a web address that starts with https://, or a phone number.")
        raise ValidationError(message, code="target") from None


def check_action(kind: str, target: str) -> None:
    """Whether the target is one for that kind of button."""
    if kind in {Kind.CALL, Kind.WHATSAPP} and not PHONE.fullmatch(target):
        raise ValidationError(_("Enter a phone number."), code="target")
    if kind == Kind.LINK:
        check_target(target)
