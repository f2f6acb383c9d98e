from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LandingConfig(AppConfig):
    name = "landing"
    verbose_name = _("Landing pages")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from landing import dossier, receivers  # noqa: F401 - models are loaded only now
        from landing.answers import conditions

        dossier.register()
        conditions.register()
