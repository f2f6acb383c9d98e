from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = _("Reports")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from campaigns.registry import register_report  # models are loaded by now
        from reports import dossier
        from reports.urls import campaign_report_url

        register_report(campaign_report_url)
        dossier.register()
