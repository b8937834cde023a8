"""The chapters of the sample organisation: 24 in 6 countries, and what each is like. All of it is invented."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.domain.chapters import Dues, Money, Visibility

HOME = ZoneInfo("Europe/London")
"""The organisation's own zone."""
FOUNDED_MONTHS_AGO = 14
OUTSIDE_CHAPTERS = 459
"""People who signed up and have no chapter near them yet."""

COUNTRIES = {"GB": "United Kingdom", "PT": "Portugal", "PL": "Poland", "GR": "Greece", "BR": "Brazil", "CA": "Canada"}
COLLECTING_BRANCH = "GB"

GATHERINGS = (
    ("GB", 3, 85, 9, ("London", "Leeds", "Glasgow")),
    ("BR", 6, 120, 12, ("São Paulo", "Recife")),
)
"""Country, months ago, people, delegates, and the chapters that confirmed it."""
TOGETHER = (("London", 2, "Norwich", True), ("Kraków", 4, "Łódź", True), ("Montréal", 5, "Toronto", True), ("Glasgow", 0, "London", False))
"""Who checked in, how many check-ins ago, with whom, and whether they have said yes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """One chapter: who and how many it is, how often it meets, how promptly it reports.

    `joined` is months after the founding; `every`, `last` and `learnt` are days between check-ins, since the newest one and since
    anything was learnt; `behind` counts the newest past-due reports that it owes; `counts` are women, men, another and rather not say.
    """

    name: str
    country: str
    zone: str
    place: tuple[float, float]
    admins: tuple[str, ...]
    languages: tuple[str, ...] = ("en",)
    members: int | None = None
    facilitator: str | None = None
    channel: str | None = None
    joined: int = 0
    every: int = 14
    last: int = 6
    learnt: int = 0
    reports_on: int = 3
    behind: int = 0
    counts: tuple[int, int, int, int] | None = None
    delegate: bool = False
    dues: Dues | None = None
    money: Money = Money.NONE
    visibility: Visibility = Visibility.MEMBERS


LONDON, LEEDS, GLASGOW, BELFAST, PORTO, PATRAS, HALIFAX, VOLOS = (
    *("London", "Leeds", "Glasgow", "Belfast", "Porto", "Patras", "Halifax", "Volos"),
)
GB, PT, PL, GR = "Europe/London", "Europe/Lisbon", "Europe/Warsaw", "Europe/Athens"
SP, TORONTO = "America/Sao_Paulo", "America/Toronto"
OPEN = Visibility.OPEN

TOWNS = (
    Town(
        name=LONDON, country="GB", zone=GB, place=(51.5, -0.1), admins=("Ana", "Ben"), members=40, facilitator="Fay", channel="london",
        last=6, reports_on=2, counts=(14, 22, 2, 0), delegate=True, dues=Dues.UNDECIDED, visibility=OPEN,
    ),
    Town(
        name=LEEDS, country="GB", zone=GB, place=(53.8, -1.5), admins=("Sam",), members=62, facilitator="Fay", channel="leeds",
        last=41, reports_on=5, counts=(20, 36, 0, 1), dues=Dues.AGREED,
    ),
    Town(
        name=GLASGOW, country="GB", zone=GB, place=(55.9, -4.3), admins=("Isla", "Callum"), members=118, facilitator="Fay",
        channel="glasgow", every=7, last=2, reports_on=2, counts=(43, 58, 2, 1), delegate=True, dues=Dues.COLLECTING,
        money=Money.BANK_ACCOUNT, visibility=OPEN,
    ),
    Town(
        name="Cardiff", country="GB", zone=GB, place=(51.5, -3.2), admins=("Rhys", "Carys"), languages=("en", "cy"), members=54, joined=2,
        every=21, last=9, reports_on=6, counts=(17, 28, 0, 0), dues=Dues.DECLINED,
    ),
    Town(
        name="Norwich", country="GB", zone=GB, place=(52.6, 1.3), admins=("Tom",), members=31, facilitator="Fay", joined=4, every=28,
        last=12, reports_on=8, behind=1,
    ),
    Town(name=BELFAST, country="GB", zone=GB, place=(54.6, -5.9), admins=("Niamh",), joined=13, last=5),
    Town(
        name=PORTO, country="PT", zone=PT, place=(41.1, -8.6), admins=("Rui", "Inês"), languages=("pt",), members=47, facilitator="Fay",
        last=81, reports_on=4, behind=3, counts=(13, 27, 0, 0), dues=Dues.UNDECIDED,
    ),
    Town(
        name="Coimbra", country="PT", zone=PT, place=(40.2, -8.4), admins=("Tiago",), languages=("pt",), members=66, joined=1, last=8,
        reports_on=3, counts=(27, 32, 1, 0), delegate=True,
    ),
    Town(
        name="Setúbal", country="PT", zone=PT, place=(38.5, -8.9), admins=("Beatriz", "João"), languages=("pt",), members=38, joined=7,
        every=21, last=10, reports_on=7,
    ),
    Town(
        name="Łódź", country="PL", zone=PL, place=(51.8, 19.5), admins=("Zofia", "Michał"), languages=("pl",), members=84,
        facilitator="Gil", last=4, reports_on=2, counts=(25, 49, 0, 2), delegate=True, dues=Dues.AGREED,
    ),
    Town(
        name="Kraków", country="PL", zone=PL, place=(50.1, 19.9), admins=("Kasia", "Piotr"), languages=("pl", "en"), members=142,
        facilitator="Gil", channel="krakow", every=7, last=3, reports_on=2, counts=(47, 78, 1, 2), delegate=True, dues=Dues.DECLINED,
        visibility=OPEN,
    ),
    Town(
        name="Wrocław", country="PL", zone=PL, place=(51.1, 17.0), admins=("Ewa",), languages=("pl",), members=73, facilitator="Fay",
        joined=3, last=11, reports_on=5, behind=2, counts=(22, 42, 0, 0),
    ),
    Town(
        name="Gdańsk", country="PL", zone=PL, place=(54.4, 18.6), admins=("Marek",), languages=("pl",), members=58, facilitator="Gil",
        joined=5, every=21, last=7, reports_on=9, counts=(19, 30, 0, 1),
    ),
    Town(
        name="Αθήνα", country="GR", zone=GR, place=(38.0, 23.7), admins=("Ελένη", "Νίκος"), languages=("el", "en"), members=176,
        facilitator="Gil", channel="athina", every=7, last=5, reports_on=3, counts=(56, 102, 1, 1), delegate=True, dues=Dues.UNDECIDED,
        visibility=OPEN,
    ),
    Town(
        name=PATRAS, country="GR", zone=GR, place=(38.2, 21.7), admins=("Γιώργος",), languages=("el",), members=29, joined=3, every=21,
        last=50, reports_on=6,
    ),
    Town(
        name=VOLOS, country="GR", zone=GR, place=(39.4, 22.9), admins=("Maria",), languages=("el",), members=22, joined=2, every=28,
        last=150, reports_on=7, behind=6,
    ),
    Town(
        name="São Paulo", country="BR", zone=SP, place=(-23.5, -46.6), admins=("Luana", "Caio", "Davi"), languages=("pt",), members=312,
        channel="sao-paulo", every=7, last=1, reports_on=2, counts=(105, 168, 5, 2), delegate=True, dues=Dues.COLLECTING,
        money=Money.CASH_BOX, visibility=OPEN,
    ),
    Town(
        name="Recife", country="BR", zone="America/Recife", place=(-8.1, -34.9), admins=("Tainá",), languages=("pt",), members=134,
        facilitator="Fay", joined=1, last=8, reports_on=4, counts=(47, 69, 1, 1), delegate=True,
    ),
    Town(
        name="Belém", country="BR", zone="America/Belem", place=(-1.5, -48.5), admins=("Raí",), languages=("pt",), members=69, joined=6,
        last=13, reports_on=8, counts=(21, 40, 0, 0),
    ),
    Town(
        name="Curitiba", country="BR", zone=SP, place=(-25.4, -49.3), admins=("Helena",), languages=("pt",), members=51, joined=2,
        last=9, learnt=149, reports_on=5,
    ),
    Town(
        name="Montréal", country="CA", zone=TORONTO, place=(45.5, -73.6), admins=("Élise", "Marc"), languages=("fr", "en"), members=187,
        channel="montreal", joined=1, every=7, last=4, reports_on=3, counts=(66, 98, 4, 2), delegate=True, dues=Dues.COLLECTING,
        money=Money.FISCAL_HOST, visibility=OPEN,
    ),
    Town(
        name="Toronto", country="CA", zone=TORONTO, place=(43.7, -79.4), admins=("Priya", "Omar"), members=164, every=10, last=7,
        reports_on=2, counts=(52, 94, 3, 1), delegate=True, dues=Dues.AGREED,
    ),
    Town(
        name="Vancouver", country="CA", zone="America/Vancouver", place=(49.3, -123.1), admins=("Wei",), members=96, joined=4, last=3,
        reports_on=6, counts=(31, 50, 2, 1), dues=Dues.DECLINED,
    ),
    Town(name=HALIFAX, country="CA", zone="America/Halifax", place=(44.6, -63.6), admins=("Jack",), joined=5, every=0),
)  # fmt: skip

PEOPLE = ("Ana", "Ben", "Mo", "Fay", "Gil", "Cora", *(name for town in TOWNS for name in town.admins if name not in ("Ana", "Ben")))
"""Everybody in the server, by the name that is shown."""
CHANNELS = tuple(town.channel for town in TOWNS if town.channel is not None)
