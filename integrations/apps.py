from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    name = "integrations"
    verbose_name = _("Integrations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.rotation import register_store
        from integrations import conditions, dossier
        from integrations.models import GatewayAccount, ShopConnection  # models are ready now
        from integrations.queries import shop_hosts
        from integrations.services import inbox, shops
        from integrations.simulator import rotation
        from shortlinks.registry import register_shop_hosts

        register_store("simulator", rotation.rotate)
        inbox.register_handler(GatewayAccount, inbox.announce_gateway_news)
        inbox.register_handler(ShopConnection, shops.announce_shop_news)
        register_shop_hosts(shop_hosts)
        dossier.register()
        conditions.register()
