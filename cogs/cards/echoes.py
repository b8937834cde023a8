"""How it looks that another chapter finds the same thing hard: one line of thanks, and whom to write to."""

from bot.domain.calendar import Month
from bot.domain.chapters import Chapter
from bot.domain.text import Listing, Person, Text, Words, text
from bot.services.echoes import Echo, Neighbour
from cogs.layout import Button, Card, Line, Row, Small, Title, address, card

QUOTED = 200


def echo_line(echo: Echo) -> Text:
    """What the other chapter wrote, and what one could do about it."""
    passage = echo.passage if len(echo.passage) <= QUOTED else echo.passage[: QUOTED - 1].rstrip() + "…"
    return text("{chapter} finds this hard too: “{words}” Write to its admins?", chapter=echo.chapter, words=passage)


def echo_button(chapter: Chapter, period: Month, echo: Echo) -> Button:
    """Leads to who they are; that both still let it be shared is looked at then."""
    return Button(text("Admins of {chapter}", chapter=echo.chapter), address("rp.echo", chapter.id, period, echo.chapter_id, echo.period))


def neighbour_card(found: Neighbour) -> Card:
    """All that a chapter finds hard, and its admins."""
    chapter = found.chapter
    people = Listing(tuple(Person(each) for each in found.admins))
    whom = text("Its admins: {people}. Press a name to write to that person.", people=people)
    return card(
        Title(text("{chapter} · {period}", chapter=chapter.name, period=found.period)),
        Line(text("**{title}**\n{words}", title=text("What is hard"), words=Words(found.hard))),
        Line(whom if found.admins else text("It has no admins yet.")),
        Small(text("The bot tells them nothing. A few words are enough.")),
        Row(
            (
                Button(text("Read"), address("rp.read", chapter.id, found.period)),
                Button(text("Status of {chapter}", chapter=chapter.name), address("ch.status", chapter.id)),
            )
        ),
    )
