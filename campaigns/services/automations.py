"""What automations do with an event: each decides once, says why, and sends at most one message for it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django_scopes import scope

from audience.models import Contact
from campaigns.advertising import selling_words
from campaigns.draft import LINK
from campaigns.models import Automation, Decision
from campaigns.services.sending import NotReady
from campaigns.triggers import Trigger, trigger_of, triggers
from integrations.models import ShopEvent
from integrations.queries import why_not_to_send
from landing.queries import public_url
from messaging.clock import workspace_now
from messaging.compose import MissingValue, Template
from messaging.merge_fields import attribute_names
from messaging.models import Batch, BatchPurpose, Message
from messaging.rules import rules_of
from messaging.services import batches
from messaging.services.senders import BadSender, check_sender_name
from messaging.services.stop_route import NoStopRoute, clause_of_text, needs_stop
from shortlinks.models import ShortLink
from shortlinks.queries import NoShortDomain, default_domain
from shortlinks.services import create_tracked_link

SENT = gettext_noop("sent")
OFF = gettext_noop("not sent: automation off")
NOT_READY = gettext_noop("not sent: the automation is not ready")
# Batches that take no message any more.
CLOSED = {Batch.State.CANCELLED, Batch.State.DONE}


def answer_event(*, event: ShopEvent, now: datetime) -> str | None:
    """What the workspace's automations make of an event, in words; None when none listens."""
    kinds = [slug for slug, trigger in triggers().items() if trigger.kind == event.kind]
    with scope(workspace=event.workspace):
        listening = Automation.objects.filter(trigger__in=kinds).select_related("workspace", "sender__account", "page")
        mine = [automation for automation in listening if automation.shop_id in {None, event.shop_id}]
        outcomes = [decide(automation=automation, event=event, now=now).outcome for automation in mine]
    return "; ".join(dict.fromkeys(outcomes)) or None


@transaction.atomic
def decide(*, automation: Automation, event: ShopEvent, now: datetime) -> Decision:
    """Once for each automation and event, however often the event is told."""
    if known := Decision.objects.filter(automation=automation, event=event).first():
        return known
    outcome, message = _act(automation, event, now)
    decision, _is_new = Decision.objects.get_or_create(
        automation=automation,
        event=event,
        defaults={
            "workspace": automation.workspace,
            "contact": event.order.contact if event.order else None,
            "message": message,
            "outcome": outcome,
            "decided_at": now,
        },
    )
    return decision


def _act(automation: Automation, event: ShopEvent, now: datetime) -> tuple[str, Message | None]:
    if obstacle := why_not_to_send(event=event, now=now):
        return f"not sent: {obstacle}", None
    if not automation.is_enabled:
        return OFF, None
    assert event.order is not None
    assert event.order.contact is not None  # else there was an obstacle
    try:
        batch = _standing_batch(automation, now)
        return SENT, _queue(automation, batch, event, event.order.contact, now)
    except (NotReady, MissingValue):  # a shop may leave a field empty that the text relies on
        return NOT_READY, None


def _queue(automation: Automation, batch: Batch, event: ShopEvent, contact: Contact, now: datetime) -> Message:
    return batches.queue_message(
        batch=batch,
        contact=contact,
        values=trigger_of(automation.trigger).values(event),
        idempotency_key=f"automation:{automation.pk}:event:{event.pk}",
        due_at=workspace_now(automation.workspace, now),
        now=now,
    )


def _standing_batch(automation: Automation, now: datetime) -> Batch:
    """The batch of the present text; a fresh one after every change. Raises NotReady."""
    locked = Automation.objects.select_for_update().get(pk=automation.pk)
    if locked.batch and locked.batch.state not in CLOSED:
        return locked.batch
    if problems := problems_of(automation):
        raise NotReady(problems)
    links = {LINK: _link_of(locked)} if Template(locked.text).needs_link else {}
    trigger = trigger_of(locked.trigger)
    batch = batches.create_batch(
        workspace=locked.workspace,
        name=locked.name,
        purpose=trigger.purpose,
        text=locked.text,
        sender=locked.sender,
        links=links,
        now=now,
        extra_fields=tuple(trigger.fields),
        is_standing=True,
    )
    locked.batch, locked.link = batch, links.get(LINK)
    locked.save(update_fields=["batch", "link"])
    return batches.start_batch(batch=batch, by=None, now=now)


def _link_of(automation: Automation) -> ShortLink:
    """One link for as long as it leads to the same page: its positions go on from batch to batch."""
    assert automation.page is not None  # a text with a link has a page
    address = public_url(automation.page)
    if automation.link and automation.link.target_url == address:
        return automation.link
    return create_tracked_link(
        workspace=automation.workspace, label=automation.name, target_url=address, carries_visit=True
    )


@transaction.atomic
def save_automation(*, automation: Automation) -> Automation:
    """Write it as it stands; what is queued keeps its text, what comes gets the new one."""
    automation.batch = None
    automation.save()
    return automation


def switch_automation(*, automation: Automation, to_on: bool) -> Automation:
    """On or off. Raises NotReady."""
    if to_on and (problems := problems_of(automation)):
        raise NotReady(problems)
    Automation.objects.filter(pk=automation.pk).update(is_enabled=to_on)
    automation.is_enabled = to_on
    return automation


def problems_of(automation: Automation) -> list[str]:
    """What keeps the automation from sending, in words that say what to do."""
    trigger, template = trigger_of(automation.trigger), Template(automation.text)
    links, own = (LINK,) if automation.page else (), attribute_names(template)
    return [
        *template.problems(extra_fields=tuple(trigger.fields), links=links, own_fields=own),
        *_purpose_problems(automation, trigger),
        *_sector_problems(automation, trigger),
        *_sender_problems(automation, trigger, template),
        *_page_problems(automation, template),
    ]


def _purpose_problems(automation: Automation, trigger: Trigger) -> list[str]:
    words = selling_words(automation.text) if trigger.purpose == BatchPurpose.SERVICE else []
    text = _("A service message does not advertise: remove “%(words)s”, or write a campaign.")
    return [text % {"words": "”, “".join(words)}] if words else []


def _sector_problems(automation: Automation, trigger: Trigger) -> list[str]:
    try:
        batches.check_sector(rules_of(automation.workspace), trigger.purpose)
    except batches.RemindersOnly as error:
        return [str(error)]
    return []


def _sender_problems(automation: Automation, trigger: Trigger, template: Template) -> list[str]:
    try:
        check_sender_name(automation.sender.name)
        if needs_stop(trigger.purpose):
            clause_of_text(template, automation.sender.account)
    except (BadSender, NoStopRoute) as error:
        return [str(error)]
    return []


def _page_problems(automation: Automation, template: Template) -> list[str]:
    if not template.needs_link or automation.page is None:
        return []
    if not automation.page.live:
        return [_("“%(page)s” is not published.") % {"page": automation.page}]
    try:
        default_domain(workspace=automation.workspace)
    except NoShortDomain as error:
        return [str(error)]
    return []
