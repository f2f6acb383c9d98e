from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import SealedJSONField
from accounts.models import NOBODY, WorkspaceModel
from audience.models import Contact
from landing.answers.asking import Kind
from landing.models.page import LandingPage
from shortlinks.models import ShortLink


class FormAnswer(WorkspaceModel):
    """What somebody sent by a form of a page. The words are sealed: numbers and names are among them."""

    changed_by = NOBODY

    class SignUp(models.TextChoices):
        NONE = "", pgettext_lazy("sign-up", "Not asked for")
        GRANTED = "granted", pgettext_lazy("sign-up", "Agreed")
        ASKED = "asked", pgettext_lazy("sign-up", "Asked to confirm by SMS")
        NOT_ASKED = "not_asked", pgettext_lazy("sign-up", "Not asked yet: there is no sender")

    page = models.ForeignKey(LandingPage, on_delete=models.SET_NULL, null=True, related_name="answers")
    # Which form of the page: the id of its block. Its heading stays with the answer.
    block = models.CharField(max_length=36)
    form = models.CharField(_("form"), max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="form_answers")
    # The visit it came from, as on Conversion.
    link = models.ForeignKey(ShortLink, on_delete=models.SET_NULL, null=True, related_name="+")
    position = models.BigIntegerField(null=True)
    # Question and answer, in the order of the form.
    words = SealedJSONField(default=list)
    # Purpose and exact wording of the boxes that were ticked.
    agreed = SealedJSONField(default=list)
    sign_up = models.CharField(_("offers by SMS"), max_length=12, choices=SignUp.choices, blank=True)
    # The same thing sent twice is one answer.
    dedup_key = models.BinaryField(max_length=32)
    answered_at = models.DateTimeField(_("answered"))
    # Since when nothing of what was written is kept.
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("form answer")
        verbose_name_plural = _("form answers")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "dedup_key"], name="one_form_answer_per_key_and_workspace")
        ]
        indexes = [
            models.Index(fields=["workspace", "-answered_at"], name="form_answer_latest"),
            models.Index(fields=["contact", "block"], name="form_answer_by_contact"),
            models.Index(fields=["workspace", "page", "block", "-answered_at", "-id"], name="form_answer_by_form"),
            models.Index(
                fields=["workspace", "answered_at"], name="form_answer_still_kept", condition=Q(forgotten_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form} {self.answered_at:%Y-%m-%d %H:%M}"
