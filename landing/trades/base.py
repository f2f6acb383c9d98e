"""What a page template is made of. Its words are English here and French in the catalogue, like all our words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.days import in_words
from landing.theme import Choices

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PICTURES = Path(__file__).parent / "pictures"
FICTIONAL_PHONE = "06 39 98 00 00"

Value = dict[str, Any]
Block = tuple[str, Value]


@dataclass(frozen=True)
class Setting:
    """Where and when a page is made: `now` on the workspace's clock, pictures as ids, promo codes if there are any."""

    now: datetime
    pictures: Mapping[str, int]
    brand: str = ""
    pool: str = ""
    phone: str = FICTIONAL_PHONE
    shop_url: str = "https://www.example.com/"
    ends_at: datetime | None = None

    def day(self, days: int, hour: int = 0, minute: int = 0) -> datetime:
        """So many days from now, at that hour."""
        return datetime.combine((self.now + timedelta(days=days)).date(), time(hour, minute), self.now.tzinfo)

    def weekday(self, wanted: int, hour: int = 0, minute: int = 0) -> datetime:
        """The second next day of that name (Monday is 0): there is time to write the message."""
        return self.day((wanted - self.now.weekday()) % 7 + 7, hour, minute)

    def picture(self, name: str, words: str) -> Value:
        """A described picture."""
        return {"image": self.pictures[name], "decorative": False, "alt_text": words}


@dataclass(frozen=True)
class Draft:
    """A page before it is one."""

    title: str
    description: str
    hero: Value
    body: Sequence[Block]
    action_label: str
    action_target: str
    action_kind: str = "link"
    side_kind: str = ""
    side_target: str = ""
    expire_at: datetime | None = None


@dataclass(frozen=True)
class Trade:
    """A finished page of one trade: its words, its pictures of `pictures/`, and the look that suits it."""

    slug: str
    label: "StrOrPromise"
    description: "StrOrPromise"
    look: Choices
    draft: Callable[[Setting], Draft]
    pictures: Sequence[str] = field(default_factory=tuple)


def money(amount: int) -> str:
    """Whole euros, as the language writes them."""
    return f"{amount} €" if _is_french() else f"€{amount}"


def day_of(moment: datetime) -> str:
    return in_words(moment, "l j F")


def hour_of(hour: int, minute: int = 0) -> str:
    if _is_french():
        return f"{hour} h {minute:02}" if minute else f"{hour} h"
    return f"{hour}:{minute:02}"


def _is_french() -> bool:
    return (get_language() or "").startswith("fr")


def bullets(*texts: str) -> str:
    return f"<ul>{''.join(f'<li>{text}</li>' for text in texts)}</ul>"


def questions(*pairs: tuple[str, str]) -> list[Value]:
    return [{"question": question, "answer": f"<p>{answer}</p>"} for question, answer in pairs]


def entry(title: str, text: str) -> Value:
    """A folded line of terms."""
    return {"title": title, "text": f"<p>{text}</p>"}


def question(label: str, shape: str = "short", *, is_required: bool = False) -> Value:
    """A question of a form. Its answer is named after its id: one that the page keeps, not one for each look at it."""
    value = {"label": label, "shape": shape, "options": "", "is_required": is_required}
    return {"type": "item", "value": value, "id": str(uuid4())}


def offers_box(brand: str) -> Value:
    """A yes to advertising that names who asks, for what, and how it ends (CNIL, consent for SMS)."""
    wording = _("I agree to receive the offers of %(brand)s by SMS. I can answer STOP at any time.") % {"brand": brand}
    return {"wording": wording, "purpose": "marketing"}
