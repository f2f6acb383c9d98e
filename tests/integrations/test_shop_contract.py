"""The laws that every registered shop keeps."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.gateways.base import WebhookCall
from integrations.shops.base import BadShopPayload, News, OrderSnapshot
from integrations.shops.registry import UnknownShop, shop_class, shop_classes
from tests.factories import TUESDAY
from tests.integrations.shop_calls import PAYLOADS, credentials_of, signed_call

SAMPLES = {slug: sorted((PAYLOADS / slug).glob("*.json")) for slug in shop_classes()}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(params=sorted(shop_classes()))
def shop(request):
    found = shop_class(request.param)
    return found(credentials_of(found))


@pytest.fixture
def call(shop):
    return signed_call(shop, SAMPLES[shop.slug][0].read_bytes())


def test_slug_label_and_steps_are_there(shop):
    assert (shop_class(shop.slug), bool(str(shop.label)), len(shop.steps) > 1) == (type(shop), True, True)


def test_good_signature_passes(shop, call):
    assert shop.verify(call, TUESDAY)


def test_altered_body_is_refused(shop, call):
    assert not shop.verify(replace(call, body=call.body + b" "), TUESDAY)


def test_call_signed_with_another_secret_is_refused(shop, call):
    stranger = type(shop)(credentials_of(type(shop), "another-secret"))

    assert not stranger.verify(call, TUESDAY)


def test_call_without_headers_is_refused(shop, call):
    assert not shop.verify(replace(call, headers={}), TUESDAY)


def test_shop_without_secret_refuses_everything(shop, call):
    assert not type(shop)({}).verify(call, TUESDAY)


@given(data=st.data())
@settings(max_examples=60)
def test_verify_never_raises(data):
    found = shop_class(data.draw(st.sampled_from(sorted(shop_classes()))))
    shop = found(credentials_of(found))
    names = st.sampled_from([name.lower() for name in shop.sign(b"{}", "orders/create", TUESDAY)])
    headers = data.draw(st.dictionaries(names, st.text(max_size=60)))
    hostile = WebhookCall(method="POST", query={}, headers=headers, body=data.draw(st.binary(max_size=60)))

    assert not shop.verify(hostile, TUESDAY)
    assert (len(shop.topic(hostile)) <= 80, len(shop.dedup_key(hostile)) <= 200) == (True, True)
    assert isinstance(shop.answer(hostile.body), dict)


def test_repeated_call_has_the_same_key_and_other_news_another(shop, call):
    again = signed_call(shop, call.body)
    other = signed_call(shop, SAMPLES[shop.slug][-1].read_bytes())

    assert shop.dedup_key(again) == shop.dedup_key(call)
    assert shop.dedup_key(other) != shop.dedup_key(call)


def test_secrets_are_not_in_the_representation(shop):
    assert not any(secret in repr(shop) for secret in shop.credentials.values())


@pytest.mark.parametrize(
    "path", [path for paths in SAMPLES.values() for path in paths], ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_every_sample_is_read_or_ignored(path):
    shop = shop_class(path.parent.name)({})
    body = path.read_bytes()
    # File names are "webhook_orders-create", "compliance_shop-redact".
    topic = path.stem.partition("_")[2].replace("-", "/")

    assert all(isinstance(each, News) for each in shop.parse(topic, body))
    assert isinstance(shop.note(topic, body), str)


@pytest.mark.parametrize("slug", sorted(shop_classes()))
@given(data=st.data())
@settings(max_examples=150)
def test_hostile_json_raises_nothing_but_bad_payload(slug, data):
    shop = shop_class(slug)({})
    body = data.draw(st.sampled_from(HOSTILE) | hostile_bodies(slug))

    try:
        snapshots = shop.parse("orders/create", body)
        shop.note("orders/create", body)
    except BadShopPayload:
        return

    for snapshot in snapshots:
        assert_storable(snapshot)


HOSTILE = [
    b"",
    b"\xff\xfe",
    b"[]",
    b"null",
    b"{}",
    b"[" * 100_000,
    b'{"id": ' + b"9" * 5_000 + b"}",
    b'{"schema": 1, "events": [{}, {"id": 3}, {"kind": "order.changed", "id": "x", "order": []}]}',
]


def hostile_bodies(slug: str) -> st.SearchStrategy[bytes]:
    """A real order in which a few values were replaced by anything."""
    return st.builds(
        mutated, st.sampled_from(ORDERS[slug]), st.lists(st.tuples(st.integers(0, 10**6), JSON), max_size=3)
    )


def mutated(body: bytes, changes: list) -> bytes:
    content = json.loads(body)
    for position, value in changes:
        places = list(places_of(content))
        holder, key = places[position % len(places)]
        holder[key] = value
    return json.dumps(content).encode()


def places_of(value):
    keys = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in keys:
        yield value, key
        yield from places_of(child)


ORDERS = {
    slug: [path.read_bytes() for path in paths if "order" in path.stem and "edited" not in path.stem]
    for slug, paths in SAMPLES.items()
}


def assert_storable(snapshot: OrderSnapshot) -> None:
    """What a strict database takes: no control characters, no lone surrogates, bounded lengths and numbers."""
    texts = [snapshot.external_id, snapshot.number, snapshot.first_name, snapshot.status_url, *snapshot.discount_codes]
    assert all("\x00" not in text and text.encode() is not None for text in texts)
    assert (len(snapshot.external_id) <= 80, len(snapshot.number) <= 80) == (True, True)
    assert 0 <= snapshot.total < 2**63
    assert 0 <= snapshot.version < 2**63


def test_unknown_platform_is_named():
    with pytest.raises(UnknownShop):
        shop_class("acme")
