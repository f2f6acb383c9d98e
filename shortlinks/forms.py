import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm

from accounts.admin import WorkspaceForm
from shortlinks.addresses import ascii_address
from shortlinks.hosts import one_spelling
from shortlinks.models import BlockedHost, ShortDomain, UtmTemplate
from shortlinks.services import BadHost, HostTaken, check_host, create_domain, make_default
from shortlinks.utm import unknown_placeholders

LABELS = re.compile(r"[a-z0-9_-]+([.:][a-z0-9_-]*)*")


class ShortDomainForm(WorkspaceForm):
    """A host is chosen once: every code ever sent hangs on it."""

    instance: ShortDomain

    host = forms.CharField(
        label=_("Host"),
        max_length=120,
        help_text=_("Such as go.example.com. It must point at this installation, with a certificate of its own."),
    )

    class Meta:
        model = ShortDomain
        fields = ["host", "is_default"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["is_default"].help_text = _("New links get this host.")
        if self.instance.pk:
            self.fields["host"].disabled = True
            # A default domain stops being it when another one becomes it.
            self.fields["is_default"].disabled = self.instance.is_default

    def clean_host(self) -> str:
        host = self.cleaned_data["host"].strip().lower()
        if self.instance.pk:
            return host
        try:
            check_host(host)
        except BadHost as error:
            raise forms.ValidationError(str(error)) from error
        except HostTaken as error:
            raise forms.ValidationError(_("This host is already in use.")) from error
        return host

    def save(self, commit: bool = True) -> ShortDomain:
        if not self.instance.pk:
            self.instance = create_domain(workspace=self.instance.workspace, **self.cleaned_data)
        elif self.cleaned_data["is_default"]:
            make_default(domain=self.instance)
        return self.instance


class BlockedHostForm(WagtailAdminModelForm):
    """A host or an address on it; kept as it travels."""

    class Meta:
        model = BlockedHost
        fields = ["host", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Another host is another row: that is how redirects notice.
        self.fields["host"].disabled = bool(self.instance.pk)

    def clean_host(self) -> str:
        typed = self.cleaned_data["host"].strip().lower()
        try:
            host = urlsplit(ascii_address(typed if "//" in typed else f"https://{typed}")).hostname or ""
        except ValueError:
            host = ""
        if not LABELS.fullmatch(host.strip(".")):
            raise forms.ValidationError(_("Write the host alone, such as casino.example."))
        return one_spelling(host.strip("."))


class UtmForm(forms.ModelForm):
    """What the workspace's links add to their addresses."""

    class Meta:
        model = UtmTemplate
        fields = ["source", "medium", "campaign"]
        labels = {name: f"utm_{name}" for name in fields}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, text in list(cleaned.items()):
            if unknown := unknown_placeholders(text):
                message = _("%(names)s is not known here.") % {"names": ", ".join(unknown)}
                self.add_error(name, message)
        return cleaned
