"""Who was it: a person, a machine, or can't be told. The first judgement, from the request alone.

To know a new machine is a line in a table. What it says is kept with the click as its reason. Nothing is human by
default: a hit counts as human only when it looks like a browser in every respect that we see.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from shortlinks.models import Device, Verdict
from shortlinks.signs import Sign

# What a link preview, a scanner or a crawler calls itself. First match wins; matched without regard to case.
ROBOTS: dict[str, str] = {
    # Apple's Messages fetches previews on the phone itself, in the name of two others at once.
    "preview:imessage": r"facebookexternalhit/\S+ Facebot Twitterbot/",
    "preview:google-messages": r"Google-PageRenderer",
    # Signal goes by this name too.
    "preview:whatsapp": r"^WhatsApp/",
    "preview:slack": r"Slackbot|Slack-ImgProxy",
    "preview:teams": r"SkypeUriPreview|MicrosoftPreview|Microsoft Teams Link",
    "preview:line": r"line-poker",
    "preview:facebook": r"facebookexternalhit|Facebot|facebookcatalog|meta-external",
    "preview:x": r"Twitterbot",
    "preview:telegram": r"TelegramBot",
    "preview:discord": r"Discordbot",
    "preview:linkedin": r"LinkedInBot",
    "preview:viber": r"^Viber/|Viber Link",
    "preview:snapchat": r"Snap URL Preview",
    "preview:pinterest": r"Pinterestbot",
    "preview:reddit": r"redditbot",
    "preview:other": r"Embedly|Iframely|BingPreview|vkShare|Yahoo Link Preview|Mastodon/|Synapse|Chrome-Lighthouse",
    # Named products only: a rule for "Google" alone would take the web view of every Pixel for a robot.
    "crawler:google": r"Googlebot|GoogleOther|Google-InspectionTool|AdsBot-Google|Mediapartners-Google|APIs-Google",
    "scanner:google": r"Google-Safety|Google-Read-Aloud|Google Web Preview|GoogleImageProxy",
    "crawler:bing": r"bingbot|adidxbot",
    "crawler:apple": r"Applebot",
    "scanner:security": r"Barracuda|Mimecast|Proofpoint|urlscan|VirusTotal|Zscaler|FortiGuard|Sophos|TrendMicro"
    r"|Symantec|Kaspersky|Bitdefender|Avast|CheckPoint|PhishTank|Netcraft|CensysInspect|Expanse",
    "program:headless": r"HeadlessChrome|PhantomJS|Puppeteer|Playwright|Selenium|SlimerJS",
    "program:library": r"^(curl|Wget|python|aiohttp|httpx|Go-http-client|Java|okhttp|Apache-HttpClient|libwww-perl|node"
    r"|axios|got|undici|Ruby|PHP|Guzzle|Dalvik|PostmanRuntime|insomnia|HTTPie|lua-resty|Faraday|rest-client)\b",
    "program:app": r"CFNetwork/|Dalvik/",
    # CUBOT makes phones.
    "robot:named": r"(?<!cu)bot\b|crawler|spider|scanner|link.?check|url.?check|preview|validator|monitor(ing)?\b"
    r"|\+https?://",
}
ROBOT = re.compile("|".join(f"(?P<r{place}>{pattern})" for place, pattern in enumerate(ROBOTS.values())), re.IGNORECASE)
REASONS = {f"r{place}": reason for place, reason in enumerate(ROBOTS)}

BROWSER = re.compile(
    r"Mozilla/5\.0 \((iPhone|iPad|iPod touch|Linux; |Macintosh; |Windows NT |X11; |Android \d+; )[^)]*\).*"
    r"(AppleWebKit/[\d.]+ \(KHTML, like Gecko\)|Gecko/[\d.]+ Firefox/\d)"
)

# First match wins.
DEVICES: list[tuple[re.Pattern[str], Device]] = [
    (re.compile(r"iPhone|iPod"), Device.IPHONE),
    (re.compile(r"iPad|Tablet|Android(?!.*Mobile)"), Device.TABLET),
    (re.compile(r"Android"), Device.ANDROID),
    (re.compile(r"Windows NT|Macintosh|X11"), Device.COMPUTER),
]


BROWSER_SIGNS = Sign.ACCEPTS_HTML | Sign.HAS_LANGUAGE


class Judgement(NamedTuple):
    verdict: str
    reason: str
    device: str


@lru_cache(maxsize=20_000)
def judge(signs: int, user_agent: str) -> Judgement:
    if machine := _machine(signs, user_agent):
        return Judgement(Verdict.BOT, machine, "")
    device = device_of(user_agent)
    if not BROWSER.match(user_agent):
        return Judgement(Verdict.UNSURE, "unknown-client", device)
    if signs & BROWSER_SIGNS != BROWSER_SIGNS:
        return Judgement(Verdict.UNSURE, "browser-without-its-headers", device)
    return Judgement(Verdict.HUMAN, "browser", device)


def _machine(signs: int, user_agent: str) -> str:
    """What shows that it was a machine, or nothing."""
    if signs & Sign.HEAD:
        return "head"
    if signs & Sign.PREFETCH:
        return "prefetch"
    if not user_agent.strip():
        return "no-user-agent"
    robot = ROBOT.search(user_agent)
    return REASONS[robot.lastgroup or ""] if robot else ""


@lru_cache(maxsize=20_000)
def device_of(user_agent: str) -> str:
    """What the visitor holds, as they say themselves; empty when they don't."""
    return next((device.value for pattern, device in DEVICES if pattern.search(user_agent)), "")
