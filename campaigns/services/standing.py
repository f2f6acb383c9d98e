"""The message that a happening earns: in the automation's standing batch, with links that lead where they should."""

from collections.abc import Mapping
from datetime import datetime

from audience.models import Contact
from campaigns.draft import LINK
from campaigns.models import Automation, Decision, Happening
from campaigns.readiness import problems_of
from campaigns.services.sending import NotReady
from campaigns.triggers import TRACKING_LINK, trigger_of
from landing.queries import public_url
from messaging.compose import CODE_FIELD, Template
from messaging.models import Batch, Message
from messaging.services import batches
from shortlinks.models import ShortLink
from shortlinks.services import BadTarget, create_tracked_link, set_targets
from shortlinks.targets import check_target

# Batches that take no message any more.
CLOSED = {Batch.State.CANCELLED, Batch.State.DONE}
# Which column of an automation keeps the link of a placeholder.
COLUMNS = {LINK: "link", TRACKING_LINK: "tracking_link"}


class NoWay(Exception):
    """The text has a link that leads nowhere for this recipient."""


def queue_answer(
    *,
    automation: Automation,
    happening: Happening,
    contact: Contact,
    now: datetime,
    clock: datetime,
    after: Message | None = None,
    code: str = "",
) -> Message:
    """The happening's one message, its own addresses known before it leaves; another one only where `after`, the
    one before, was taken back. `clock` is the workspace's now. In a transaction that holds the automation's lock.
    Raises NotReady, MissingValue, NoWay.
    """
    targets = targets_of(automation, happening)
    batch = _standing_batch(automation, now)
    message = batches.queue_message(
        batch=batch,
        contact=contact,
        values=trigger_of(automation.trigger).values(happening) | ({CODE_FIELD: code} if code else {}),
        idempotency_key=_key_of(automation, happening, after),
        due_at=clock,
        now=now,
        since=happening.occurred_at if code else None,
    )
    for row in batch.links.filter(placeholder__in=targets).select_related("link__workspace"):
        set_targets(link=row.link, targets={message.position: targets[row.placeholder]})
    return message


def _key_of(automation: Automation, happening: Happening, after: Message | None) -> str:
    [kind] = Decision.about(happening)
    key = f"automation:{automation.pk}:{kind}:{happening.pk}"
    return f"{key}:after:{after.pk}" if after else key


def targets_of(automation: Automation, happening: Happening) -> dict[str, str]:
    """Addresses of this recipient's own, by placeholder of the text. Raises NoWay."""
    trigger = trigger_of(automation.trigger)
    wanted = [name for name in Template(automation.text).links if name in trigger.links]
    targets = {name: url for name, url in trigger.targets(happening).items() if name in wanted and _is_fit(url)}
    if len(targets) < len(wanted) and automation.page is None:
        raise NoWay
    return targets


def _is_fit(url: str) -> bool:
    """A shop may name any address: what no link may lead to is left out."""
    try:
        check_target(url)
    except BadTarget:
        return False
    return True


def _standing_batch(automation: Automation, now: datetime) -> Batch:
    """The batch of the present text; a fresh one after every change. Raises NotReady."""
    if automation.batch and automation.batch.state not in CLOSED:
        automation.batch.workspace = automation.workspace
        return automation.batch
    if problems := problems_of(automation):
        raise NotReady(problems)
    trigger, links = trigger_of(automation.trigger), _links_of(automation)
    batch = batches.create_batch(
        workspace=automation.workspace,
        name=automation.name,
        purpose=trigger.purpose,
        text=automation.text,
        sender=automation.sender,
        links=links,
        now=now,
        extra_fields=(*trigger.fields, *trigger.optional_of(automation)),
        is_standing=True,
        is_immediate=trigger.is_immediate,
        lifetime_minutes=automation.lifetime_minutes if "lifetime_minutes" in trigger.asks else None,
    )
    automation.batch = batch
    if links:
        automation.link, automation.tracking_link = links.get(LINK), links.get(TRACKING_LINK)
    automation.save(update_fields=["batch", *COLUMNS.values()])
    return batches.start_batch(batch=batch, by=None, now=now)


def _links_of(automation: Automation) -> Mapping[str, ShortLink]:
    """The same links for as long as they lead to the same places: their positions go on from batch to batch.

    Links of one text go on together or begin together, because a message has one position in all of them.
    """
    template = Template(automation.text)
    wanted = {name: _address_of(automation, name) for name in template.links}
    if template.has_stop_link and not wanted:
        wanted = {LINK: _address_of(automation, LINK)}
    known = {name: link for name, column in COLUMNS.items() if (link := getattr(automation, column))}
    if {name: link.target_url for name, link in known.items()} == wanted:
        return known
    return {name: _new_link(automation, name, address) for name, address in wanted.items()}


def _address_of(automation: Automation, placeholder: str) -> str:
    """Of a tracking link this is the fallback: where it leads when there is no address of the recipient's own."""
    return public_url(automation.page or automation.workspace.root_page)


def _new_link(automation: Automation, placeholder: str, address: str) -> ShortLink:
    return create_tracked_link(
        workspace=automation.workspace,
        label=automation.name,
        target_url=address,
        carries_visit=placeholder == LINK,
        is_per_number=placeholder == TRACKING_LINK,
    )
