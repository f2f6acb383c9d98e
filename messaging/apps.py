from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    name = "messaging"
    verbose_name = _("Messaging")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audience.registry import register_explanation
        from integrations.health import register_health
        from messaging import conditions, dossier, receivers  # noqa: F401  # models are ready now
        from messaging.audience import explain_audience
        from messaging.health import health_of
        from messaging.queries import delivery_times
        from shortlinks.registry import register_delivery_times

        dossier.register()
        conditions.register()
        register_explanation(explain_audience)
        register_health(health_of)
        register_delivery_times(delivery_times)
