import pytest

from shortlinks import referrers
from shortlinks.referrers import referring_host


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://www.instagram.com/maison/p/1?igsh=a", "www.instagram.com"),
        ("http://Shop.Example:8080", "shop.example"),
        ("https://l.facebook.com/", "l.facebook.com"),
        ("android-app://com.google.android.gm/", "com.google.android.gm"),
        ("", ""),
        ("about:blank", ""),
        ("https://", ""),
        ("https://user:secret@shop.example/", ""),
        ("https://[::1]/", ""),
        ("https://sh\top.example/", ""),
        (f"https://{'a' * 101}.example/", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_a_referrer_is_its_host_alone(address, host):
    assert referring_host(address) == host


def test_of_a_long_page_address_no_more_is_remembered_than_where_its_host_may_be():
    longest = f"android-app://{'a' * 92}.example:65535/"
    referrers._host.cache_clear()

    hosts = {referring_host(f"{longest}{number}?{'b' * 10_000}") for number in range(3)}

    assert hosts == {f"{'a' * 92}.example"}
    assert referrers._host.cache_info().currsize == 1
