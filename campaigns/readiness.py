"""What keeps an automation from sending, in words that say what to do."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from audience.models import Attribute
from campaigns.advertising import selling_words
from campaigns.draft import LINK
from campaigns.models import Automation
from campaigns.notice import DAY
from campaigns.triggers import Trigger, trigger_of
from landing.contents import sells
from messaging.compose import Template
from messaging.merge_fields import attribute_names
from messaging.models import BatchPurpose
from messaging.rules import rules_of
from messaging.services import batches
from messaging.services.senders import BadSender, check_sender_name
from messaging.services.stop_route import NoStopRoute, clause_of_text, needs_stop
from shortlinks.queries import NoShortDomain, default_domain


def problems_of(automation: Automation) -> list[str]:
    """None when it may be switched on."""
    trigger, template = trigger_of(automation.trigger), Template(automation.text)
    return [
        *_text_problems(automation, trigger, template),
        *_date_problems(automation, trigger),
        *_event_problems(automation, trigger),
        *_purpose_problems(automation, trigger),
        *_sector_problems(automation, trigger),
        *_sender_problems(automation, trigger, template),
        *_page_problems(automation, template),
    ]


def cautions_of(automation: Automation) -> list[str]:
    """What its owner should look at again; nothing of it stops it."""
    is_service = trigger_of(automation.trigger).purpose == BatchPurpose.SERVICE
    if not is_service or automation.page is None or not sells(automation.page):
        return []
    words = _(
        "“%(page)s” advertises (an offer, a promo code or a countdown), and a service message must not: choose "
        "another page, or none."
    )
    return [words % {"page": automation.page}]


def _text_problems(automation: Automation, trigger: Trigger, template: Template) -> list[str]:
    page = (LINK,) if automation.page else ()
    optional = trigger.optional_of(automation)
    own = [*attribute_names(template, besides={*trigger.fields, *optional}), *optional]
    return template.problems(extra_fields=tuple(trigger.fields), links=(*page, *trigger.links), own_fields=own)


def _date_problems(automation: Automation, trigger: Trigger) -> Iterator[str]:
    """Of a reminder."""
    if "date_attribute" not in trigger.asks:
        return
    if automation.date_attribute is None:
        yield _("Choose of which date it reminds: a date is an attribute of your contacts.")
    elif automation.lead_hours % DAY and automation.date_attribute.kind == Attribute.Kind.DATE:
        yield _("“%(date)s” has no time: choose whole days before.") % {"date": automation.date_attribute}
    elif not automation.lead_hours and automation.date_attribute.kind == Attribute.Kind.DATE_TIME:
        yield _("“%(date)s” has a time: choose how long before.") % {"date": automation.date_attribute}


def _event_problems(automation: Automation, trigger: Trigger) -> Iterator[str]:
    if "event_name" in trigger.asks and not automation.event_name:
        yield _("Say which event it answers: its name, as your program tells it.")


def _purpose_problems(automation: Automation, trigger: Trigger) -> list[str]:
    words = selling_words(automation.text) if trigger.purpose == BatchPurpose.SERVICE else []
    text = _("A service message does not advertise: remove “%(words)s”, or write a campaign.")
    return [text % {"words": "”, “".join(words)}] if words else []


def _sector_problems(automation: Automation, trigger: Trigger) -> list[str]:
    if trigger.purpose != BatchPurpose.MARKETING:
        return []
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


def _page_problems(automation: Automation, template: Template) -> Iterator[str]:
    if not template.needs_link:
        return
    if automation.page and not automation.page.live:
        yield _("“%(page)s” is not published.") % {"page": automation.page}
    try:
        default_domain(workspace=automation.workspace)
    except NoShortDomain as error:
        yield str(error)
