import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import load
from bench.clicks import CORPUS, judged, measure, read
from shortlinks.bots import Judgement, judge
from shortlinks.bots.names import ROBOTS, machine_name
from shortlinks.signs import Sign

SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1"
)
IMESSAGE = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 "
    "Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0"
)
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"

PEOPLE = [
    (SAFARI, "iphone"),
    (f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} Mobile Safari/537.36", "android"),
    (f"Mozilla/5.0 (Linux; Android 9; CUBOT_X19 Build/PPR1; wv) {CHROME} Mobile Safari/537.36", "android"),
    (f"Mozilla/5.0 (Linux; Android 16; Pixel 10; wv) {CHROME} Mobile Safari/537.36 GSA/16.1 Google", "android"),
    ("Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", "android"),
    (f"Mozilla/5.0 (Linux; Android 14; SM-X710) {CHROME} Safari/537.36", "tablet"),
    ("Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/604.1", "tablet"),
    (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/142.0", "computer"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "computer"),
    (f"{SAFARI} [FBAN/FBIOS;FBAV/530.0]", "iphone"),
]
MACHINES = [
    (IMESSAGE, "preview:imessage"),
    (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/56.0 Safari/537.36 "
        "Google-PageRenderer Google (+https://developers.google.com/+/web/snippet/)",
        "preview:google-messages",
    ),
    ("WhatsApp/2.24.20.89 A", "preview:whatsapp"),
    ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "preview:slack"),
    (
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
        "preview:teams",
    ),
    ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "preview:facebook"),
    ("Twitterbot/1.0", "preview:x"),
    ("TelegramBot (like TwitterBot)", "preview:telegram"),
    ("LinkedInBot/1.0 (compatible; Mozilla/5.0; +http://www.linkedin.com)", "preview:linkedin"),
    (
        f"Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) {CHROME} Mobile Safari/537.36 (compatible; Googlebot/2.1)",
        "crawler:google",
    ),
    (f"Mozilla/5.0 (X11; Linux x86_64) {CHROME.replace('Chrome', 'HeadlessChrome')} Safari/537.36", "program:headless"),
    ("curl/8.5.0", "program:library"),
    ("python-requests/2.32", "program:library"),
    ("okhttp/5.1.0", "program:library"),
    ("Boutique/3 CFNetwork/1568 Darwin/24.0.0", "program:app"),
    ("Mozilla/5.0 (compatible; SomeBot/1.0; +https://example.com/bot)", "robot:described"),
    ("", "no-user-agent"),
    ("  ", "no-user-agent"),
]


HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CHROMIUM_HTML = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
NAVIGATION = {"sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
SHARED = {"accept-language": "fr-FR,fr;q=0.9", "accept-encoding": "gzip, deflate, br", **NAVIGATION}
IPHONE = {"user-agent": SAFARI, "accept": HTML, **SHARED}
HINTS = {
    "sec-ch-ua": '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
    "sec-ch-ua-mobile": "?1",
    "sec-ch-ua-platform": '"Android"',
}
ANDROID = {
    "user-agent": f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} Mobile Safari/537.36",
    "accept": CHROMIUM_HTML,
    "upgrade-insecure-requests": "1",
    **SHARED,
    **HINTS,
}
OVER_HTTP = {"accept-encoding": "gzip, deflate", "sec-fetch-site": "", "sec-fetch-mode": "", "sec-fetch-dest": ""}


def dressed(user_agent):
    """The request of the browser that the user agent tells of."""
    if "Chrome/" not in user_agent:
        return {**IPHONE, "user-agent": user_agent}
    platform = "Windows" if "Windows" in user_agent else "Android"
    mobile = "?1" if " Mobile" in user_agent else "?0"
    return {**ANDROID, "user-agent": user_agent, "sec-ch-ua-platform": f'"{platform}"', "sec-ch-ua-mobile": mobile}


def verdict_on(headers, method="GET"):
    return judged({"method": method, "headers": headers})


@pytest.mark.parametrize(("user_agent", "device"), PEOPLE)
def test_a_browser_in_its_own_clothes_is_human(user_agent, device):
    assert verdict_on(dressed(user_agent)) == Judgement("human", "browser", device)


@pytest.mark.parametrize(("user_agent", "reason"), MACHINES)
def test_a_known_machine_is_a_bot_whatever_it_wears(user_agent, reason):
    assert verdict_on({**IPHONE, "user-agent": user_agent}) == Judgement("bot", reason, "")


@pytest.mark.parametrize(
    ("headers", "doubt"),
    [
        ({"user-agent": SAFARI}, "no-html"),
        ({**IPHONE, "accept": "*/*"}, "no-html"),
        ({**IPHONE, "accept-language": ""}, "no-language"),
        ({**IPHONE, "accept-language": "*"}, "no-language"),
        ({**IPHONE, "accept": CHROMIUM_HTML}, "accept-of-another-browser"),
        ({**IPHONE, "sec-fetch-mode": "", "sec-fetch-dest": "", "sec-fetch-site": ""}, "no-fetch-metadata"),
        ({**IPHONE, "sec-fetch-dest": "image"}, "no-page"),
        ({**IPHONE, **HINTS}, "hints-of-another-browser"),
        ({**ANDROID, "accept-language": "en-US,en;q=0.5"}, "language-of-another-browser"),
        ({**ANDROID, "accept": HTML}, "accept-of-another-browser"),
        ({**ANDROID, "sec-ch-ua": ""}, "no-hints"),
        ({**ANDROID, "sec-ch-ua": '"Chromium";v="98"'}, "hints-of-another-browser"),
        ({**ANDROID, "sec-ch-ua-platform": '"Linux"'}, "hints-of-another-browser"),
        ({**ANDROID, **OVER_HTTP, "sec-ch-ua": "", "upgrade-insecure-requests": ""}, "no-upgrade"),
        ({**ANDROID, **OVER_HTTP, "sec-ch-ua": "", "x-forwarded-proto": "https"}, "no-fetch-metadata"),
        ({**ANDROID, **OVER_HTTP, "sec-ch-ua": "", "accept-encoding": "gzip"}, "odd-encoding"),
    ],
)
def test_a_browser_that_does_not_behave_like_itself_is_unsure(headers, doubt):
    assert verdict_on(headers)[:2] == ("unsure", doubt)


def test_the_load_of_benchmarks_is_human():
    headers = {name.lower(): value for name, value in load.HEADERS.items()}

    assert verdict_on(headers) == Judgement("human", "browser", "iphone")


@pytest.mark.parametrize("browser", [IPHONE, {**ANDROID, "sec-ch-ua": ""}])
def test_over_plain_http_browsers_send_less_and_are_human_all_the_same(browser):
    assert verdict_on({**browser, **OVER_HTTP})[:2] == ("human", "browser-over-http")


@pytest.mark.parametrize("user_agent", ["Mozilla/4.0", "SomeApp/1.0", "Mozilla/5.0", "Opera/9.8 (Windows NT 5.1)"])
def test_what_is_neither_is_unsure(user_agent):
    assert verdict_on({**IPHONE, "user-agent": user_agent})[:2] == ("unsure", "unknown-client")


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"from": "scan@scanner.example"}, "names-its-operator"),
        ({"sec-purpose": "prefetch;prerender"}, "prefetch"),
        ({"x-requested-with": "XMLHttpRequest"}, "script"),
        ({"sec-ch-ua": '"HeadlessChrome";v="142", "Chromium";v="142"'}, "program:headless"),
    ],
)
def test_one_header_can_give_a_machine_away(header, reason):
    assert verdict_on({**ANDROID, **header}) == Judgement("bot", reason, "")


@pytest.mark.parametrize("browser", [IPHONE, ANDROID])
def test_head_is_never_human(browser):
    assert verdict_on(browser, method="HEAD") == Judgement("bot", "head", "")


@pytest.mark.parametrize("model", ["CUBOT X19", "CUBOT_NOTE 20", "M bot 60", "XBot_Senior", "Spider 8 Build/1"])
def test_makers_of_phones_may_call_them_what_they_like(model):
    user_agent = f"Mozilla/5.0 (Linux; Android 13; {model}) {CHROME} Mobile Safari/537.36"

    assert verdict_on({**ANDROID, "user-agent": user_agent}) == Judgement("human", "browser", "android")


@pytest.mark.parametrize("model", ["Nexus 5; Googlebot/2.1", "K; +http://crawler.example"])
def test_a_robot_may_not_hide_where_a_phone_s_model_stands(model):
    assert machine_name(f"Mozilla/5.0 (Linux; Android 13; {model}) {CHROME} Mobile Safari/537.36")


@given(st.text(max_size=100), st.integers(0, 2**63 - 1))
def test_whatever_comes_gets_one_of_three_verdicts(user_agent, signs):
    assert judge(signs & ~(7 << 20), user_agent).verdict in {"human", "bot", "unsure"}


@given(st.integers(0, 2**20 - 1).filter(lambda signs: signs & (Sign.HEAD | Sign.PREFETCH)))
def test_head_and_prefetch_are_never_human(signs):
    assert judge(signs, SAFARI).verdict == "bot"


def test_every_reason_fits_its_column():
    assert max(map(len, ROBOTS)) <= 60


def test_the_corpus_is_judged_as_well_as_is_promised():
    hits = list(read(sorted(CORPUS.glob("*.jsonl"))))

    result = measure(hits)

    assert len(hits) >= 2000
    assert sum(1 for hit in hits if hit["label"] == "human" and not hit["source"].startswith("composed")) >= 600
    assert all(hit["source"] for hit in hits)
    assert result["precision"]["share"] >= 0.99
    assert result["recall"]["share"] >= 0.97
