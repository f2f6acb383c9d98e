"""Whatever a signed call holds: it is answered, it is never a 5xx, and what came of it stands there with a reason."""

from contextlib import contextmanager

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django_scopes import scope, scopes_disabled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.models import InboundDelivery
from integrations.services import inbox
from integrations.shops.registry import shop_of
from integrations.shops.shopify.adapter import READERS
from tests.factories import TUESDAY, make_shop
from tests.integrations.shop_calls import PAYLOADS
from tests.integrations.test_shop_contract import HOSTILE, JSON, mutated

SAMPLES = {
    slug: [path.read_bytes() for path in sorted((PAYLOADS / slug).glob("*.json"))] for slug in ("prestashop", "shopify")
}
TOPICS = st.sampled_from(sorted(READERS)) | st.text(
    st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=90
)
ENDED = {"done", "dead"}


def bodies(slug: str) -> st.SearchStrategy[bytes]:
    """A sample in which a few values were replaced by anything; cut off; in another encoding; or no sample at all."""
    sample = st.sampled_from(SAMPLES[slug])
    changes = st.lists(st.tuples(st.integers(0, 10**6), JSON), max_size=3)
    return st.one_of(
        st.builds(mutated, sample, changes),
        st.builds(lambda body, share: body[: int(len(body) * share)], sample, st.floats(0, 1)),
        st.builds(
            lambda body, codec: body.decode().encode(codec, "replace"),
            sample,
            st.sampled_from(["utf-16", "utf-32", "cp037"]),
        ),
        st.sampled_from(HOSTILE),
        st.binary(max_size=60),
    )


# A collection that falls into the depths of the deepest body has its finalizers fail, which Python tells and ignores.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("slug", sorted(SAMPLES))
@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_signed_call_is_answered_and_ends_with_a_reason(workspace, monkeypatch, slug, data):
    monkeypatch.setattr("integrations.views.timezone.now", lambda: TUESDAY)
    body, topic = data.draw(bodies(slug)), data.draw(TOPICS)

    with undone():
        shop = make_shop(workspace, slug)
        headers = shop_of(shop).sign(b"{}", topic, TUESDAY)
        headers |= signature_of(shop, body, topic)
        path = reverse("integrations:shop_webhook", args=[shop.public_id])
        response = Client(raise_request_exception=False).post(
            path, body, content_type=headers.pop("Content-Type"), headers=headers
        )
        if response.status_code == 401:  # a body that no secret can sign: not UTF-8, where the standard wants text
            return
        assert response.status_code == 200
        with scopes_disabled():
            delivery = inbox.work(delivery_id=InboundDelivery.objects.get().pk, now=TUESDAY)

        assert delivery.state in ENDED or delivery.outcome == "waiting for its order"
        assert " " in delivery.outcome or delivery.outcome == "connected"


def signature_of(shop, body: bytes, topic: str) -> dict[str, str]:
    try:
        return shop_of(shop).sign(body, topic, TUESDAY)
    except UnicodeDecodeError:
        return {}


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_body_that_is_cut_off_on_its_way_is_refused(workspace):
    shop = make_shop(workspace)
    headers = shop_of(shop).sign(SAMPLES["prestashop"][0], "", TUESDAY)
    path = reverse("integrations:shop_webhook", args=[shop.public_id])

    response = Client().post(
        path, SAMPLES["prestashop"][0][:-1], content_type=headers.pop("Content-Type"), headers=headers
    )

    with scope(workspace=workspace):
        assert (response.status_code, InboundDelivery.objects.exists()) == (401, False)
