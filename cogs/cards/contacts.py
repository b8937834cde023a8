"""How the private card of a chapter looks, and the reminder that brings it back."""

from collections.abc import Iterator

from bot.domain.text import Listing, Moment, Person, Text, Words, counted, text
from bot.services.contacts import Outcome, PrivateCard, Said
from cogs.cards.facilitation import contacts, reasons, sentences, shortened
from cogs.layout import Block, Button, Card, Line, Row, Rule, Small, Title, Tone, address, card

ADMINS_NAMED = 10
WORDS_OF_NEWEST, WORDS_OF_OLDER = 700, 150


def private_card(shown: PrivateCard) -> Card:
    """Why the chapter is on the list, its last words, who knows it, and what to do next."""
    return _card(shown, text("{chapter}", chapter=shown.call.name))


def reminder_card(shown: PrivateCard) -> Card:
    """The same card, two weeks after somebody asked for it."""
    return _card(shown, text("You asked to be reminded of {chapter}", chapter=shown.call.name))


def _card(shown: PrivateCard, title: Text) -> Card:
    why = tuple(reasons(shown.call, 0))
    return card(
        Title(title),
        *([Line(_outcome(shown, shown.outcome))] if shown.outcome else []),
        *(Line(each) for each in why or (text("Nothing is open here: this chapter is neither late nor quiet."),)),
        Line(sentences(*contacts(shown.call, shown.reader, ADMINS_NAMED))),
        *_notes(shown),
        *_said(shown.said),
        *_buttons(shown),
    )


def _outcome(shown: PrivateCard, outcome: Outcome) -> Text:
    chapter = shown.call.name
    match outcome:
        case Outcome.IN_TOUCH:
            return text("Noted, thank you: you have been in touch with {chapter}.", chapter=chapter)
        case Outcome.IN_TOUCH_ALREADY:
            return text("This is noted already: you have been in touch with {chapter} today.", chapter=chapter)
        case Outcome.REMINDER:
            return text("Noted: you will be reminded of {chapter}.", chapter=chapter)
        case Outcome.REMINDER_ALREADY:
            return text("This is noted already: you will be reminded of {chapter}.", chapter=chapter)
        case Outcome.REST:
            return text("{chapter}'s admins are asked whether it wants to rest. Only they decide.", chapter=chapter)
        case Outcome.REST_ALREADY:
            return text("{chapter}'s admins were asked not long ago, so they are not asked again now. Only they decide.", chapter=chapter)


def _notes(shown: PrivateCard) -> Iterator[Block]:
    if shown.facilitators:
        people = Listing(tuple(Person(each) for each in shown.facilitators[:ADMINS_NAMED]))
        yield Small(text("Looked after by {people}.", people=people))
    else:
        yield Small(text("Nobody looks after it yet."))
    if shown.reminded_at is not None:
        yield Small(text("You will be reminded on {when}.", when=Moment(shown.reminded_at)))
    if shown.hidden_until is not None:
        yield Small(text("It is left out of your digests until {when}.", when=Moment(shown.hidden_until)))
    if shown.rest_offered is not None:
        offered = shown.rest_offered
        yield Small(text("{person} offered it a rest on {when}.", person=Person(offered.user_id), when=Moment(offered.at)))


def _said(said: tuple[Said, ...]) -> Iterator[Block]:
    for number, each in enumerate(said):
        most = WORDS_OF_OLDER if number else WORDS_OF_NEWEST
        words = each.words
        lines = (
            (words.changing, text("What is changing")),
            (words.hard, text("What is hard")),
            (words.help, text("Help wanted")),
            (words.private_note, text("Private note, for its admins and facilitators only")),
        )
        written = [(label, shortened(answer, most)) for answer, label in lines if answer]
        if written:
            yield Rule()
            yield Line(text("In the report for {month}:", month=each.period))
        for label, answer in written:
            yield Line(text("**{question}**  {answer}", question=label, answer=Words(answer)))


def _remind(days: int) -> Text:
    return text("Remind me in 2 weeks") if days == 14 else counted("Remind me in {n} day", "Remind me in {n} days", days)


def _buttons(shown: PrivateCard) -> Iterator[Block]:
    chapter_id = shown.call.chapter_id
    if not shown.may_act:
        yield Small(text("To do something about it, type /overdue in the server."))
        return
    yield Row(
        (
            Button(text("I have been in touch"), address("fa.touch", chapter_id), Tone.PRIMARY),
            Button(_remind(shown.days), address("fa.remind", chapter_id)),
            Button(text("It wants to rest"), address("fa.rest", chapter_id)),
            *((Button(text("Hand over"), address("fa.hand", chapter_id)),) if shown.may_hand_over else ()),
        )
    )
    if shown.may_claim:
        yield Row((Button(text("I look after it from now on"), address("fa.claim", chapter_id)),))
