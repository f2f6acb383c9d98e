import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlinks import signs
from shortlinks.signs import HEADERS, Accept, Encoding, Language, Sign, accept_of, encoding_of, language_of, signs_of

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
HINTS = {
    "user-agent": WINDOWS,
    "sec-ch-ua": '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
    "sec-ch-ua-mobile": "?0",
    "sec-ch-ua-platform": '"Windows"',
}


@pytest.mark.parametrize(
    ("method", "headers", "signs"),
    [
        ("GET", {}, 0),
        ("GET", {"user-agent": WINDOWS}, 0),
        ("HEAD", {}, Sign.HEAD),
        ("GET", {"sec-purpose": "prefetch;prerender"}, Sign.PREFETCH),
        ("GET", {"purpose": "prefetch"}, Sign.PREFETCH),
        ("GET", {"x-purpose": "preview"}, Sign.PREFETCH),
        ("GET", {"x-moz": "prefetch"}, Sign.PREFETCH),
        ("GET", {"upgrade-insecure-requests": "1"}, Sign.UPGRADES),
        ("GET", {"sec-fetch-mode": "navigate"}, Sign.HAS_FETCH | Sign.NAVIGATES),
        ("GET", {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}, Sign.HAS_FETCH),
        ("GET", {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}, Sign.HAS_FETCH | Sign.NAVIGATES),
        ("GET", {"sec-fetch-mode": "cors"}, Sign.HAS_FETCH | Sign.IS_SCRIPT),
        ("GET", {"x-requested-with": "XMLHttpRequest"}, Sign.IS_SCRIPT),
        ("GET", {"x-requested-with": "com.facebook.katana"}, Sign.IN_APP),
        ("GET", {"from": "bot@crawler.example"}, Sign.HAS_OPERATOR),
        ("GET", {"signature-agent": '"https://agent.example"'}, Sign.HAS_OPERATOR),
        ("GET", {"x-forwarded-proto": "https, http"}, Sign.IS_SECURE),
        ("GET", {"x-forwarded-proto": "http"}, Sign.IS_PLAIN),
        ("GET", {"te": "trailers", "priority": "u=0, i"}, Sign.TAKES_TRAILERS | Sign.HAS_PRIORITY),
    ],
)
def test_signs_are_read_from_method_and_headers(method, headers, signs):
    assert signs_of(method, headers.get) == signs


@pytest.mark.parametrize(
    ("changed", "signs"),
    [
        ({}, Sign.HAS_HINTS | Sign.HINTS_AGREE),
        ({"sec-ch-ua": '"Chromium";v="120", "Google Chrome";v="120"'}, Sign.HAS_HINTS),
        ({"sec-ch-ua-mobile": "?1"}, Sign.HAS_HINTS),
        ({"sec-ch-ua-platform": '"Linux"'}, Sign.HAS_HINTS),
        ({"user-agent": "Mozilla/5.0 (Windows NT 10.0; rv:145.0) Gecko/20100101 Firefox/145.0"}, Sign.HAS_HINTS),
        ({"sec-ch-ua": '"HeadlessChrome";v="142"'}, Sign.HAS_HINTS | Sign.HINTS_HEADLESS),
        ({"sec-ch-ua": '""'}, 0),
    ],
)
def test_client_hints_agree_with_the_user_agent_or_not(changed, signs):
    assert signs_of("GET", (HINTS | changed).get) == signs


@pytest.mark.parametrize(
    ("header", "shape"),
    [
        ("", Accept.NONE),
        ("*/*", Accept.ANYTHING),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Accept.PLAIN_HTML),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", Accept.FIREFOX),
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
            "application/signed-exchange;v=b3;q=0.7",
            Accept.CHROMIUM,
        ),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,image/apng,*/*;q=0.8", Accept.OLD_CHROMIUM),
        ("text/html", Accept.OTHER_HTML),
        ("application/json", Accept.OTHER),
    ],
)
def test_each_engine_accepts_in_its_own_way(header, shape):
    assert accept_of(signs_of("GET", {"accept": header}.get)) == shape


@pytest.mark.parametrize(
    ("header", "shape"),
    [
        ("", Language.NONE),
        ("*", Language.ANY),
        ("fr-FR", Language.SINGLE),
        ("fr-FR,fr;q=0.9", Language.TENTHS),
        ("fr-FR,fr;q=0.9,en-US;q=0.8,en;q=0.7", Language.TENTHS),
        ("zh-Hant-TW,en;q=0.9", Language.TENTHS),
        ("en-US,en;q=0.5", Language.PARTS),
        ("fr,fr-FR;q=0.8,en-US;q=0.5,en;q=0.3", Language.PARTS),
        ("fr,en;q=0.7,de;q=0.3", Language.PARTS),
        ("en-US,en;q=0.8", Language.OTHER),
        ("en_US", Language.OTHER),
    ],
)
def test_each_engine_weighs_languages_in_its_own_way(header, shape):
    assert language_of(signs_of("GET", {"accept-language": header}.get)) == shape


@pytest.mark.parametrize(
    ("header", "shape"),
    [
        ("", Encoding.NONE),
        ("identity", Encoding.IDENTITY),
        ("gzip", Encoding.GZIP),
        ("gzip, deflate", Encoding.GZIP_DEFLATE),
        ("gzip,deflate, br", Encoding.BROTLI),
        ("gzip, br", Encoding.BROTLI),
        ("gzip, deflate, br, zstd", Encoding.ZSTD),
        ("compress", Encoding.OTHER),
    ],
)
def test_encodings_are_read_as_a_set(header, shape):
    assert encoding_of(signs_of("GET", {"accept-encoding": header}.get)) == shape


def test_who_sends_very_much_is_read_like_anybody_and_not_remembered():
    asked = {"user-agent": WINDOWS, "accept-language": "fr", "from": "a" * signs.MOST_REMEMBERED}
    before = signs._remembered.cache_info()

    found = [signs_of("GET", (asked | {"te": str(number)}).get) for number in range(3)]

    assert found == [signs_of("GET", (asked | {"from": "a"}).get)] * 3
    after = signs._remembered.cache_info()
    assert (after.currsize - before.currsize, after.misses - before.misses) == (1, 1)


@given(st.text(max_size=8), st.dictionaries(st.sampled_from(HEADERS), st.text(max_size=60)))
def test_signs_of_anything_are_a_whole_number_of_63_bits(method, headers):
    assert 0 <= signs_of(method, headers.get) < 2**63


def test_the_end_of_a_line_inside_a_header_moves_no_other_header():
    asked = {"user-agent": WINDOWS, "accept": "text/html", "accept-language": "fr"}

    assert signs_of("GET", (asked | {"te": "a\nb"}).get) == signs_of("GET", asked.get)
