"""What audience keeps, by noun. Other rooms import from here."""

from audience.models.audit import AuditEntry
from audience.models.blocks import Block
from audience.models.consents import (
    LAST_WORDS,
    Consent,
    ConsentAct,
    ConsentEvidence,
    LedgerHead,
    LegalBasis,
    OptOut,
    OptOutScope,
    Purpose,
)
from audience.models.contacts import Contact, FormerNumber, Gender, Tag, Tagging
from audience.models.dates import ContactDate
from audience.models.imports import ColumnMeaning, ContactImport, ImportPiece
from audience.models.lists import ContactList, ListMembership
from audience.models.preferences import Frequency, Preference, Topic, TopicRefusal
from audience.models.segments import Segment
from audience.models.settings import OPTIONAL_FIELDS, Attribute, AudienceSettings

__all__ = [
    "LAST_WORDS",
    "OPTIONAL_FIELDS",
    "Attribute",
    "AudienceSettings",
    "AuditEntry",
    "Block",
    "ColumnMeaning",
    "Consent",
    "ConsentAct",
    "ConsentEvidence",
    "Contact",
    "ContactDate",
    "ContactImport",
    "ContactList",
    "FormerNumber",
    "Frequency",
    "Gender",
    "ImportPiece",
    "LedgerHead",
    "LegalBasis",
    "ListMembership",
    "OptOut",
    "OptOutScope",
    "Preference",
    "Purpose",
    "Segment",
    "Tag",
    "Tagging",
    "Topic",
    "TopicRefusal",
]
