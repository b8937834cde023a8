"""What is said when a facilitator goes away and comes back, and to whoever stands in."""

from collections.abc import Iterator

from bot.domain.text import Listing, Person, Text, text
from bot.services.absences import Asked, Away
from cogs.layout import Button, Card, Line, Row, Small, Title, Tone, address, card
from db.absences import Absence
from db.facilitation import Whose


def away_card(done: Away) -> Card:
    """The answer to somebody who goes away, or is back."""
    if done.absence is None:
        said = (
            text("You are not away, so nothing changed.")
            if done.again
            else text("Welcome back. Your digest and your reminders come again.")
        )
        return card(Line(said), Row((Button(text("Who may need a call"), address("fa.page", Whose.MINE, 0)),)))
    day = done.absence.until
    said = text("You are away until {day} already.", day=day) if done.again else text("You are away until {day}.", day=day)
    return card(
        Line(said),
        Line(text("No digest and no reminder comes to you before; on that day you are back, and they come again.")),
        *(Line(line) for line in _meanwhile(done.absence, has_channel=done.has_channel)),
        *_own_duties(done),
        Small(text("Private notes and hidden chapters stay with you: they are shown neither to a stand-in nor in the channel.")),
        Small(text("To be back earlier: /facilitate absent until:today")),
    )


def _meanwhile(absence: Absence, *, has_channel: bool) -> Iterator[Text]:
    if absence.stand_in is not None and absence.accepted:
        yield text("{person} stands in for you.", person=Person(absence.stand_in))
        return
    if absence.stand_in is not None:
        yield text("{person} is asked to stand in. Until they accept, nobody does.", person=Person(absence.stand_in))
    if has_channel:
        yield text("Without a stand-in your chapters are named in the facilitators' channel, among those without a facilitator.")
    else:
        yield text("Without a stand-in your chapters are only in /overdue, among those without a facilitator.")


def _own_duties(done: Away) -> Iterator[Line]:
    if done.stands_in_for:
        people = Listing(tuple(Person(each) for each in done.stands_in_for))
        yield Line(text("You stand in for {people}. While you are away too, nobody does.", people=people))


def question_card(asked: Asked) -> Card:
    """The question to whoever is to stand in."""
    absence = asked.absence
    person = Person(absence.user_id)
    return card(
        Title(text("Will you stand in until {day}?", day=absence.until)),
        Line(text("{person} is away until then and asks you to look after their chapters meanwhile.", person=person)),
        Small(
            text("Your digest would show those that need a call. It ends by itself. You would not see private notes or hidden chapters.")
        ),
        Row(
            (
                Button(text("Accept"), address("ab.yes", absence.id), Tone.PRIMARY),
                Button(text("Decline"), address("ab.no", absence.id)),
            )
        ),
    )


def answered_card(done: Asked) -> Card:
    """What whoever was asked sees after answering; they may change their mind."""
    absence = done.absence
    person = Person(absence.user_id)
    again = Small(text("You have answered this before.")) if done.again else None
    if absence.accepted:
        return card(
            Line(text("Thank you. You stand in for {person} until {day}; they are told.", person=person, day=absence.until)),
            Small(text("Their chapters are in your digest on Mondays, and in your list from now on.")),
            again,
            Row(
                (
                    Button(text("Who may need a call"), address("fa.page", Whose.MINE, 0)),
                    Button(text("I cannot any more"), address("ab.no", absence.id)),
                )
            ),
        )
    return card(
        Line(text("That is all right: you do not stand in. {person} is told.", person=person)),
        again,
        Row((Button(text("I can after all"), address("ab.yes", absence.id)),)),
    )


def answer_card(asked: Asked) -> Card:
    """What whoever is away is told."""
    absence = asked.absence
    person = Person(absence.stand_in or 0)
    if absence.accepted:
        return card(Line(text("{person} stands in for you until {day}.", person=person, day=absence.until)))
    return card(
        Line(text("{person} cannot stand in for you.", person=person)),
        Small(text("You can ask somebody else: /facilitate absent")),
    )


def over_card(asked: Asked) -> Card:
    """What whoever stood in is told when it ends earlier than was said."""
    return card(
        Line(text("{person} needs no stand-in any more. Thank you for looking after their chapters.", person=Person(asked.absence.user_id)))
    )
