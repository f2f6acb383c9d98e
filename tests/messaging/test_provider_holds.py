"""What the law file says of providers is what their adapters call held."""

from datetime import timedelta

import pytest

from integrations.gateways.base import PARIS
from integrations.gateways.registry import gateway_classes
from messaging.law import provider_texts
from tests.factories import TUESDAY

HOLDS = {slug: gateway.capabilities.hold for slug, gateway in gateway_classes().items() if gateway.capabilities.hold}


@pytest.mark.parametrize("slug", sorted(HOLDS))
def test_law_file_and_adapter_agree_on_every_half_hour_of_a_week(slug):
    text, hold = provider_texts()[slug], HOLDS[slug]
    moments = [(TUESDAY + timedelta(minutes=30 * step)).astimezone(PARIS) for step in range(7 * 48)]

    for moment in moments:
        window = text.hours[moment.weekday()]
        is_open = window is not None and window.opens <= moment.time() < window.closes
        assert hold.is_on(moment) is not is_open, moment


def test_two_of_our_gateways_have_hours_of_their_own():
    assert sorted(HOLDS) == ["brevo", "ovh"]
