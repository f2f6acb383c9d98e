"""What one line of a file means, under the decisions of its import. Reads no database: preview and worker share it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from audience.attributes import BadValue, read_value
from audience.columns import ATTRIBUTE, PHONE, TAG
from audience.models import Attribute, AudienceSettings, Contact, ContactImport, Gender, LegalBasis, Tag
from audience.moments import NotAMoment, has_hour, read_day, read_moment
from audience.phone import Mobile, NotAMobile, lost_its_zero, parse_mobile
from audience.refusals import Refusal, Refused
from audience.sheets.text import Record

# Nobody agreed to receive SMS before there were any to receive.
EARLIEST_PROOF = datetime(1990, 1, 1, tzinfo=UTC)
EARLIEST_BIRTH = date(1900, 1, 1)
LONGEST = {
    "consent_source": 120, "consent_at": 40, "consent_wording": 2_000, "consent_collector": 120,
    "order_reference": 80, "order_at": 40,
}  # fmt: skip
GENDERS = {
    **dict.fromkeys(("f", "femme", "female", "woman", "mme", "madame", "mlle", "mrs", "ms", "w"), Gender.FEMALE),
    **dict.fromkeys(("m", "h", "homme", "male", "man", "mr", "monsieur", "m."), Gender.MALE),
    **dict.fromkeys(("other", "autre", "nb", "x"), Gender.OTHER),
}
COUNTRIES = {"france": "FR", "belgique": "BE", "belgium": "BE", "suisse": "CH", "switzerland": "CH", "luxembourg": "LU"}


class Unproven(TextChoices):
    """Why a line brings no consent, although its contact arrives."""

    NO_PROOF = "no_proof", _("no proof of consent")
    INCOMPLETE = "incomplete", _("proof incomplete: where, when and to which words")
    NO_DATE = "no_date", _("the date of consent can't be read")
    IN_FUTURE = "in_future", _("the date of consent is in the future")
    TOO_OLD = "too_old", _("the date of consent is before 1990")
    NO_ORDER = "no_order", _("no order on record")


class Proof(NamedTuple):
    """Where, when and to which words somebody agreed."""

    source: str
    wording: str
    occurred_at: datetime | None
    collected_by: str = ""


@dataclass(slots=True)
class Row:
    """A good line: one number, and what the file says about it. `unproven` or `proof`, never both."""

    line: int
    mobile: Mobile
    fields: dict[str, Any]
    attributes: dict[str, Any]
    tags: list[str]
    proof: Proof | None
    unproven: Unproven | None
    order: dict[str, str] = field(default_factory=dict)


class Judge:
    """Reads the lines of one import. Decisions are looked at once, here, and not for every line."""

    def __init__(
        self,
        contact_import: ContactImport,
        *,
        settings: AudienceSettings,
        attributes: Iterable[Attribute],
        now: datetime,
    ) -> None:
        workspace = contact_import.workspace
        self.country, self.zone, self.now = workspace.country, ZoneInfo(workspace.time_zone), now
        self.today = now.astimezone(self.zone).date()
        self.width = len(contact_import.columns)
        self.repairs_zeros = contact_import.repairs_zeros
        self.wants_order = contact_import.legal_basis == LegalBasis.EXISTING_CUSTOMER
        # Writing to existing customers is allowed as long as its switch is on, also while a file comes in.
        self.grants = contact_import.grants and (settings.existing_customers or not self.wants_order)
        self.proof = Proof(
            contact_import.consent_source, contact_import.consent_wording, contact_import.consent_at,
            contact_import.collected_by,
        )  # fmt: skip
        places: dict[str, int] = {}
        self.tag_places = [place for place, key in enumerate(contact_import.columns) if key == TAG]
        for place, key in enumerate(contact_import.columns):
            places.setdefault(key, place)
        self.phone = places.get(PHONE, -1)
        self.readers = [
            (name, places[name], read)
            for name, read in self._fields().items()
            if name in places and settings.keeps(name)
        ]
        self.attributes = [(one, places[key]) for one in attributes if (key := f"{ATTRIBUTE}{one.slug}") in places]
        self.said = {key: place for key, place in places.items() if key.startswith(("consent_", "order_"))}
        self.common = self._checked(self.proof)

    def judge(self, record: Record) -> Row:
        """Raises Refused."""
        if record.refusal:
            raise Refused(record.refusal)
        cells = record.cells
        if len(cells) != self.width:
            self._check_width(cells)
        mobile = self._mobile(cells)
        fields = {
            name: value
            for name, place, read in self.readers
            if (text := _clean(cells[place])) and (value := read(text, place))
        }
        tags = [text for place in self.tag_places for text in self._tags(cells[place], place)]
        attributes = self._attributes(cells) if self.attributes else {}
        if not self.said:
            return Row(record.line, mobile, fields, attributes, tags, *self.common)
        said = {key: _clean(cells[place]) for key, place in self.said.items()}
        if too_long := next((key for key, text in said.items() if len(text) > LONGEST[key]), None):
            raise Refused(Refusal.TEXT_TOO_LONG, self.said[too_long])
        return Row(record.line, mobile, fields, attributes, tags, *self._said(said), _order(said))

    def _check_width(self, cells: list[str]) -> None:
        if any(cell.strip() for cell in cells[self.width :]):
            raise Refused(Refusal.TOO_MANY_CELLS)
        if len(cells) < self.width:
            raise Refused(Refusal.TOO_FEW_CELLS)

    def _mobile(self, cells: list[str]) -> Mobile:
        raw = cells[self.phone] if self.phone >= 0 else ""
        try:
            if not self.repairs_zeros and lost_its_zero(raw, self.country) and parse_mobile(raw, self.country):
                raise Refused(Refusal.ZERO_LOST, self.phone)
            return parse_mobile(raw, self.country)
        except NotAMobile as error:
            raise Refused(error.code, self.phone) from error

    def _fields(self) -> dict[str, Callable[[str, int], Any]]:
        return {
            "first_name": _text("first_name"), "last_name": _text("last_name"), "birth_date": self._birth,
            "gender": _gender, "email": _email, "postcode": _text("postcode"), "city": _text("city"),
            "country": _country, "language": _language,
        }  # fmt: skip

    def _birth(self, text: str, place: int) -> date:
        try:
            day = read_day(text, self.today)
        except NotAMoment as error:
            raise Refused(Refusal.BAD_DATE, place) from error
        if not EARLIEST_BIRTH <= day <= self.today:
            raise Refused(Refusal.BAD_DATE, place)
        return day

    def _attributes(self, cells: list[str]) -> dict[str, Any]:
        found = {}
        for attribute, place in self.attributes:
            try:
                value = read_value(attribute, self._as_kind(attribute, _clean(cells[place])))
            except BadValue as error:
                raise Refused(Refusal.BAD_VALUE, place) from error
            if value is not None:
                found[attribute.slug] = value
        return found

    def _as_kind(self, attribute: Attribute, text: str) -> str:
        """Dates by our own reading, which knows serials."""
        if attribute.kind not in Attribute.DATED or not text:
            return text
        try:
            if attribute.kind == Attribute.Kind.DATE:
                return read_day(text, self.today).isoformat()
            return read_moment(text, self.today, self.zone).isoformat() if has_hour(text) else text
        except NotAMoment:
            return text

    def _tags(self, cell: str, place: int) -> list[str]:
        tags = [text for part in cell.replace("|", ",").split(",") if (text := _clean(part))]
        if any(len(tag) > Tag._meta.get_field("name").max_length for tag in tags):  # type: ignore[operator]
            raise Refused(Refusal.TEXT_TOO_LONG, place)
        return tags

    def _said(self, said: Mapping[str, str]) -> tuple[Proof | None, Unproven | None]:
        """The proof of one line: its own words first, those of the whole file where it has none."""
        moment = self.proof.occurred_at
        if text := said.get("consent_at"):
            try:
                moment = read_moment(text, self.today, self.zone)
            except NotAMoment:
                return self._checked(None, Unproven.NO_DATE)
        proof = Proof(
            said.get("consent_source") or self.proof.source,
            said.get("consent_wording") or self.proof.wording,
            moment,
            said.get("consent_collector") or self.proof.collected_by,
        )
        if self.wants_order and not _ordered(said, self.today, self.zone, self.now):
            return self._checked(None, Unproven.NO_ORDER)
        return self._checked(proof)

    def _checked(self, proof: Proof | None, why: Unproven = Unproven.NO_PROOF) -> tuple[Proof | None, Unproven | None]:
        if not self.grants or (proof is not None and not any(proof)):
            return None, Unproven.NO_PROOF
        if proof is None:
            return None, why
        if self.wants_order and "order_reference" not in self.said:
            return None, Unproven.NO_ORDER
        if not (proof.source.strip() and proof.wording.strip() and proof.occurred_at):
            return None, Unproven.INCOMPLETE
        if proof.occurred_at > self.now:
            return None, Unproven.IN_FUTURE
        return (None, Unproven.TOO_OLD) if proof.occurred_at < EARLIEST_PROOF else (proof, None)


def _clean(cell: str) -> str:
    """Without blanks, and without the apostrophe that keeps a spreadsheet from running a text."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and text[1:2] in {"=", "+", "-", "@"} else text


def _text(name: str) -> Callable[[str, int], str]:
    longest: int = Contact._meta.get_field(name).max_length  # type: ignore[union-attr,assignment]

    def read(text: str, place: int) -> str:
        if len(text) > longest:
            raise Refused(Refusal.TEXT_TOO_LONG, place)
        return text

    return read


def _email(text: str, place: int) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise Refused(Refusal.BAD_EMAIL, place) from error
    return text


def _gender(text: str, place: int) -> str:
    try:
        return GENDERS[text.lower()].value
    except KeyError as error:
        raise Refused(Refusal.BAD_GENDER, place) from error


def _country(text: str, place: int) -> str:
    code = COUNTRIES.get(text.lower(), text.upper())
    if len(code) != 2 or not code.isalpha() or not code.isascii():
        raise Refused(Refusal.BAD_COUNTRY, place)
    return code


def _language(text: str, place: int) -> str:
    code = {"français": "fr", "francais": "fr", "french": "fr", "anglais": "en", "english": "en"}.get(
        text.lower(), text
    )
    code = code[:2].lower()
    if not (code.isalpha() and code.isascii()):
        raise Refused(Refusal.TEXT_TOO_LONG, place)
    return code


def _order(said: Mapping[str, str]) -> dict[str, str]:
    return {key: text for key, text in said.items() if key.startswith("order_") and text}


def _ordered(said: Mapping[str, str], today: date, zone: ZoneInfo, now: datetime) -> bool:
    """An order with a number, on a day that has come."""
    try:
        ordered_at = read_moment(said.get("order_at", ""), today, zone)
    except NotAMoment:
        return False
    return bool(said.get("order_reference")) and EARLIEST_PROOF < ordered_at <= now
