"""What a chapter is asked by others: whether it was at a gathering, whether it would like to rest; and what it answered."""

from bot.domain.text import Listing, Person, Text, Value, counted, text
from bot.services.gatherings import Question
from bot.services.rests import OFFERED_DAYS, Offer, Rested
from cogs.layout import Button, Card, Line, Row, Small, Title, Tone, address, card


def gathering_card(question: Question, *, asks: int | None = None) -> Card:
    """Asks a chapter whether it took part in its branch's gathering; `asks` is whom it mentions."""
    ask = text("Did you take part?") if asks is None else text("{person}, did you take part?", person=Person(asks))
    return card(
        _gathering_title(question),
        Line(text("A coordinator recorded that {chapter} was there, on {day}.", chapter=question.chapter, day=question.gathering.day)),
        *(Line(number) for number in _numbers(question)),
        Line(ask),
        Small(text("A gathering counts once at least two of its chapters have confirmed it.")),
        Row((_yes(question), _no(question))),
        notifies=[] if asks is None else [asks],
    )


def gathering_answered_card(question: Question) -> Card:
    """The question after somebody answered it; the answer can be changed."""
    about = question.gathering
    yes, person = about.state == "confirmed", Person(about.answered_by or 0)
    if yes:
        said = text("{person} said yes: {chapter} took part.", person=person, chapter=question.chapter)
    else:
        said = text("{person} said that {chapter} did not take part.", person=person, chapter=question.chapter)
    if about.counts:
        counts = text("The gathering counts: at least two chapters have confirmed it.")
    else:
        counts = text("The gathering does not count yet: at least two of its chapters must confirm it.")
    return card(_gathering_title(question), Line(said), Small(counts), Row((_no(question) if yes else _yes(question),)))


def _gathering_title(question: Question) -> Title:
    about = question.gathering
    return Title(text("Gathering of {branch}, {day}", branch=about.branch, day=about.day))


def _numbers(question: Question) -> list[Text]:
    about = question.gathering
    numbers: list[Text] = []
    if about.people is not None:
        numbers.append(counted("{n} person", "{n} people", about.people))
    if about.delegates is not None:
        numbers.append(counted("{n} delegate", "{n} delegates", about.delegates))
    return [text("{parts}", parts=Listing(tuple(numbers), "comma"))] if numbers else []


def _yes(question: Question) -> Button:
    return Button(text("Yes, we took part"), address("ga.yes", question.gathering_id, question.chapter_id), Tone.PRIMARY)


def _no(question: Question) -> Button:
    return Button(text("Not us"), address("ga.no", question.gathering_id, question.chapter_id))


def rest_card(offer: Offer, *, asks: int | None = None) -> Card:
    """Asks a chapter whether it would like to rest; `asks` is whom it mentions."""
    rests = (Button(counted("Rest {n} day", "Rest {n} days", days), address("rs.yes", offer.chapter_id, days)) for days in OFFERED_DAYS)
    ask = text("What do you think?") if asks is None else text("{person}, what do you think?", person=Person(asks))
    return card(
        Title(text("Would {chapter} like to rest for a while?", chapter=offer.chapter)),
        None
        if offer.by is None
        else Line(text("{person} offers it. Only {chapter}'s admins decide.", person=Person(offer.by), chapter=offer.chapter)),
        Line(text("A resting chapter is asked for nothing and is never overdue, and it can end its rest on any day.")),
        Line(ask),
        Row((*rests, Button(text("No, we go on"), address("rs.no", offer.chapter_id)))),
        notifies=[] if asks is None else [asks],
    )


def rest_decided_card(rested: Rested, by: int | None) -> Card:
    """What was decided, and by whom; the decision can be changed."""
    if rested.until is None and by is not None:
        return card(
            Line(text("{person} said that {chapter} goes on. Thank you.", person=Person(by), chapter=rested.chapter)),
            Row((Button(text("Rest a month after all"), address("rs.yes", rested.chapter_id, OFFERED_DAYS[0])),)),
        )
    named: dict[str, Value] = {"chapter": rested.chapter, "day": rested.until or ""}
    return card(
        Line(
            text("{chapter} rests until {day}.", **named)
            if by is None
            else text("{chapter} rests until {day}; {person} decided it.", **named, person=Person(by))
        ),
        Small(text("Nothing is asked of it until then.")),
        Row((Button(text("End the rest"), address("rs.no", rested.chapter_id)),)),
    )
