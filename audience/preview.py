"""What an import would do, shown before it does it: a verdict on each of the first lines. Writes nothing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from audience.columns import targets_of
from audience.judging import Row
from audience.models import Contact, ContactImport
from audience.numbers import Known, look_up
from audience.phone import FRENCH_TERRITORIES, NotAMobile, mask, parse_mobile
from audience.queries import settings_of
from audience.refusals import Refusal, Refused
from audience.services.imports.files import rows_of
from audience.services.imports.running import judge_of
from audience.services.imports.storing import changes_of
from audience.sheets.rejects import reason_of
from audience.sheets.text import Record, take

CHECKED = 5_000
SHOWN = 25
OF_EACH_KIND = 4
TERRITORIES = {
    "GP": "Guadeloupe", "MQ": "Martinique", "GF": gettext_lazy("French Guiana"), "RE": gettext_lazy("Réunion"),
    "YT": "Mayotte", "PM": gettext_lazy("Saint-Pierre and Miquelon"), "BL": "Saint-Barthélemy", "MF": "Saint-Martin",
    "NC": gettext_lazy("New Caledonia"), "PF": gettext_lazy("French Polynesia"),
    "WF": gettext_lazy("Wallis and Futuna"),
}  # fmt: skip
# Most pressing first; tone of its tag, and its word.
KINDS = {
    "refused": ("stop", pgettext_lazy("verdict", "refused")),
    "confirm": ("warn", gettext_lazy("to confirm")),
    "kept_stop": ("info", gettext_lazy("STOP kept")),
    "overseas": ("info", gettext_lazy("overseas")),
    "duplicate": ("info", gettext_lazy("duplicate")),
    "update": ("mute", gettext_lazy("update")),
    "known": ("mute", pgettext_lazy("verdict", "known")),
    "new": ("ok", pgettext_lazy("verdict", "new")),
}


@dataclass(frozen=True)
class Verdict:
    """One line of the file and what becomes of it; `granted` is None where nothing arrives."""

    line: int
    cells: Sequence[str]
    kind: str
    why: str = ""
    granted: bool | None = None
    no_grant: str = ""

    @property
    def tone(self) -> str:
        return KINDS[self.kind][0]

    @property
    def word(self) -> str:
        return str(KINDS[self.kind][1])


@dataclass
class Preview:
    header: list[str]
    verdicts: list[Verdict] = field(default_factory=list)
    # Of the lines looked at: {kind: lines}.
    counts: Counter[str] = field(default_factory=Counter)
    granted: int = 0
    opted_out: int = 0
    # Of them, those who are no contacts yet.
    new_opposed: int = 0

    def label(self, place: int) -> str:
        """The name of a column, or its number where the file has none."""
        name = self.header[place] if place < len(self.header) else ""
        return name or _("Column %(number)d") % {"number": place + 1}

    @property
    def checked(self) -> int:
        return self.counts.total()

    @property
    def new(self) -> int:
        return self.counts["new"] + self.counts["overseas"] + self.new_opposed

    @property
    def old(self) -> int:
        return self.counts["update"] + self.counts["known"] + self.opted_out - self.new_opposed

    @property
    def contacts(self) -> int:
        """Lines that bring, or tell something about, a person of their own."""
        return self.checked - self.counts["refused"] - self.counts["confirm"] - self.counts["duplicate"]

    @property
    def pressing(self) -> list[Verdict]:
        """Some of every kind, what needs a person first."""
        order = list(KINDS)
        found: list[Verdict] = []
        for kind in order:
            found += [verdict for verdict in self.verdicts if verdict.kind == kind][:OF_EACH_KIND]
        return found

    @property
    def first(self) -> list[Verdict]:
        return self.verdicts[:SHOWN]

    @property
    def sample(self) -> str:
        """The file's own accented words, by which a wrong encoding is seen."""
        words = [cell.strip() for one in self.verdicts[:500] for cell in one.cells if not cell.isascii()]
        return ", ".join(dict.fromkeys(word[:30] for word in words if word))[:70]


def preview(*, contact_import: ContactImport, now: datetime) -> Preview:
    """Verdicts on the first lines, under what is decided so far, as if consent was to be recorded."""
    contact_import.grants = True
    judge = judge_of(contact_import, now)
    records = take(rows_of(contact_import), CHECKED)
    rows: dict[int, Row] = {}
    refusals: dict[int, Refused] = {}
    for record in records:
        try:
            rows[record.line] = judge.judge(record)
        except Refused as refused:
            refusals[record.line] = refused
    known = look_up(contact_import.workspace, list({row.mobile.e164 for row in rows.values()}))
    found = Preview(contact_import.header)
    first_lines: dict[str, int] = {}
    for record in records:
        if record.line in refusals:
            verdict = _refused(record, refusals[record.line], contact_import)
        else:
            row = rows[record.line]
            first = first_lines.setdefault(row.mobile.e164, record.line)
            verdict = _taken(record, row, known, contact_import, first)
            found.new_opposed += verdict.kind == "kept_stop" and row.mobile.e164 not in known.contacts
        found.verdicts.append(verdict)
        found.counts[verdict.kind] += 1
        found.granted += bool(verdict.granted)
        found.opted_out += verdict.kind == "kept_stop"
    return found


def _refused(record: Record, refused: Refused, contact_import: ContactImport) -> Verdict:
    if refused.code == Refusal.ZERO_LOST and refused.cell is not None:
        return Verdict(record.line, record.cells, "confirm", _repaired(record.cells[refused.cell], contact_import))
    return Verdict(record.line, record.cells, "refused", reason_of(refused.code))


def _repaired(raw: str, contact_import: ContactImport) -> str:
    try:
        number = parse_mobile(raw, contact_import.workspace.country).e164
    except NotAMobile:
        return ""
    digits = f"0{number[-9:]}"
    return _("%(number)s?") % {"number": " ".join(digits[at : at + 2] for at in range(0, 10, 2))}


def _taken(record: Record, row: Row, known: Known, contact_import: ContactImport, first: int) -> Verdict:
    number = row.mobile.e164
    if first != record.line:
        return Verdict(record.line, record.cells, "duplicate", _("same number as line %(line)d") % {"line": first})
    if since := known.opposed_at.get(number):
        why = _("opted out on %(day)s") % {"day": date_format(since, "SHORT_DATE_FORMAT")}
        return Verdict(record.line, record.cells, "kept_stop", why, False, _("never by import"))
    granted = row.proof is not None and known.may_grant(number)
    no_grant = "" if granted else _has_spoken(number, known) or str(row.unproven.label if row.unproven else "")
    kind, why = _kind(row, known.contacts.get(number), contact_import)
    return Verdict(record.line, record.cells, kind, why, granted, no_grant)


def _has_spoken(number: str, known: Known) -> str:
    return _("their own earlier word stands") if number in known.has_spoken else ""


def _kind(row: Row, contact: Contact | None, contact_import: ContactImport) -> tuple[str, str]:
    if contact is None:
        territory = row.mobile.territory
        if territory in FRENCH_TERRITORIES and territory != "FR":
            return "overseas", f"{TERRITORIES[territory]}, {mask(row.mobile.e164).partition(' ')[0]}"
        return "new", ""
    changes = changes_of(contact, row, contact_import.merge_rule)
    if not changes:
        return "known", ""
    return "update", ", ".join(_changed(contact, changes))


def _changed(contact: Contact, changes: dict[str, object]) -> Iterable[str]:
    for name, value in changes.items():
        label = str(Contact._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        old = getattr(contact, name)
        if name == "attributes":
            yield label
        else:
            yield f"{label} {old} → {value}" if old else f"{label} {value}"


def choices_of(contact_import: ContactImport) -> list[tuple[str, str]]:
    """Every meaning a column can have, for a select."""
    settings = settings_of(contact_import.workspace)
    targets = targets_of(settings=settings, with_orders=may_use_orders(settings))
    return [("", _("ignored")), *((target.key, str(target.label).capitalize()) for target in targets)]


def may_use_orders(settings: object) -> bool:
    """Whether the workspace has allowed writing to its customers about similar products."""
    return bool(getattr(settings, "existing_customers", False))
