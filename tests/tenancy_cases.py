"""Which rows of the other workspace the ids in our admin addresses mean: one line for each address.

A new admin address of ours needs a line here: `no_ids` if it takes none, `pk_of(Model)` if it takes the `pk` of a row,
or a function that returns its arguments. `tests/test_tenancy_walk.py` then knocks at it.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Model

from accounts.models import Membership, Workspace
from audience.models import Attribute, AuditEntry, Block, Contact, ContactImport, ContactList, Segment, Tag, Topic
from campaigns.models import Automation, AutomationVersion, Campaign
from integrations.models import DataRequest, EventSource, GatewayAccount, InboundDelivery, ShopConnection
from integrations.simulator import operator
from landing.models import FormAnswer, LandingPage, Piece
from messaging.models import InboundMessage, PromoPool, Sender, TeamNumber
from shortlinks.models import BlockedHost, ShortDomain, ShortLink
from tests.tenants import Tenant

Case = Callable[[Tenant], dict[str, Any]]


def no_ids(foreign: Tenant) -> dict[str, Any]:
    return {}


def pk_of(model: type[Model], argument: str = "pk") -> Case:
    return lambda foreign: {argument: foreign[model].pk}


def simulated_message(foreign: Tenant) -> dict[str, Any]:
    """A message on one of its simulated phones, which no table of ours knows."""
    account = str(foreign[GatewayAccount].public_id)
    return {"message_id": operator.reply(account=account, phone="+33639980042", text=f"{foreign.marker} answer")}


def qr_of_link(foreign: Tenant) -> dict[str, Any]:
    return {"pk": foreign[ShortLink].pk, "kind": "svg"}


def of_viewset(space: str, model: type[Model], *views: str) -> dict[str, Case]:
    """A viewset's list, and those of its views that take a row."""
    lists = {f"{space}:{view}": no_ids for view in ("index", "index_results")}
    return lists | {f"{space}:{view}": pk_of(model) for view in views}


def blocked_host(foreign: Tenant) -> dict[str, Any]:
    """The operator's own, of no workspace; members of any are sent away."""
    return {"pk": BlockedHost.objects.get_or_create(host=f"{foreign.marker}.blocked.example")[0].pk}


ROW_VIEWS = ("edit", "delete", "history", "history_results", "usage")

CASES: dict[str, Case] = {
    # accounts
    "accounts:remove": pk_of(Membership),
    "accounts:role": pk_of(Membership),
    "accounts:settings": no_ids,
    "accounts:switch": pk_of(Workspace),
    "accounts:team": no_ids,
    # audience
    "audience:retention": no_ids,
    "audience:settings": no_ids,
    **of_viewset("audience_attributes", Attribute, *ROW_VIEWS),
    "audience_attributes:add": no_ids,
    **of_viewset("audience_audit", AuditEntry),
    **of_viewset("audience_blocks", Block, "delete"),
    "audience_blocks:add": no_ids,
    "audience_blocks:many": no_ids,
    **of_viewset("audience_contacts", Contact, *ROW_VIEWS, "inspect", "number", "export", "merge", "proof"),
    "audience_contacts:add": no_ids,
    "audience_contacts:bulk": no_ids,
    "audience_contacts:csv": no_ids,
    "audience_contacts:find": no_ids,
    **of_viewset("audience_topics", Topic, *ROW_VIEWS),
    "audience_topics:add": no_ids,
    **of_viewset("audience_tags", Tag, *ROW_VIEWS),
    "audience_tags:add": no_ids,
    **of_viewset("audience_imports", ContactImport, "inspect", "plan", "cancel", "rejects"),
    "audience_imports:add": no_ids,
    **of_viewset("audience_lists", ContactList, *ROW_VIEWS),
    "audience_lists:add": no_ids,
    **of_viewset("audience_segments", Segment, *ROW_VIEWS, "copy", "freeze"),
    "audience_segments:add": no_ids,
    "audience_segments:count": no_ids,
    # campaigns
    **of_viewset("automations", Automation, *ROW_VIEWS, "inspect", "switch", "try", "try_event", "upcoming"),
    "automations:add": no_ids,
    "automations:begin": no_ids,
    "automations:log": no_ids,
    "automations:restore": pk_of(AutomationVersion),
    **of_viewset(
        "campaigns", Campaign, *ROW_VIEWS, "autosave", "budget", "cancel", "confirm", "copy", "pause", "resume", "test"
    ),
    "campaign_credit_rules": no_ids,
    "campaign_orders": no_ids,
    "campaigns:add": no_ids,
    "campaigns:autosave_new": no_ids,
    "campaigns:clock": no_ids,
    "campaigns:count": no_ids,
    # integrations
    **of_viewset("gateway_accounts", GatewayAccount, *ROW_VIEWS, "inspect", "prices", "remove_prices", "test"),
    "gateway_accounts:add": no_ids,
    **of_viewset("integrations_shops", ShopConnection, *ROW_VIEWS, "inspect"),
    "integrations_shops:handed_over": pk_of(DataRequest),
    "integrations_shops:work_again": pk_of(InboundDelivery),
    "integrations_shops:past": pk_of(ShopConnection),
    "integrations_shops:start_past": pk_of(ShopConnection),
    "integrations_shops:stop_past": pk_of(ShopConnection),
    "integrations_shops:states": pk_of(ShopConnection),
    "integrations_shops:pair_again": pk_of(ShopConnection),
    "integrations_shops:package": lambda foreign: {"platform": "prestashop"},
    "integrations_shops:add": no_ids,
    **of_viewset("event_sources", EventSource, *ROW_VIEWS, "inspect", "secret"),
    "event_sources:add": no_ids,
    "simulator": no_ids,
    "simulator_clear": no_ids,
    "simulator_facts": no_ids,
    "simulator_find": no_ids,
    "simulator_mode": no_ids,
    "simulator_reply": no_ids,
    "simulator_thread": simulated_message,
    # landing
    "landing_answers_admin:csv": no_ids,
    "landing_answers_admin:delete": pk_of(FormAnswer),
    "landing_answers_admin:index": no_ids,
    "landing_answers_admin:index_results": no_ids,
    "landing:checks": pk_of(LandingPage),
    "landing:gallery": no_ids,
    "landing:new_from_page": pk_of(LandingPage),
    "landing:new_from_trade": lambda foreign: {"trade": "fashion"},
    "landing:page_preview": pk_of(LandingPage),
    "landing:theme": no_ids,
    "landing:try_links": pk_of(LandingPage),
    "landing:theme_moves": no_ids,
    "landing:theme_preview": no_ids,
    **of_viewset("landing_pieces", Piece, *ROW_VIEWS),
    "landing_pieces:add": no_ids,
    # messaging
    **of_viewset("messaging_inbox", InboundMessage, "act", "decide", "inspect"),
    "messaging_budget": no_ids,
    "messaging_rules": no_ids,
    **of_viewset("messaging_promo", PromoPool, *ROW_VIEWS),
    "messaging_promo:add": no_ids,
    **of_viewset("messaging_senders", Sender, *ROW_VIEWS),
    "messaging_senders:add": no_ids,
    **of_viewset("messaging_team", TeamNumber, *ROW_VIEWS, "code", "confirm"),
    "messaging_team:add": no_ids,
    # reports
    "reports:campaign": pk_of(Campaign, "campaign_id"),
    "reports:campaign_live": pk_of(Campaign, "campaign_id"),
    "reports:campaign_progress": pk_of(Campaign, "campaign_id"),
    "reports:campaign_recipients": pk_of(Campaign, "campaign_id"),
    "reports:campaign_why_nots": pk_of(Campaign, "campaign_id"),
    "reports:index": no_ids,
    # shortlinks
    "shortlinks_health": no_ids,
    **{f"shortlinks_blocked:{view}": no_ids for view in ("add", "index", "index_results")},
    **{f"shortlinks_blocked:{view}": blocked_host for view in ROW_VIEWS},
    **of_viewset("shortlinks_domains", ShortDomain, *ROW_VIEWS),
    "shortlinks_domains:add": no_ids,
    "shortlinks_domains:check": pk_of(ShortDomain),
    "shortlinks_domains:page": pk_of(ShortDomain),
    **of_viewset("shortlinks_links", ShortLink, "edit", "history", "history_results", "usage"),
    "shortlinks_links:add": no_ids,
    "shortlinks_links:page": pk_of(ShortLink),
    "shortlinks_links:poster": pk_of(ShortLink),
    "shortlinks_links:qr": qr_of_link,
    "shortlinks_links:qr_preview": pk_of(ShortLink),
    "shortlinks_links:several": no_ids,
    "shortlinks_links:switch": pk_of(ShortLink),
    "shortlinks_links:utm": no_ids,
}
