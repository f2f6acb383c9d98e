"""What audience keeps, by noun. Other rooms import from here."""

from audience.models.audit import AuditEntry
from audience.models.consents import (
    Consent,
    ConsentAct,
    ConsentEvidence,
    LegalBasis,
    OptOut,
    OptOutScope,
    Purpose,
)
from audience.models.contacts import Contact, Gender, Tag, Tagging
from audience.models.imports import ContactImport
from audience.models.lists import ContactList, ListMembership
from audience.models.segments import Segment
from audience.models.settings import OPTIONAL_FIELDS, Attribute, AudienceSettings

__all__ = [
    "OPTIONAL_FIELDS",
    "Attribute",
    "AudienceSettings",
    "AuditEntry",
    "Consent",
    "ConsentAct",
    "ConsentEvidence",
    "Contact",
    "ContactImport",
    "ContactList",
    "Gender",
    "LegalBasis",
    "ListMembership",
    "OptOut",
    "OptOutScope",
    "Purpose",
    "Segment",
    "Tag",
    "Tagging",
]
