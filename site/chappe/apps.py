from django.apps import AppConfig


class ChappeConfig(AppConfig):
    """The house itself: wires the rooms, owns no table."""

    name = "chappe"
    verbose_name = "Chappe"
