"""Writes of campaigns, by noun: sending, drafts, automations."""

from campaigns.services.automations import restore_version, save_automation, switch_automation
from campaigns.services.budget import TooLow, raise_budget
from campaigns.services.crediting import credit_late, credit_order, note_late_clicks
from campaigns.services.decisions import answer_event, decide, resolve_due
from campaigns.services.drafts import Overtaken, copy_campaign, delete_campaign, save_draft
from campaigns.services.forms import answer_form
from campaigns.services.reminders import remind
from campaigns.services.replies import take_answer
from campaigns.services.sending import (
    NotReady,
    WrongState,
    cancel_campaign,
    launch_scheduled,
    pause_campaign,
    prepare_campaign,
    resume_campaign,
    schedule_campaign,
    send_campaign,
    send_test_of,
    sync_campaigns,
)

__all__ = [
    "NotReady",
    "Overtaken",
    "TooLow",
    "WrongState",
    "answer_event",
    "answer_form",
    "cancel_campaign",
    "copy_campaign",
    "credit_late",
    "credit_order",
    "decide",
    "delete_campaign",
    "launch_scheduled",
    "note_late_clicks",
    "pause_campaign",
    "prepare_campaign",
    "raise_budget",
    "remind",
    "resolve_due",
    "restore_version",
    "resume_campaign",
    "save_automation",
    "save_draft",
    "schedule_campaign",
    "send_campaign",
    "send_test_of",
    "switch_automation",
    "sync_campaigns",
    "take_answer",
]
