"""What a number makes the simulated operator do. Only 06 39 98 01 xx is magic; every other phone just works."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.gateways.base import ErrorClass, ReportStatus

BLOCK = "+336399801"


@dataclass(frozen=True)
class Behaviour:
    """How the operator treats one number. Seconds are those of an operator at ordinary pace."""

    label: str | Promise
    # At submission: refused with this error, always or only before the next try.
    refusal: ErrorClass | None = None
    refuses_first_tries: int = 0
    retry_after_seconds: float | None = None
    answer_after_seconds: float = 0
    # The line is cut instead of an answer: before the message was taken (first try only), or after.
    is_lost_at_first: bool = False
    is_cut_after_acceptance: bool = False
    # Afterwards: how often it is reported, as what, and when (None: as ordinary phones do).
    reports: int = 1
    status: ReportStatus = ReportStatus.DELIVERED
    code: str = ""
    report_after_seconds: float | None = None


ORDINARY = Behaviour(_("delivered in 2 to 8 s"))
MAGIC: dict[str, Behaviour] = {
    "04": Behaviour(_("number not assigned"), status=ReportStatus.UNDELIVERED, code="unassigned"),
    "05": Behaviour(_("delivery report before the answer"), answer_after_seconds=3, report_after_seconds=0),
    "06": Behaviour(_("refused: invalid number"), refusal=ErrorClass.RECIPIENT),
    "07": Behaviour(_("refused: the provider knows a STOP"), refusal=ErrorClass.OPTED_OUT),
    "08": Behaviour(_("no delivery report"), reports=0),
    "09": Behaviour(_("expires"), status=ReportStatus.EXPIRED, code="expired"),
    "12": Behaviour(_("delivery report five times"), reports=5),
    "20": Behaviour(_("answer after 5 s"), answer_after_seconds=5),
    "29": Behaviour(
        _("provider saturated (429), taken at the third try"),
        refusal=ErrorClass.THROTTLED,
        refuses_first_tries=2,
        retry_after_seconds=2,
    ),
    "50": Behaviour(_("cut after it was taken: “to be verified”"), is_cut_after_acceptance=True),
    "51": Behaviour(_("cut before it was taken: verified, then sent again"), is_lost_at_first=True),
}


def behaviour_of(phone: str) -> Behaviour:
    return MAGIC.get(phone.removeprefix(BLOCK), ORDINARY) if phone.startswith(BLOCK) else ORDINARY
