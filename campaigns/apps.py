from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Campaigns")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from campaigns import conditions, dossier, promises, receivers  # noqa: F401  # models are ready now
        from campaigns.services.calls import answer_call
        from integrations.models import EventSource
        from integrations.services import inbox

        inbox.register_handler(EventSource, answer_call)
        dossier.register()
        conditions.register()
        promises.register()
