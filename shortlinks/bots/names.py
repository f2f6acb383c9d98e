"""What machines call themselves. To know a new one is a line in a table; the rest knows a public list (crawlerdetect).

Our own table comes first: it has the previewers that write our recipients' links out before they are read, and its
reasons are words of ours. Names alone make a bot, never a human.
"""

import re

from crawlerdetect import CrawlerDetect

# What a link preview, a scanner or a crawler calls itself. First match wins; matched without regard to case.
ROBOTS: dict[str, str] = {
    # Apple's Messages fetches previews on the phone itself, in the name of two others at once.
    "preview:imessage": r"facebookexternalhit/\S+ Facebot Twitterbot/|iMessageLinkPreview",
    "preview:google-messages": r"Google-PageRenderer",
    # Signal goes by this name too.
    "preview:whatsapp": r"^WhatsApp/",
    "preview:slack": r"Slackbot|Slack-ImgProxy|Slack-LinkExpanding",
    "preview:teams": r"SkypeUriPreview|MicrosoftPreview|Microsoft Teams Link|MSTeamsLinkPreview",
    "preview:line": r"line-poker|Line-Spider",
    "preview:kakao": r"kakaotalk-scrap",
    "preview:facebook": r"facebookexternalhit|Facebot|facebookcatalog|facebookplatform|meta-external|cortex/1",
    "preview:x": r"Twitterbot",
    "preview:telegram": r"TelegramBot",
    "preview:discord": r"Discordbot",
    "preview:linkedin": r"LinkedInBot",
    "preview:viber": r"^Viber/|Viber Link",
    "preview:snapchat": r"Snap URL Preview",
    "preview:pinterest": r"Pinterestbot|Pinterest/0",
    "preview:reddit": r"redditbot",
    "preview:bluesky": r"Bluesky Cardyb",
    "preview:other": r"Embedly|Iframely|BingPreview|vkShare|Yahoo Link Preview|Mastodon/|Synapse|Chrome-Lighthouse"
    r"|Rocket\.?Chat|Mattermost|Zoombot|Skype\b.*Preview|Threema|LinkPreview|link-preview|OpenGraph|Tumblr/",
    # Named products only: a rule for "Google" alone would take the web view of every Pixel for a robot.
    "crawler:google": r"Googlebot|GoogleOther|Google-InspectionTool|AdsBot-Google|Mediapartners-Google|APIs-Google"
    r"|Google-Site-Verification|Google-Adwords|FeedFetcher-Google|Google-CloudVertex|Google-Extended|Google Favicon",
    "scanner:google": r"Google-Safety|Google-Read-Aloud|Google Web Preview|GoogleImageProxy|Google-Apps-Script",
    "crawler:bing": r"bingbot|adidxbot",
    "crawler:apple": r"Applebot",
    "crawler:ai": r"ChatGPT-User|Claude-User|Perplexity-User|MistralAI-User|cohere-ai|Bytespider|anthropic-ai"
    r"|DuckAssist|OAI-SearchBot|meta-webindexer|NovaAct|Manus-User",
    # Avast's and AVG's own browsers belong to people: they write a version behind the name.
    "scanner:security": r"Barracuda|Mimecast|Proofpoint|urlscan|VirusTotal|Zscaler|FortiGuard|Sophos|TrendMicro"
    r"|Symantec|Kaspersky(?!/\d)|Bitdefender|Avast(?!/\d)|CheckPoint|PhishTank|Netcraft|CensysInspect|Expanse"
    r"|zgrab|masscan|\bnmap\b|nuclei|nikto|sqlmap|wpscan|nessus|qualys|acunetix|detectify|netsparker|OpenPhish"
    r"|PhishLabs|SafeDNS|Cyren|Forcepoint|Websense|IronPort|Palo ?Alto|internet-?measurement|l9explore|leakix",
    "monitor": r"UptimeRobot|Pingdom|StatusCake|Site24x7|DatadogSynthetics|GTmetrix|Checkly|Better ?(Uptime|Stack)"
    r"|NewRelic(Pinger|Synthetics)|Catchpoint|RuxitSynthetic|Uptime-Kuma|HetrixTools|Freshping|Zabbix|check_http"
    r"|Route53-Health|StackdriverMonitoring|ELB-HealthChecker|kube-probe|Blackbox.Exporter|\bPTST/|Speed ?Curve"
    r"|Dareboost|Yottaa|Rigor|Alertra|Nagios|updown\.io|Oh Dear",
    "program:headless": r"HeadlessChrome|PhantomJS|Puppeteer|Playwright|Selenium|SlimerJS|WebDriver|Splash|Cypress/"
    r"|HtmlUnit|Nightmare|CasperJS|ZombieJS|jsdom|Prerender|rendertron|wkhtml",
    "program:library": r"^(curl|Wget|python|aiohttp|httpx|Go-http-client|Java|okhttp|Apache-HttpClient|libwww-perl|node"
    r"|axios|got|undici|Ruby|PHP|Guzzle|Dalvik|PostmanRuntime|insomnia|HTTPie|lua-resty|Faraday|rest-client|reqwest"
    r"|Jakarta|Mechanize|Deno|Bun|Typhoeus|Symfony|WinHttp|WinInet|PowerShell|Mozilla/\S+ \(Windows NT; Windows NT"
    r"|[\w.-]+ ?/?[\d.]* \(?(libcurl|okhttp|Go-http|python))\b|\bokhttp/|PowerShell/|\bScrapy\b|colly",
    "program:app": r"CFNetwork/|Dalvik/",
}
# Words that machines describe themselves with; asked after the names.
DESCRIBED = re.compile(
    r"bots?\b|crawl(er|ing)?\b|spider|scann(er|ing)\b|(link|url).?check|preview|validator|scrap(er|y)"
    r"|monitor(ing)?\b|fetch(er)?\b|archiver?\b|https?://|\+\s?(www\.|mailto:)|\(compatible;(?! MSIE)|health.?check"
    r"|[\w.]+@[\w-]+\.[a-z]{2,}",
    re.IGNORECASE,
)
ROBOT = re.compile("|".join(f"(?P<r{place}>{pattern})" for place, pattern in enumerate(ROBOTS.values())), re.IGNORECASE)
# The maker writes the model, and CUBOT, M bot and Spider make phones: not looked at, unless a robot speaks there.
MODEL = re.compile(r"\(Linux; (?:\w+; )*Android[^()]*(?:\([^()]*\)[^()]*)*\)|Android \(\d\d/[^()]*\)")
SPEAKS = re.compile(
    r"compatible|https?:|@|synthetics|catchpoint|duplexweb|(?:bot|crawler|spider|scanner)s?/\d|headless", re.IGNORECASE
)
REASONS = {f"r{place}": reason for place, reason in enumerate(ROBOTS)}
PUBLIC_LIST = CrawlerDetect()


def machine_name(user_agent: str) -> str:
    """The reason why a name is a machine's, or nothing."""
    if not user_agent.strip():
        return "no-user-agent"
    name = MODEL.sub(_without_model, user_agent)
    robot = ROBOT.search(name)
    if robot:
        return REASONS[robot.lastgroup or ""]
    if DESCRIBED.search(name):
        return "robot:described"
    return "robot:listed" if PUBLIC_LIST.is_crawler(name) else ""


def _without_model(comment: re.Match[str]) -> str:
    return comment[0] if SPEAKS.search(comment[0]) else "(Linux; Android)"
