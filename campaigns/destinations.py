"""Lines of the report card about where a text leads: its link, the page or address behind it, its promo codes."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.ch import whole
from campaigns.draft import Draft
from campaigns.lines import OK, STOP, WARN, Line
from campaigns.words import words_of_moment
from messaging.compose import CODE_FIELD
from messaging.services.promo import codes_missing
from shortlinks.queries import default_domain
from shortlinks.targets import BadTarget, check_target


def _link(review: Draft) -> Iterator[Line]:
    leads, has_link = review.campaign.leads_somewhere, bool(review.template.links)
    if not leads and not has_link:
        yield Line(WARN, _("Link"), _("No link: nothing will tell who is interested."))
    elif leads and not has_link:
        text = _("The text has no {link}: nobody finds the page.")
        yield Line(WARN, _("Link"), text, mend_label=_("Insert"), mend_action="insert", mend_text="{link}")
    elif leads and not review.host:
        yield Line(STOP, _("Link"), _("There is no short domain yet: add one first."), field="page")
    elif leads:
        yield _host_line(review)


def _host_line(review: Draft) -> Line:
    """A host that was not asked yet is taken for good."""
    domain = default_domain(workspace=review.campaign.workspace)
    if domain.is_answering is False:
        url = reverse("shortlinks_domains:page", args=[domain.pk])
        text = _("%(host)s does not answer for us: the link would lead nowhere.") % {"host": domain.host}
        return Line(WARN, _("Link"), text, mend_label=_("See why"), mend_url=url, field="page")
    return Line(OK, _("Link"), domain.host)


def _address(review: Draft) -> Iterator[Line]:
    address = review.campaign.target_url
    if not address:
        return
    if problem := _wrong_with(address, has_page=review.campaign.page is not None):
        yield Line(STOP, _("Address"), problem, field="target_url")
    else:
        yield Line(OK, _("Address"), address.removeprefix("https://"))


def _wrong_with(address: str, *, has_page: bool) -> str:
    if has_page:
        return _("Choose a page or an address, not both: one link leads to one place.")
    if not address.startswith("https://"):
        return _("Begin the address with https://.")
    try:
        check_target(address)
    except BadTarget as error:
        return str(error)
    return ""


def _page(review: Draft) -> Iterator[Line]:
    page = review.campaign.page
    if page is None:
        return
    if not page.live:
        url = reverse("wagtailadmin_pages:edit", args=[page.pk])
        text = _("“%(page)s” is not published.") % {"page": page}
        yield Line(STOP, _("Page"), text, mend_label=_("Publish"), mend_url=url, field="page")


def _codes(review: Draft) -> Iterator[Line]:
    pool, subject = review.campaign.promo_pool, _("Promo code")
    if pool is None:
        return
    if CODE_FIELD not in review.template.fields:
        text = _("The text has no {code}: nobody reads it.")
        yield Line(WARN, subject, text, mend_label=_("Insert"), mend_action="insert", mend_text="{code}")
    elif pool.expires_at and pool.expires_at <= review.leaves_at:
        text = _("“%(pool)s” ends %(moment)s.") % {"pool": pool, "moment": words_of_moment(pool.expires_at)}
        yield Line(STOP, subject, text, field="promo_pool")
    # Whoever said STOP gets a place, and with it a code, too: the gate tells afterwards why nothing left.
    elif missing := codes_missing(pool=pool, contacts=review.audience):
        text = ngettext("%(count)s code is missing: add it.", "%(count)s codes are missing: add them.", missing)
        url = reverse("messaging_promo:edit", args=[pool.pk])
        words = text % {"count": whole(missing)}
        yield Line(STOP, subject, words, mend_label=_("Add"), mend_url=url, field="promo_pool")
    else:
        yield Line(OK, subject, pool.shared_code or _("one for each"))


DESTINATIONS = (_link, _address, _page, _codes)
