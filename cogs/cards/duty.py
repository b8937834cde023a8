"""What is said about a chapter's turns: whose it is, that it was passed on, and who is away."""

from collections.abc import Iterator
from datetime import date

from bot.domain.duty import Turns
from bot.domain.text import Person, Text, Words, text
from bot.services.turns import Duty, Handed, Off, Passed, Passing
from cogs.cards.handovers import note_field, note_lines
from cogs.layout import Block, Button, Card, Form, Line, Row, Small, Title, Tone, address, card


def duty_card(shown: Duty) -> Card:
    """Whose turn it is; to the chapter's own people also the order, and who is away until when."""
    chapter = shown.chapter.name
    if shown.on_duty is None:
        return card(
            Title(text("Duty in {chapter}", chapter=chapter)),
            Line(text("{chapter} has no admin who could be on duty. /chapter admins add makes somebody one.", chapter=chapter)),
        )
    return card(
        Title(text("Duty in {chapter}", chapter=chapter)),
        *(_order(shown.turns) if shown.turns else [Line(text("{person} is on duty.", person=Person(shown.on_duty)))]),
        *_note(shown),
        Small(text("Who is on duty is asked for the monthly report. Once a month the turn passes to the next one in order.")),
        *([Small(text("To pass it on earlier: /duty pass. To be away: /duty away"))] if shown.turns else []),
    )


def _order(turns: Turns) -> Iterator[Block]:
    for n, each in enumerate(turns.admins, start=1):
        yield Line(_place(n, Person(each), turns.away.get(each), on_duty=each == turns.on_duty))
    if turns.on_duty in turns.away:
        yield Small(text("All are away, so whoever is back first is asked."))


def _place(n: int, person: Person, until: date | None, *, on_duty: bool) -> Text:
    if until is not None and on_duty:
        return text("{n}. {person}, on duty, away until {day}", n=n, person=person, day=until)
    if until is not None:
        return text("{n}. {person}, away until {day}", n=n, person=person, day=until)
    return text("{n}. {person}, on duty", n=n, person=person) if on_duty else text("{n}. {person}", n=n, person=person)


def _note(shown: Duty) -> Iterator[Block]:
    if shown.note is not None:
        person, words = Person(shown.note.from_user), Words(shown.note.note)
        yield Line(text("{person} passed the turn on to you with this note: {note}", person=person, note=words))


def pass_form(found: Passing) -> Form:
    """Asks for a note to whoever has the turn next."""
    title = text("Pass {chapter}'s turn on", chapter=found.chapter.name)
    return Form(address("du.pass", found.chapter.id, found.holder), title, (note_field(),))


def passed_card(done: Passed, asker: int) -> Card:
    """The answer to somebody who passed a turn on."""
    person, chapter = Person(done.to), done.chapter.name
    if done.again:
        said = text("It is {person}'s turn in {chapter} already, so nothing changed.", person=person, chapter=chapter)
        return card(Line(said))
    if done.to == asker:
        return card(Line(text("It is your turn in {chapter} now. Thank you.", chapter=chapter)))
    return card(
        Line(text("It is {person}'s turn in {chapter} now. They are told by direct message.", person=person, chapter=chapter)),
        Small(text("Your note goes with it. Nobody else sees it.")) if done.noted else None,
    )


def handed_card(told: Handed) -> Card:
    """What somebody is told to whom the turn was passed on."""
    person, chapter = Person(told.by), told.chapter.name
    return card(
        Title(text("It is your turn in {chapter}", chapter=chapter)),
        Line(text("{person} has passed it on to you: you are asked for the monthly report now.", person=person)),
        *note_lines(told.note),
        Row((Button(text("Report"), address("rp.card", told.chapter.id, None), Tone.PRIMARY),)),
        Small(text("If it does not suit you, pass it on with /duty pass, or be away with /duty away.")),
    )


def off_card(done: Off, asker: int) -> Card:
    """The answer to an admin who goes away, or is back."""
    chapter = done.chapter.name
    if done.until is None:
        back = text("Welcome back. You take turns in {chapter} again.", chapter=chapter)
        said = text("You are not away, so nothing changed.") if done.again else back
        return card(Line(said))
    day = done.until
    said = text("You are away until {day} already.", day=day) if done.again else text("You are away until {day}.", day=day)
    return card(
        Line(said),
        Line(_meanwhile(done, asker)),
        Small(text("This is told to nobody. {chapter}'s admins and its facilitators can see it with /duty show.", chapter=chapter)),
        Small(text("To be back earlier: /duty away until:today")),
    )


def _meanwhile(done: Off, asker: int) -> Text:
    chapter = done.chapter.name
    if done.on_duty == asker:
        return text("Nobody else is there in {chapter}, and you are back first: so you are asked even so.", chapter=chapter)
    if done.had_turn and done.on_duty is not None:
        return text("It is {person}'s turn now. You are not asked before you are back.", person=Person(done.on_duty))
    return text("You are not asked for {chapter}'s report before you are back.", chapter=chapter)
