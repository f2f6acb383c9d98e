"""The letters that accounts writes."""

from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User, Workspace


class MailNotSent(Exception):
    """The mail server did not take the letter."""


def send_welcome(*, user: User, workspace: Workspace, is_new: bool) -> None:
    """Tell somebody that they are a member now, and how to choose a password or sign in. Raises MailNotSent."""
    address = settings.BASE_URL + (password_path(user) if is_new else reverse("wagtailadmin_login"))
    with override(workspace.language):
        subject = _("You are a member of %(workspace)s") % {"workspace": workspace}
        body = render_to_string("accounts/welcome.txt", {"workspace": workspace, "is_new": is_new, "address": address})
    try:
        send_mail(subject, body, None, [user.email])
    except (SMTPException, OSError) as error:
        raise MailNotSent from error


def password_path(user: User) -> str:
    """Where the owner of the mailbox chooses a password, once, within three days."""
    user_id = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("wagtailadmin_password_reset_confirm", args=[user_id, default_token_generator.make_token(user)])
