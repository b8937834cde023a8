"""How the chapters near a chapter look."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.domain import distance
from bot.domain.text import Listing, Text, Value, counted, text
from bot.services.near import Near, Surroundings
from bot.services.organisations import language_name
from cogs.layout import Block, Button, Card, Line, Option, Row, Select, Small, Title, address, card
from db.nearby import Neighbour

MINUTE = timedelta(minutes=1)


def near_card(shown: Surroundings) -> Card:
    """The nearest chapters, and a choice of one to look at."""
    back = Button(text("Status of {chapter}", chapter=shown.chapter.name), address("ch.status", shown.chapter.id))
    return card(
        Title(text("Near {chapter}", chapter=shown.chapter.name)),
        *(Line(_line(each)) for each in shown.near),
        *_none(shown),
        *_choice(shown),
        Row((back,)),
    )


def _line(each: Near) -> Text:
    facts: list[Value] = [far(each.chapter), text("{zone}: {difference}", zone=each.chapter.timezone, difference=_difference(each.ahead))]
    if each.chapter.languages:
        facts.append(Listing(tuple(language_name(code) for code in each.chapter.languages)))
    return text("**{chapter}** · {facts}", chapter=each.chapter.name, facts=Listing(tuple(facts), "comma"))


def far(each: Neighbour) -> Text:
    """How far away it is, no finer than is known."""
    km = distance.rounded(each.km)
    return text("about {km} km", km=km) if km else text("less than 10 km")


def _difference(ahead: timedelta) -> Text:
    hours, minutes = divmod(abs(ahead) // MINUTE, 60)
    if not ahead:
        return text("same time")
    if minutes:
        lead = text("{hours} h {minutes} min ahead", hours=hours, minutes=minutes)
        return lead if ahead > timedelta() else text("{hours} h {minutes} min behind", hours=hours, minutes=minutes)
    if ahead > timedelta():
        return counted("{n} hour ahead", "{n} hours ahead", hours)
    return counted("{n} hour behind", "{n} hours behind", hours)


def _none(shown: Surroundings) -> Iterator[Block]:
    if shown.near:
        yield Small(text("As the crow flies, from places known to about 10 km."))
    elif shown.chapter.latitude is not None:
        yield Line(text("No other chapter has coordinates yet. /chapter list shows all of them by name."))
    else:
        yield Line(text("Where {chapter} is, is not known yet, so nobody can say what is near.", chapter=shown.chapter.name))
        if shown.may_edit:
            yield Line(text("You can add its coordinates: /chapter edit with the option coordinates, such as 51.5, -0.1."))
        else:
            yield Line(text("Its admins and coordinators can add its coordinates with /chapter edit. /chapter list shows all chapters."))


def _choice(shown: Surroundings) -> Iterator[Block]:
    if shown.near:
        options = tuple(Option(text("{name}", name=each.chapter.name), str(each.chapter.id), far(each.chapter)) for each in shown.near)
        yield Select(address("ch.pick"), text("Status of one of them"), options)


def nearest_line(near: Sequence[Neighbour]) -> Text:
    """The nearest chapters in one line."""
    told = tuple(text("{chapter} ({distance})", chapter=each.name, distance=far(each)) for each in near)
    return text("Nearest: {chapters}", chapters=Listing(told, "comma"))
