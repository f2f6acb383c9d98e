"""Writes of audience, by noun. Other rooms import from here."""

from audience.services.activity import note_activity, note_moment
from audience.services.consents import (
    MissingProof,
    NothingToWithdraw,
    confirm_consent,
    grant_consent,
    note_request,
    withdraw_consent,
)
from audience.services.contacts import add_contact
from audience.services.opt_outs import record_opt_out

__all__ = [
    "MissingProof",
    "NothingToWithdraw",
    "add_contact",
    "confirm_consent",
    "grant_consent",
    "note_activity",
    "note_moment",
    "note_request",
    "record_opt_out",
    "withdraw_consent",
]
