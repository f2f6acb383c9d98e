"""Departments and territories of France, by the names people know them by."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from phonenumbers import SUPPORTED_REGIONS

from audience.phone import TIME_ZONES

TERRITORIES: dict[str, str | Promise] = {
    "FR": _("Mainland France"),
    "GP": _("Guadeloupe"),
    "MQ": _("Martinique"),
    "GF": _("French Guiana"),
    "RE": _("Réunion"),
    "YT": _("Mayotte"),
    "PM": _("Saint-Pierre-et-Miquelon"),
    "BL": _("Saint-Barthélemy"),
    "MF": _("Saint-Martin"),
    "NC": _("New Caledonia"),
    "PF": _("French Polynesia"),
    "WF": _("Wallis and Futuna"),
}

# Code officiel géographique, INSEE, 2025; names are the same in every language.
_DEPARTMENTS = """
01 Ain|02 Aisne|03 Allier|04 Alpes-de-Haute-Provence|05 Hautes-Alpes|06 Alpes-Maritimes|07 Ardèche|08 Ardennes
09 Ariège|10 Aube|11 Aude|12 Aveyron|13 Bouches-du-Rhône|14 Calvados|15 Cantal|16 Charente|17 Charente-Maritime
18 Cher|19 Corrèze|2A Corse-du-Sud|2B Haute-Corse|21 Côte-d’Or|22 Côtes-d’Armor|23 Creuse|24 Dordogne|25 Doubs
26 Drôme|27 Eure|28 Eure-et-Loir|29 Finistère|30 Gard|31 Haute-Garonne|32 Gers|33 Gironde|34 Hérault
35 Ille-et-Vilaine|36 Indre|37 Indre-et-Loire|38 Isère|39 Jura|40 Landes|41 Loir-et-Cher|42 Loire|43 Haute-Loire
44 Loire-Atlantique|45 Loiret|46 Lot|47 Lot-et-Garonne|48 Lozère|49 Maine-et-Loire|50 Manche|51 Marne|52 Haute-Marne
53 Mayenne|54 Meurthe-et-Moselle|55 Meuse|56 Morbihan|57 Moselle|58 Nièvre|59 Nord|60 Oise|61 Orne|62 Pas-de-Calais
63 Puy-de-Dôme|64 Pyrénées-Atlantiques|65 Hautes-Pyrénées|66 Pyrénées-Orientales|67 Bas-Rhin|68 Haut-Rhin|69 Rhône
70 Haute-Saône|71 Saône-et-Loire|72 Sarthe|73 Savoie|74 Haute-Savoie|75 Paris|76 Seine-Maritime|77 Seine-et-Marne
78 Yvelines|79 Deux-Sèvres|80 Somme|81 Tarn|82 Tarn-et-Garonne|83 Var|84 Vaucluse|85 Vendée|86 Vienne|87 Haute-Vienne
88 Vosges|89 Yonne|90 Territoire de Belfort|91 Essonne|92 Hauts-de-Seine|93 Seine-Saint-Denis|94 Val-de-Marne
95 Val-d’Oise|971 Guadeloupe|972 Martinique|973 Guyane|974 La Réunion|975 Saint-Pierre-et-Miquelon|976 Mayotte
977 Saint-Barthélemy|978 Saint-Martin|986 Wallis-et-Futuna|987 Polynésie française|988 Nouvelle-Calédonie
"""
DEPARTMENTS: dict[str, str] = dict(
    one.split(" ", 1)
    for one in _DEPARTMENTS.strip().replace("\n", "|").split("|")  # type: ignore[misc]
)
# Corsica's postcodes begin with 20: the South with 200 and 201, the North with 202 and 206. Saint-Barthélemy and
# Saint-Martin kept a postcode of Guadeloupe.
_POSTCODES = {"2A": ("200", "201"), "2B": ("202", "206"), "977": ("97133", "977"), "978": ("97150", "978")}

# The departments and collectivities that are territories of their own.
OVERSEAS = {
    "971": "GP",
    "972": "MQ",
    "973": "GF",
    "974": "RE",
    "975": "PM",
    "976": "YT",
    "977": "BL",
    "978": "MF",
    "986": "WF",
    "987": "PF",
    "988": "NC",
    "97133": "BL",
    "97150": "MF",
}


def zone_of(territory: str, time_zone: str, postcode: str) -> str:
    """Where somebody with this number and this postcode is: an address overseas tells more than a mainland number."""
    overseas = OVERSEAS.get(postcode[:5]) or OVERSEAS.get(postcode[:3])
    return TIME_ZONES[overseas] if territory == "FR" and overseas else time_zone


def name_of_territory(territory: str) -> str:
    """A place by its name; a country abroad by its code."""
    return str(TERRITORIES.get(territory, territory))


def postcodes_of(department: str) -> tuple[str, ...]:
    """How the postcodes of a department begin."""
    return _POSTCODES.get(department, (department,))


def countries_abroad() -> list[str]:
    """Codes of all countries that numbers belong to, without those of France."""
    return sorted(SUPPORTED_REGIONS - set(TERRITORIES))
