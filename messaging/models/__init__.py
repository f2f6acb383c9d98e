"""What messaging keeps: what we send, and what people answer. Other rooms import from here."""

from messaging.models.answers import InboundMessage, OptInRequest
from messaging.models.attempts import Attempt, ProviderId, ReportEvent
from messaging.models.rules import Sector, SendingRules
from messaging.models.sending import (
    Batch,
    BatchLink,
    BatchPurpose,
    DemoClock,
    Lane,
    Message,
    Pace,
    PromoCode,
    PromoPool,
    Sender,
    TeamNumber,
)
from messaging.models.spending import SendingMinute, Spending, SpendingLimit

__all__ = [
    "Attempt",
    "Batch",
    "BatchLink",
    "BatchPurpose",
    "DemoClock",
    "InboundMessage",
    "Lane",
    "Message",
    "OptInRequest",
    "Pace",
    "PromoCode",
    "PromoPool",
    "ProviderId",
    "ReportEvent",
    "Sector",
    "Sender",
    "SendingMinute",
    "SendingRules",
    "Spending",
    "SpendingLimit",
    "TeamNumber",
]
