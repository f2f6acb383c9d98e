"""Sentences of Wagtail that our own catalogue translates: its French guesses at the gender of a model's name."""

from django.utils.translation import gettext_noop

REWORDED = (
    gettext_noop("New: %(model_name)s"),
    gettext_noop("%(model_name)s '%(object)s' created."),
    gettext_noop("%(model_name)s '%(object)s' updated."),
    gettext_noop("%(model_name)s '%(object)s' deleted."),
    gettext_noop("The %(model_name)s could not be created due to errors."),
    gettext_noop("The %(model_name)s could not be saved due to errors."),
)
