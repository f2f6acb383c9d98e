from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.admin import WorkspaceForm
from shortlinks.models import ShortDomain, ShortLink
from shortlinks.queries import NoShortDomain, default_domain
from shortlinks.services import (
    BadAlias,
    BadHost,
    BadTarget,
    HostTaken,
    check_alias,
    check_host,
    create_domain,
    make_default,
    publish_link,
)
from shortlinks.targets import check_target, leads_home


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


class ShortLinkForm(WorkspaceForm):
    """A link made by hand; of a campaign's link only where it leads and how long can be changed."""

    target_url = forms.URLField(label=_("Address"), max_length=2000, assume_scheme="https")

    class Meta:
        model = ShortLink
        fields = ["label", "domain", "alias", "target_url", "expires_at", "is_enabled"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target_url"].help_text = _("Where the link leads; it may be changed at any time.")
        if self.instance.pk:
            del self.fields["domain"]
            if not self.instance.alias:
                del self.fields["alias"]
                return
        else:
            self._choose_domain()
        self.fields["alias"].required = True

    def _choose_domain(self) -> None:
        try:
            self.initial["domain"] = default_domain(workspace=self.instance.workspace)
        except NoShortDomain:
            self.fields["domain"].help_text = _("There is none yet: an owner adds one under Settings, Short domains.")

    def clean_alias(self) -> str:
        return self.cleaned_data["alias"].strip().lower()

    def clean_target_url(self) -> str:
        try:
            check_target(self.cleaned_data["target_url"])
        except BadTarget as error:
            raise forms.ValidationError(str(error)) from error
        return self.cleaned_data["target_url"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        domain = cleaned.get("domain") or (self.instance.pk and self.instance.domain)
        if domain and (alias := cleaned.get("alias")):
            self._check_alias(domain, alias)
        return cleaned

    def _check_alias(self, domain: ShortDomain, alias: str) -> None:
        try:
            check_alias(domain=domain, alias=alias, link=self.instance)
        except BadAlias as error:
            self.add_error("alias", str(error))

    def save(self, commit: bool = True) -> ShortLink:
        link = self.instance
        # A token says who comes: never to a foreign address, and again when the link is brought back.
        if "target_url" in self.changed_data and not link.alias:
            link.carries_visit = leads_home(workspace=link.workspace, url=link.target_url)
        return publish_link(link=link)
