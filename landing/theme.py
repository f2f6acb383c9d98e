"""Eight choices of a brand in, colour roles and a voice out. Every pair of roles is readable, in light and in dark."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from landing.colours import BLACK, WHITE, contrast, from_oklch, mix, oklch, on_fill, repair

# The least contrast of a role on every ground (bg, card, tint).
INK, SOFT, LINK, EDGE = 7.0, 4.6, 4.6, 3.05


@dataclass(frozen=True)
class Font:
    """A variable font of ours, cut to what French and figures need. One at most is loaded by a page."""

    family: str
    weight: str
    stretch: str = ""

    def face(self, url: str) -> str:
        stretch = f";font-stretch:{self.stretch}" if self.stretch else ""
        return (
            f'@font-face{{font-family:"{self.family}";src:url("{url}") format("woff2");'
            f"font-weight:{self.weight}{stretch};font-display:swap}}"
        )


DISPLAY = "landing/fonts/chappe-display.woff2"
ELEGANT = "landing/fonts/chappe-elegant.woff2"
FRIENDLY = "landing/fonts/chappe-friendly.woff2"
FONTS: Mapping[str, Font] = {
    DISPLAY: Font("Chappe Display", "640", "62% 125%"),
    ELEGANT: Font("Chappe Elegant", "560"),
    FRIENDLY: Font("Chappe Friendly", "800"),
}
SERIF = 'ui-serif,"New York","Noto Serif",Georgia,serif'
# Fallbacks as narrow as the font, so that its arrival moves nothing.
CONDENSED = '"Chappe Display","Roboto Condensed","Avenir Next Condensed","Arial Narrow",sans-serif'


class Voice(NamedTuple):
    """How headings sound: the font that is loaded, if any, and how it is set."""

    font: str
    properties: Mapping[str, str]


VOICES: Mapping[str, Voice] = {
    "wide": Voice(DISPLAY, {"--wide": "118%"}),
    "normal": Voice(DISPLAY, {"--wide": "100%"}),
    "condensed": Voice(
        DISPLAY,
        {"--wide": "66%", "--tall": ".94", "--case": "uppercase", "--poster": "min(24vw,9rem)", "--display": CONDENSED},
    ),
    "elegant": Voice(ELEGANT, {"--display": f'"Chappe Elegant",{SERIF}', "--bold": "560", "--tall": "1.08"}),
    "friendly": Voice(
        FRIENDLY, {"--display": '"Chappe Friendly",ui-rounded,"Arial Rounded MT Bold",var(--text)', "--bold": "800"}
    ),
    "serif": Voice("", {"--display": SERIF, "--bold": "400", "--tall": "1.08"}),
}
CORNERS: Mapping[str, dict[str, str]] = {
    "sharp": {"--r": "0", "--rb": "0"},
    "soft": {"--r": ".5rem", "--rb": ".5rem"},
    "round": {"--r": "1.25rem", "--rb": "9rem"},
}
AIRS: Mapping[str, dict[str, str]] = {"tight": {"--air": ".8"}, "normal": {}, "airy": {"--air": "1.25"}}
TEXT_SIZES: Mapping[str, dict[str, str]] = {"normal": {}, "large": {"--text-size": "1.125rem"}}


@dataclass(frozen=True)
class Choices:
    """What a workspace chooses; the defaults are the look of a brand that has chosen nothing yet."""

    brand: str = "#0f4435"
    accent: str = "#dcc49a"
    paper: str = "#f3efe7"
    ink: str = "#171512"
    voice: str = "normal"
    corners: str = "soft"
    air: str = "normal"
    text_size: str = "normal"

    @property
    def font(self) -> str:
        """The file that a page loads for its headings; none for a voice that every phone has."""
        return VOICES[self.voice].font


class Roles(NamedTuple):
    """The colours that blocks may use. Nobody writes a colour anywhere else."""

    bg: str  # page
    card: str  # raised
    tint: str  # panel
    ink: str  # text
    soft: str  # second text
    line: str  # hairline, decoration only
    edge: str  # border of a control
    brand: str  # button
    on: str  # text on brand
    link: str  # brand as text
    pop: str  # accent as a fill
    on_pop: str
    stage: str  # large brand surface
    on_stage: str


class Move(NamedTuple):
    """A colour that had to give way to stay readable: by how many per cent of lightness, up or down."""

    role: str
    chosen: str
    shown: str
    percent: int

    @property
    def darker(self) -> int:
        return -self.percent


@lru_cache(maxsize=512)
def light_roles(choices: Choices) -> Roles:
    # A page by day is light, or no text could be read on paper and card alike.
    paper = repair(choices.paper, grounds=[BLACK], ratio=14)
    card, tint = mix(paper, WHITE, 0.72), mix(paper, choices.accent, 0.2)
    ink = repair(choices.ink, grounds=[paper, card, tint], ratio=INK)
    on = on_fill(choices.brand, ink=ink, paper=paper)
    return _roles((paper, card, tint), ink, choices, brand=choices.brand, stage=choices.brand, on_stage=on)


@lru_cache(maxsize=512)
def dark_roles(choices: Choices) -> Roles:
    _, chroma, hue = oklch(choices.ink)
    paper = from_oklch(0.185, min(chroma, 0.022), hue)
    card = from_oklch(0.225, min(chroma, 0.025), hue)
    tint = from_oklch(0.275, min(chroma, 0.03) + 0.006, hue)
    _, chroma, hue = oklch(choices.paper)
    ink = from_oklch(0.945, min(chroma, 0.018), hue)
    lightness, chroma, hue = oklch(choices.brand)
    stage = from_oklch(min(lightness, 0.33), min(chroma, 0.16), hue)
    brand = (
        from_oklch(0.8, min(chroma, 0.11), hue)
        if lightness < 0.48
        else repair(choices.brand, grounds=[paper, card], ratio=3.2)
    )
    on_stage = on_fill(stage, ink=ink, paper=ink)
    return _roles((paper, card, tint), ink, choices, brand=brand, stage=stage, on_stage=on_stage)


def _roles(
    grounds: tuple[str, str, str], ink: str, choices: Choices, *, brand: str, stage: str, on_stage: str
) -> Roles:
    paper, card, tint = grounds
    return Roles(
        bg=paper,
        card=card,
        tint=tint,
        ink=ink,
        soft=repair(mix(ink, paper, 0.32), grounds=grounds, ratio=SOFT),
        line=mix(paper, ink, 0.14),
        edge=repair(mix(paper, ink, 0.4), grounds=grounds, ratio=EDGE),
        brand=brand,
        on=on_fill(brand, ink=ink, paper=paper),
        link=repair(brand, grounds=grounds, ratio=LINK),
        pop=choices.accent,
        on_pop=on_fill(choices.accent, ink=ink, paper=paper),
        stage=stage,
        on_stage=on_stage,
    )


def moves(choices: Choices) -> list[Move]:
    """What was moved by day, for the marketer to know: the chosen colour and the one that is shown."""
    roles = light_roles(choices)
    pairs = [
        ("paper", choices.paper, roles.bg),
        ("ink", choices.ink, roles.ink),
        ("link", choices.brand, roles.link),
    ]
    return [
        Move(role, chosen, shown, round(100 * (oklch(shown).lightness - oklch(chosen).lightness)))
        for role, chosen, shown in pairs
        if contrast(chosen, shown) > 1.01
    ]


def css(choices: Choices, scheme: str = "") -> str:
    """The theme as custom properties, in half a kilobyte. The phone chooses light or dark, unless `scheme` does."""
    light, dark = light_roles(choices), dark_roles(choices)
    voice = (
        dict(VOICES[choices.voice].properties)
        | CORNERS[choices.corners]
        | AIRS[choices.air]
        | TEXT_SIZES[choices.text_size]
    )
    if scheme:
        shown = _properties(dark if scheme == "dark" else light) | voice | {"color-scheme": scheme}
        return f":root{{{_declared(shown)}}}"
    by_day = _properties(light) | voice
    by_night = {name: value for name, value in _properties(dark).items() if by_day[name] != value}
    return f":root{{{_declared(by_day)}}}@media(prefers-color-scheme:dark){{:root{{{_declared(by_night)}}}}}"


def _properties(roles: Roles) -> dict[str, str]:
    return {f"--{name.replace('_', '-')}": value for name, value in roles._asdict().items()}


def _declared(properties: Mapping[str, str]) -> str:
    return ";".join(f"{name}:{value}" for name, value in properties.items())
