"""What is said when somebody comes to look after a chapter, or stops."""

from collections.abc import Iterator

from bot.domain.duty import NOTE_KEPT, NOTE_LENGTH
from bot.domain.text import Listing, Moment, Person, Text, Words, counted, text
from bot.services.handovers import Claimed, Farewell, Newcomer, Offer, Released
from cogs.layout import Block, Button, Card, Form, Line, PersonField, Row, Small, TextField, Title, Tone, address, card


def claimed_card(done: Claimed) -> Card:
    """The answer to somebody who wants to look after a chapter."""
    chapter = done.chapter.name
    said = (
        text("You are a facilitator of {chapter} already.", chapter=chapter)
        if done.again
        else text(
            "Thank you. You are now a facilitator of {chapter}. When it needs a call, your digest on Mondays says so.",
            chapter=chapter,
        )
    )
    others = Listing(tuple(Person(each) for each in done.others))
    return card(
        Line(said),
        Small(text("So are {people}.", people=others)) if done.others else None,
        Row((Button(text("See {chapter}", chapter=chapter), address("fa.see", done.chapter.id)),)),
    )


def released_card(done: Released, asker: int) -> Card:
    """The answer to somebody who releases themselves or another."""
    return card(Line(_released(done, asker)), Small(_left(done)))


def _released(done: Released, asker: int) -> Text:
    chapter, person = done.chapter.name, Person(done.user_id)
    if done.user_id == asker:
        if done.again:
            return text("You are not a facilitator of {chapter}, so nothing changed.", chapter=chapter)
        return text("You are no longer a facilitator of {chapter}. Thank you for looking after it.", chapter=chapter)
    if done.again:
        return text("{person} is not a facilitator of {chapter}, so nothing changed.", person=person, chapter=chapter)
    return text("{person} is no longer a facilitator of {chapter}.", person=person, chapter=chapter)


def _left(done: Released) -> Text:
    if not done.left:
        return text("Nobody looks after {chapter} now. A facilitator can: /facilitate claim", chapter=done.chapter.name)
    return text("Its facilitators are {people}.", people=Listing(tuple(Person(each) for each in done.left)))


def farewell_card(told: Farewell) -> Card:
    """What somebody is told whom a chapter's admins, or a coordinator, have released."""
    person = Person(told.by)
    if told.chapter is None:
        said = text("{person} has released you from a chapter that you looked after. Thank you for all you did for it.", person=person)
    else:
        said = text(
            "{person} has released you from looking after {chapter}. Thank you for all you did for it.", person=person, chapter=told.chapter
        )
    return card(Line(said), Small(text("It is no longer in your digests and reminders.")))


def newcomer_card(told: Newcomer) -> Card:
    """What a chapter's admins are told when somebody came to look after it whom they did not ask."""
    person, chapter = Person(told.user_id), told.chapter.name
    return card(
        Line(text("{person} looks after {chapter} now, as its facilitator.", person=person, chapter=chapter)),
        Small(text("They can read its private notes. To end this, its admins type /facilitate release and name {person}.", person=person)),
    )


def person_form(chapter_id: int, chapter: str, *, in_server: bool) -> Form:
    """Asks who shall take a chapter over; in direct messages Discord may offer nobody else, so there it says where it does."""
    role = text("Somebody with the facilitator role. They are asked first.")
    elsewhere = text("A facilitator; they are asked first. If they are not offered here, use /overdue in the server.")
    person = PersonField("person", text("Who takes it over?"), role if in_server else elsewhere)
    return Form(address("fa.give", chapter_id), text("Hand over {chapter}", chapter=chapter), (person, note_field()))


def note_field() -> TextField:
    """Asks what whoever comes next should know."""
    hint = counted(
        "Only they see it, and it is deleted after {n} day.", "Only they see it, and it is deleted after {n} days.", NOTE_KEPT.days
    )
    return TextField("note", text("A note for them (name no one)"), hint, most=NOTE_LENGTH, long=True)


def note_lines(note: str | None) -> Iterator[Block]:
    """The note that came with a hand-over."""
    if note:
        yield Line(text("Their note: {note}", note=Words(note)))


def offered_card(offer: Offer) -> Card:
    """The answer to whoever hands a chapter over."""
    person, chapter = Person(offer.handover.to_user), offer.chapter.name
    if offer.again:
        return card(
            Line(text("{person} has been asked already to look after {chapter}. There is no answer yet.", person=person, chapter=chapter))
        )
    return card(
        Line(text("{person} is being asked to look after {chapter}. Until they accept, nothing changes.", person=person, chapter=chapter)),
        Small(text("You will be told what they answer.")),
    )


def offer_card(offer: Offer) -> Card:
    """The question to the person who was chosen; once answered, how."""
    if offer.handover.answered_at is not None:
        return answered_card(offer)
    giver, chapter = Person(offer.handover.from_user), offer.chapter.name
    return card(
        Title(text("Will you look after {chapter}?", chapter=chapter)),
        Line(text("{person} asks you to become {chapter}'s facilitator in their place.", person=giver, chapter=chapter)),
        *note_lines(offer.handover.note),
        Small(text("When it needs a call, your digest on Mondays says so. Nothing changes unless you accept.")),
        Row(
            (
                Button(text("Accept"), address("fa.take", offer.handover.id), Tone.PRIMARY),
                Button(text("Decline"), address("fa.decline", offer.handover.id)),
            )
        ),
    )


def answered_card(offer: Offer) -> Card:
    """What the person who was chosen sees after answering; the first answer counts."""
    offered, chapter = offer.handover, offer.chapter.name
    again = text("You answered this on {when}.", when=Moment(offered.answered_at)) if offer.again and offered.answered_at else None
    if offered.accepted:
        said = text(
            "Thank you. You are now {chapter}'s facilitator in place of {person}.", chapter=chapter, person=Person(offered.from_user)
        )
        see = Row((Button(text("See {chapter}", chapter=chapter), address("fa.see", offer.chapter.id)),))
        return card(Line(said), *note_lines(offered.note), Small(again) if again else None, see)
    said = text("That is all right: you do not look after {chapter}. {person} is told.", chapter=chapter, person=Person(offered.from_user))
    return card(Line(said), Small(again) if again else None)


def answer_card(offer: Offer) -> Card:
    """What whoever handed the chapter over is told."""
    person, chapter = Person(offer.handover.to_user), offer.chapter.name
    if offer.handover.accepted:
        return card(Line(text("{person} now looks after {chapter}, and you no longer do. Thank you.", person=person, chapter=chapter)))
    return card(
        Line(text("{person} cannot look after {chapter} now, so nothing changed.", person=person, chapter=chapter)),
        Small(text("To ask somebody else, type /overdue, choose the chapter and press Hand over.")),
    )
