"""The proof of a person's consent, as a page that prints well, and as a signed file."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext, gettext_lazy

from audience.ledger.proof import make_proof
from audience.models import AuditEntry, ConsentAct, LegalBasis, Purpose
from audience.people.forms import ReasonForm
from audience.people.page import standing_of
from audience.people.rights import CHANGERS, PersonView
from audience.services.audit import note
from audience.services.exports import as_json


class ProofView(PersonView):
    """Asked for with a reason, noted in the audit log: it shows the full number."""

    roles = CHANGERS
    template_name = "audience/contact/proof.html"
    page_title = gettext_lazy("Proof of consent")

    def form_valid(self, form: ReasonForm) -> HttpResponse:
        contact, now, reason = self.contact, timezone.now(), form.cleaned_data["reason"]
        note(action=AuditEntry.Action.PROOF, by=self.request.user, now=now, contact=contact, reason=reason)
        proof = make_proof(workspace=self.request.workspace, contact=contact, by=self.request.user, now=now)
        if self.request.POST.get("as") != "json":
            shown = {"proof": proof, "made_at": now, "statements": list(statements(proof))}
            return self.once(**shown, standing=standing_of(contact))
        response = HttpResponse(as_json(proof), content_type="application/json; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="proof-{contact.pk}.json"'
        add_never_cache_headers(response)
        return response


def statements(proof: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows in words."""
    for row in proof["ledger"]:
        evidence = {name: value for name, value in (row["evidence"] or {}).items() if name != "nonce"}
        yield {
            "number": row["id"],
            "purpose": Purpose(row["purpose"]).label,
            "act": ConsentAct(row["act"]).label,
            "basis": LegalBasis(row["legal_basis"]).label,
            "occurred_at": datetime.fromisoformat(row["occurred_at"]),
            "source": row["source"],
            "collected_by": row["collected_by"],
            "wording": row["wording"],
            "version": row["wording_version"],
            "evidence": dict(sorted(evidence.items())),
            "seal": row["seal"],
            "caution": caution_of(row),
        }


def caution_of(row: dict[str, Any]) -> str:
    """What a reader must know of a row that is not this person's under this number."""
    if not row["is_of_this_number"]:
        return gettext("Said under another number of this person.")
    return "" if row["is_of_this_person"] else gettext("Of this number, but not of this contact: it allows nothing.")
