import pytest

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
