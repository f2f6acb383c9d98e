from django import template
from django.conf import settings

from accounts.demo import is_demo

register = template.Library()


@register.simple_tag
def demo_login() -> dict[str, str] | None:
    """What to type on the sign-in page of a demo; None in production."""
    return {"email": settings.DEMO_EMAIL, "password": settings.DEMO_PASSWORD} if is_demo() else None
