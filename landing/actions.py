"""Where a button leads: a web address, or a phone number to call."""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

PHONE = re.compile(r"\+?[\d .()-]{4,20}")
is_web_address = URLValidator(schemes=["https", "http"])


@dataclass(frozen=True)
class Action:
    label: str
    target: str

    @property
    def is_call(self) -> bool:
        return PHONE.fullmatch(self.target) is not None

    @property
    def href(self) -> str:
        return "tel:" + re.sub(r"[^\d+]", "", self.target) if self.is_call else self.target


def check_target(target: str) -> None:
    if PHONE.fullmatch(target):
        return
    try:
        is_web_address(target)
    except ValidationError:
        message = _("Enter a web address that starts with https://, or a phone number.")
        raise ValidationError(message, code="target") from None
