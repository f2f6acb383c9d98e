import pytest
from django.apps import apps
from django.db.models import ForeignKey

from audience import registry
from audience.models import Contact

POINTING = [
    model
    for model in apps.get_models()
    if any(isinstance(field, ForeignKey) and field.related_model is Contact for field in model._meta.concrete_fields)
]


@pytest.mark.parametrize("model", POINTING)
def test_a_model_that_points_at_contact_says_how_it_is_erased(model):
    assert model in registry.erasures, f"{model.__name__}: call audience.registry.register_erasure when its room starts"


@pytest.mark.parametrize("model", POINTING)
def test_a_model_that_points_at_contact_says_how_it_is_merged(model):
    assert model in registry.merges, f"{model.__name__}: call audience.registry.register_merge when its room starts"


# Places in lists, numbers of before, dates to come, and what somebody wished for themselves: nothing of it counts
# once they are gone.
OWN_WISHES = {"ContactDate", "FormerNumber", "ListMembership", "OptInRequest", "Preference", "Tagging", "TopicRefusal"}


@pytest.mark.parametrize("model", POINTING)
def test_the_database_deletes_nothing_that_is_counted_when_a_contact_goes(model):
    rules = {
        field.remote_field.on_delete.__name__
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.related_model is Contact
    }

    assert rules == {"SET_NULL"} or model.__name__ in OWN_WISHES
