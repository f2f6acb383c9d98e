import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlinks.bots import BROWSER_SIGNS, ROBOTS, Judgement, judge
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
    ("Mozilla/5.0 (compatible; SomeBot/1.0; +https://example.com/bot)", "robot:named"),
    ("", "no-user-agent"),
    ("  ", "no-user-agent"),
]


@pytest.mark.parametrize(("user_agent", "device"), PEOPLE)
def test_a_browser_with_a_browser_s_headers_is_human(user_agent, device):
    assert judge(BROWSER_SIGNS, user_agent) == Judgement("human", "browser", device)


@pytest.mark.parametrize(("user_agent", "reason"), MACHINES)
def test_a_known_machine_is_a_bot_and_says_why(user_agent, reason):
    assert judge(BROWSER_SIGNS, user_agent) == Judgement("bot", reason, "")


@pytest.mark.parametrize("signs", [0, Sign.ACCEPTS_HTML, Sign.HAS_LANGUAGE])
def test_a_browser_s_name_without_its_headers_is_unsure(signs):
    assert judge(signs, SAFARI) == Judgement("unsure", "browser-without-its-headers", "iphone")


@pytest.mark.parametrize("user_agent", ["Mozilla/4.0", "SomeApp/1.0", "Mozilla/5.0", "Opera/9.8 (Windows NT 5.1)"])
def test_what_is_neither_is_unsure(user_agent):
    assert judge(BROWSER_SIGNS, user_agent).verdict == "unsure"


@given(st.sampled_from(PEOPLE), st.integers(0, 15).filter(lambda signs: signs & (Sign.HEAD | Sign.PREFETCH)))
def test_head_and_prefetch_are_never_human(person, signs):
    assert judge(signs, person[0]).verdict == "bot"


@given(st.text(max_size=100), st.integers(0, 15))
def test_whatever_comes_gets_one_of_three_verdicts(user_agent, signs):
    assert judge(signs, user_agent).verdict in {"human", "bot", "unsure"}


def test_every_reason_fits_its_column():
    assert max(map(len, ROBOTS)) <= 60
