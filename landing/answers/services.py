"""Writes of form answers: stored once, credited to the visit, and a tick becomes a line of the consent ledger."""

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django_scopes import scope

from accounts.addresses import network_of
from accounts.keys import keyed_index
from accounts.models import User, Workspace
from audience.models import AuditEntry, ConsentAct, Contact
from audience.queries import contact_of
from audience.services import add_contact
from audience.services.audit import note
from landing.answers import tokens
from landing.answers.asking import Kind
from landing.answers.form import AnswerForm
from landing.models import Conversion, FormAnswer, LandingPage
from landing.services import record_conversion
from landing.signals import Trust, form_submitted
from landing.visitors import Visitor
from messaging.services.batches import BadSender, BadText
from messaging.services.double_opt_in import NoSender, sign_up
from shortlinks.visits import Visit, read_visit

log = logging.getLogger(__name__)
# Two taps on a button are one answer, also where nothing tells the visitor from others.
DOUBLE_TAP_SECONDS = 60


@dataclass(frozen=True)
class Sender:
    """Who sends a form, as far as one can know: the visit, else address and browser."""

    visitor: Visitor
    address: str
    user_agent: str


@transaction.atomic
def accept_answer(*, page: LandingPage, block: str, form: AnswerForm, sender: Sender, now: datetime) -> FormAnswer:
    """Store what was sent by a valid form; the same thing again is the same answer.

    In a contest a number's first entry stays; to an invitation and in a survey the latest answer of a person counts.
    """
    workspace = page.workspace
    visit = read_visit(workspace=workspace, token=sender.visitor.token, now=now) if sender.visitor.token else None
    with scope(workspace=workspace):
        contact = _contact(workspace, page, form, sender.visitor)
        key = _dedup_key(page, block, form, contact, sender, now)
        answer, is_new = _stored(page, block, form, contact, visit, key, now)
        if is_new:
            conversion = _credit(answer, workspace, contact, visit, now)
            trust = _trust(contact, sender, now)
            transaction.on_commit(partial(_tell, conversion, trust), robust=True)
        elif form.block["kind"] in {Kind.RSVP, Kind.SURVEY} and contact:
            _replace(answer, form, now)
        else:
            return answer
        _sign_up(answer, page, form, contact, sender, now)
    return answer


@transaction.atomic
def delete_answer(*, answer: FormAnswer, by: User, now: datetime, reason: str) -> None:
    """What was written is gone. That somebody answered stays counted, and a yes stays in the consent ledger."""
    with scope(workspace=answer.workspace):
        note(action=AuditEntry.Action.ANSWER, by=by, now=now, contact=answer.contact, reason=reason)
        answer.delete()


def _contact(workspace: Workspace, page: LandingPage, form: AnswerForm, visitor: Visitor) -> Contact | None:
    """The person with the number that was typed; without one, the visitor.

    Whoever types another person's number must not fill in what we know of them.
    """
    details = form.details
    phone = details.pop("phone", "")
    if not phone:
        return Contact.objects.filter(pk=visitor.contact_id).first() if visitor.contact_id else None
    known = contact_of(workspace=workspace, phone=phone)
    if known and known.pk != visitor.contact_id:
        return known
    return add_contact(workspace=workspace, phone=phone, source=_source(page, form)[:80], **details)


def _dedup_key(
    page: LandingPage, block: str, form: AnswerForm, contact: Contact | None, sender: Sender, now: datetime
) -> bytes:
    who = f"contact {contact.pk}" if contact else f"{sender.address} {sender.user_agent}"
    if contact and form.block["kind"] != Kind.CONTACT:
        return keyed_index(f"form {page.pk} {block} {who}")
    period = int(now.timestamp()) // DOUBLE_TAP_SECONDS
    keys = [keyed_index(f"form {page.pk} {block} {who} {form.words} {form.ticked} {at}") for at in (period - 1, period)]
    just_before = FormAnswer.objects.filter(workspace=page.workspace, dedup_key=keys[0])
    return keys[0] if just_before.exists() else keys[1]


def _stored(
    page: LandingPage,
    block: str,
    form: AnswerForm,
    contact: Contact | None,
    visit: Visit | None,
    key: bytes,
    now: datetime,
) -> tuple[FormAnswer, bool]:
    return FormAnswer.objects.get_or_create(
        workspace=page.workspace,
        dedup_key=key,
        defaults={
            "page": page,
            "block": block,
            "form": form.block["heading"][:80],
            "kind": form.block["kind"],
            "contact": contact,
            "link": visit.link if visit else None,
            "position": visit.position if visit else None,
            "words": form.words,
            "agreed": form.ticked,
            "answered_at": now,
        },
    )


def _replace(answer: FormAnswer, form: AnswerForm, now: datetime) -> None:
    answer.words, answer.answered_at = form.words, now
    answer.agreed = [*answer.agreed, *(box for box in form.ticked if box not in answer.agreed)]
    answer.save(update_fields=["words", "agreed", "answered_at"])


def _credit(
    answer: FormAnswer, workspace: Workspace, contact: Contact | None, visit: Visit | None, now: datetime
) -> Conversion:
    return record_conversion(
        workspace=workspace,
        goal=Conversion.Goal.FORM,
        dedup_key=f"form:{answer.pk}",
        now=now,
        page=answer.page,
        link=answer.link,
        position=answer.position,
        contact=contact,
    )


def _trust(contact: Contact | None, sender: Sender, now: datetime) -> Trust:
    if contact is None or contact.pk == sender.visitor.contact_id:
        return Trust.OWN
    return Trust.CROWD if tokens.line_typed_too_many(sender.address, now) else Trust.TYPED


def _tell(conversion: Conversion, trust: Trust) -> None:
    with scope(workspace=conversion.workspace):
        for receiver, outcome in form_submitted.send_robust(sender=Conversion, conversion=conversion, trust=trust):
            if isinstance(outcome, Exception):
                log.error("%s failed on conversion %s: %s", receiver, conversion.pk, type(outcome).__name__)


def _sign_up(
    answer: FormAnswer,
    page: LandingPage,
    form: AnswerForm,
    contact: Contact | None,
    sender: Sender,
    now: datetime,
) -> None:
    """A tick for offers is a yes with its exact words: in the ledger, or asked again on the very phone."""
    if not form.offers or contact is None or answer.sign_up in {FormAnswer.SignUp.GRANTED, FormAnswer.SignUp.ASKED}:
        return
    try:
        row = sign_up(
            workspace=page.workspace,
            contact=contact,
            source=_source(page, form),
            wording="\n".join(form.offers),
            wording_version=f"page {page.pk}, version {page.live_revision_id or 0}",
            now=now,
            evidence={"network": network_of(sender.address), "page": page.url_path, "answer": answer.pk},
        )
        answer.sign_up = FormAnswer.SignUp.ASKED if row.act == ConsentAct.REQUESTED else FormAnswer.SignUp.GRANTED
    except (NoSender, BadSender, BadText):
        answer.sign_up = FormAnswer.SignUp.NOT_ASKED
    answer.save(update_fields=["sign_up"])


def _source(page: LandingPage, form: AnswerForm) -> str:
    """In the language of the workspace, which reads it in a contact's history."""
    with translation.override(page.workspace.language):
        words = gettext("Form “%(heading)s” (%(page)s)")
    return words % {"heading": form.block["heading"][:50], "page": page.title[:55]}
