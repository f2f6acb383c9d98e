"""The screen of the rules of sending: each choice beside what the law says, with its source and date."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import SettingsView
from integrations.models import GatewayAccount
from messaging import law
from messaging.law import Kind, Text
from messaging.models import SendingRules
from messaging.rules import cap_by, rules_of
from messaging.services.rules import NeedsConfirmation, save_rules
from messaging.words_of_law import hours_of_text, name_of_text, provider_of, text_in_words


@dataclass(frozen=True)
class Said:
    """A text in words, as the screen shows it beside a choice."""

    name: str
    hours: str
    source: str
    checked_on: date
    applies_from: date

    # Providers do not say since when.
    is_dated: bool

    @property
    def is_link(self) -> bool:
        return self.source.startswith("https://")


def said(text: Text) -> Said:
    is_dated = text.kind == Kind.LAW
    return Said(name_of_text(text.slug), hours_of_text(text), text.source, text.checked_on, text.applies_from, is_dated)


class RulesForm(forms.ModelForm):
    policy = forms.ChoiceField(label=gettext_lazy("Hours of advertising"), widget=forms.RadioSelect)

    class Meta:
        model = SendingRules
        fields = ["policy", "allows_sundays", "allows_holidays", "cap_messages", "cap_days", "sector"]
        widgets = {"sector": forms.RadioSelect}
        help_texts = {
            "allows_sundays": gettext_lazy("The charter of 2026 tolerates Sundays and advises against them."),
            "allows_holidays": gettext_lazy("The charter of 2026 tolerates public holidays and advises against them."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hours = [(text.slug, text_in_words(text)) for text in law.offered()]
        self.fields["policy"].choices = hours  # type: ignore[attr-defined]
        self.fields["cap_messages"].required = False
        empty = _("Empty: %(number)s in 7 days, as set for the whole installation.")
        self.fields["cap_messages"].help_text = empty % {"number": cap_by(SendingRules()).messages}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if policy := cleaned.get("policy"):
            for name in ("allows_sundays", "allows_holidays"):
                if cleaned.get(name) and not getattr(law.text_called(policy), name):
                    self.add_error(name, _("Only with the operators’ charter: prudent hours have none."))
        return cleaned


class RulesView(SettingsView):
    """Owners only; what allows more than before is asked once more."""

    form_class = RulesForm
    template_name = "messaging/rules.html"
    success_url = reverse_lazy("messaging_rules")
    page_title = gettext_lazy("Rules of sending")
    header_icon = "time"

    def get_instance(self) -> SendingRules:
        return rules_of(self.request.workspace)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        laws = [said(text) for text in law.in_force(today) if text.kind == Kind.LAW]
        return super().get_context_data(laws=laws, providers=self._providers(), **kwargs)

    def _providers(self) -> list[tuple[str, Said]]:
        """What the providers of this workspace's accounts hold back by themselves."""
        gateways = GatewayAccount.objects.order_by("gateway").values_list("gateway", flat=True).distinct()
        texts = [text for gateway in gateways if (text := provider_of(gateway))]
        return [(text.name, said(text)) for text in texts]

    def save(self, form: RulesForm) -> None:
        save_rules(
            workspace=self.request.workspace,
            by=self.request.user,
            now=timezone.now(),
            is_confirmed="confirmed" in self.request.POST,
            **form.cleaned_data,
        )

    def form_valid(self, form: RulesForm) -> HttpResponse:
        try:
            return super().form_valid(form)
        except NeedsConfirmation as error:
            context = self.get_context_data(form=form, widened=error.widened)
            return render(self.request, "messaging/rules_confirm.html", context)
