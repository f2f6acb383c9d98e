from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShortlinksConfig(AppConfig):
    name = "shortlinks"
    verbose_name = _("Short links")
    default_auto_field = "django.db.models.BigAutoField"
