import base64

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from accounts.keys import (
    CannotOpen,
    dated_address_hash,
    key_fingerprints,
    keyed_index,
    open_sealed,
    opt_out_hash,
    opt_out_hashes,
    parse_keys,
    seal,
)
from tests.environment import fixed_key

OLD, NEW = f"a:{fixed_key('s')}", f"b:{fixed_key('t')}"


@given(st.binary(max_size=200))
def test_what_is_sealed_is_opened_again(plain):
    assert open_sealed(seal(plain)) == plain


def test_the_same_value_is_never_sealed_alike():
    assert seal(b"+33639980001") != seal(b"+33639980001")


def test_after_a_rotation_old_values_open_and_new_ones_use_the_new_key(settings):
    old = seal(b"old")
    settings.SEAL_KEYS = [NEW, OLD]

    assert open_sealed(old) == b"old"
    assert (old[:2], seal(b"new")[:2]) == (b"a\x1f", b"b\x1f")


def test_value_of_a_key_we_do_not_hold_is_refused(settings):
    sealed = seal(b"secret")
    settings.SEAL_KEYS = [NEW]

    with pytest.raises(CannotOpen):
        open_sealed(sealed)


def test_wrong_key_under_the_same_name_is_refused(settings):
    sealed = seal(b"secret")
    settings.SEAL_KEYS = [f"a:{fixed_key('x')}"]

    with pytest.raises(CannotOpen):
        open_sealed(sealed)


@given(st.data())
def test_altered_value_is_refused(data):
    sealed = bytearray(seal(b"+33639980001"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))

    with pytest.raises(CannotOpen):
        open_sealed(bytes(sealed))


def test_opt_outs_are_found_under_every_key_ever_used(settings):
    written = opt_out_hash("+33639980001")
    settings.OPT_OUT_KEYS = [f"b:{fixed_key('p')}", *settings.OPT_OUT_KEYS]

    assert opt_out_hash("+33639980001") != written
    assert opt_out_hashes("+33639980001") == [opt_out_hash("+33639980001"), written]


def test_index_and_opt_out_hash_of_a_number_have_nothing_in_common():
    assert keyed_index("+33639980001") == keyed_index("+33639980001")
    assert keyed_index("+33639980001") != opt_out_hash("+33639980001")


def test_visitor_is_not_linkable_from_one_day_to_the_next():
    assert dated_address_hash("192.0.2.0", "2026-11-24") != dated_address_hash("192.0.2.0", "2026-11-25")


@pytest.mark.parametrize("items", [(), ("a:c2hvcnQ=",), ("a b:" + fixed_key("s"),), ("a:not base64!",)])
def test_keys_that_are_no_keys_are_refused(items):
    with pytest.raises(ImproperlyConfigured):
        parse_keys(items)


def test_fingerprints_name_the_keys_that_must_never_change(settings):
    settings.OPT_OUT_KEYS = [f"b:{fixed_key('p')}", f"a:{fixed_key('o')}"]

    fingerprints = key_fingerprints()

    assert list(fingerprints) == ["index", "opt-out:b", "opt-out:a"]
    assert base64.b64encode(settings.INDEX_KEY).decode() not in str(fingerprints)


@pytest.mark.parametrize("key", [b"", b"too short"])
def test_numbers_are_never_indexed_under_a_key_that_is_none(settings, key):
    settings.INDEX_KEY = key

    for use in (lambda: keyed_index("+33639980001"), key_fingerprints, lambda: dated_address_hash("a", "2026-01-01")):
        with pytest.raises(ImproperlyConfigured, match="CHAPPE_INDEX_KEY"):
            use()
