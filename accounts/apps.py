from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import lookups, receivers  # noqa: F401  (models are not loaded when this module is)

        post_migrate.connect(give_roles_their_rights, dispatch_uid="accounts.give_roles_their_rights")


def give_roles_their_rights(sender: AppConfig, plan: Any = (), **kwargs: Any) -> None:
    """New models bring new permissions; all of them exist when Django has come to the last app."""
    from accounts.services import refresh_role_permissions  # models are not loaded when this module is

    *_others, last = (config for config in apps.get_app_configs() if config.models_module)
    went_forward = plan and not any(is_backwards for _migration, is_backwards in plan)
    if sender is last and went_forward:
        refresh_role_permissions()
