"""OUI and NON to a question of an automation: confirmed or cancelled, written where it was asked and to the contact."""

from datetime import timedelta

from django.db import transaction
from django.utils import translation

from audience.models import Attribute, Contact
from campaigns.models import Decision
from messaging.models import InboundMessage
from messaging.words import YES_TEXTS, fold

Answer = Decision.Answer
# Nobody answers a text of last week.
QUESTION_KEEPS = timedelta(days=3)
CONFIRMS = YES_TEXTS | {"ok", "oui ok", "ok oui", "oui je confirme", "je confirme", "confirme", "d accord", "confirm"}
CANCELS = frozenset({"non", "no", "non merci", "no thanks", "non desole", "annuler", "annule", "j annule", "cancel"})


def answer_in(text: str) -> str:
    """What a reply means as an answer; "" where a person has to read it."""
    words = fold(text)
    if words in CONFIRMS:
        return Answer.CONFIRMED
    return Answer.CANCELLED if words in CANCELS else ""


@transaction.atomic
def take_answer(*, inbound: InboundMessage) -> Decision | None:
    """Their last word to the latest question they were asked; told again, or late, it changes nothing."""
    answer = answer_in(inbound.text)
    if not answer or inbound.kind != InboundMessage.Kind.REPLY or inbound.contact is None:
        return None
    question = _question_for(inbound)
    if question is None or (question.answered_at and question.answered_at >= inbound.received_at):
        return None
    question.answer, question.answered_at = answer, inbound.received_at
    question.save(update_fields=["answer", "answered_at"])
    if question.automation.reply_attribute:
        _write_to(inbound.contact, question.automation.reply_attribute, answer)
    return question


def _question_for(inbound: InboundMessage) -> Decision | None:
    """What had left for them from the account they wrote to, when they wrote."""
    asked = Decision.objects.filter(
        contact=inbound.contact,
        automation__asks_reply=True,
        message__account=inbound.account,
        message__submitted_at__lte=inbound.received_at,
        message__submitted_at__gte=inbound.received_at - QUESTION_KEEPS,
    )
    latest = asked.select_related("automation__reply_attribute__workspace").order_by("-message__submitted_at", "-pk")
    return latest.select_for_update(of=("self",)).first()


def _write_to(contact: Contact, attribute: Attribute, answer: str) -> None:
    """Yes or no, or the word for it in the workspace's language; in segments, it is a fact like others."""
    value: bool | str = answer == Answer.CONFIRMED
    if attribute.kind != Attribute.Kind.YES_NO:
        with translation.override(attribute.workspace.language):
            value = str(Answer(answer).label)
    fresh = Contact.objects.select_for_update().get(pk=contact.pk)
    fresh.attributes = {**fresh.attributes, attribute.slug: value}
    fresh.save(update_fields=["attributes"])
