"""How check-ins look: the confirmation, its forms, and the question to a chapter that took part."""

from collections.abc import Iterator
from datetime import date

from bot.domain.chapters import Chapter
from bot.domain.checkins import NOTE_LENGTH, CheckIn, Kind, PartnerState
from bot.domain.text import Listing, Person, Text, Value, Words, counted, text
from bot.services.checkins import Crossed, Doubled, Shown
from bot.services.partners import Answered, Question
from cogs.cards.standing import standing_line
from cogs.cards.words import FORMATS, KIND_CHOICES, KINDS, NOT_KNOWN, dotted
from cogs.layout import (
    Block,
    Button,
    Card,
    ChoiceField,
    Form,
    Line,
    Option,
    Row,
    Select,
    Small,
    TextField,
    Title,
    Tone,
    address,
    card,
)

DAY_LENGTH = 20
NUMBER_LENGTH = 20


def checkin_card(shown: Shown, *, recorded: bool = False) -> Card:
    """A check-in as it stands, and what can be done with it."""
    if shown.withdrawn:
        return _withdrawn(shown)
    named = _named(shown)
    stale = text("Somebody else changed this check-in in the meantime, so your change was not stored. This is how it is now.")
    return card(
        Line(stale) if shown.stale else None,
        Title(text("Checked in for {chapter}: {kind}, {day}", **named) if recorded else text("{chapter}: {kind}, {day}", **named)),
        *(Line(fact) for fact in facts(shown.entry)),
        *_partners(shown),
        Small(text("It is stored. It would count as coming together from {n} people on.", n=shown.too_few)) if shown.too_few else None,
        Small(text("It is stored. Here this kind does not count as coming together; /policy show says which do.")) if shown.apart else None,
        Line(standing_line(shown.chapter.name, shown.verdict)),
        *_actions(shown),
    )


def _named(shown: Shown) -> dict[str, Value]:
    return {"chapter": shown.chapter.name, "kind": KINDS[shown.entry.kind], "day": shown.entry.day}


def _withdrawn(shown: Shown) -> Card:
    return card(
        Title(text("Withdrawn: {chapter}, {kind}, {day}", **_named(shown))),
        Line(text("It counts for nobody any more. If it did take place after all, check in again.")),
        Line(standing_line(shown.chapter.name, shown.verdict)),
        Row((Button(text("Check in"), address("ci.new", shown.chapter.id)),)),
    )


def facts(entry: CheckIn) -> Iterator[Text]:
    """What is known of a check-in beside its kind and day; zero is shown, what is not known is said to be so."""
    if entry.people is None:
        yield text("How many took part: not known")
    else:
        yield counted("{n} person took part", "{n} people took part", entry.people)
    if entry.format is not None:
        yield text("Format: {format}", format=FORMATS[entry.format])
    if entry.kind is not Kind.EDUCATION and entry.education is not None:
        yield text("With an education part") if entry.education else text("Without an education part")
    if entry.note:
        yield text("Note: {note}", note=Words(entry.note))


def _partners(shown: Shown) -> Iterator[Block]:
    confirmed = tuple(each.name for each in shown.partners if each.state is PartnerState.CONFIRMED)
    asked = tuple(each.name for each in shown.partners if each.state is PartnerState.ASKED)
    if confirmed:
        yield Line(text("Together with {chapters}, who confirmed it", chapters=Listing(confirmed)))
    if asked:
        yield Line(text("Asked whether they took part: {chapters}. It counts for them once they say yes.", chapters=Listing(asked)))


def _actions(shown: Shown) -> Iterator[Block]:
    at = (shown.chapter.id, shown.id, shown.version)
    if shown.choices:
        options = tuple(Option(text("{name}", name=each.name), str(each.chapter_id), chosen=each.chosen) for each in shown.choices)
        yield Select(address("ci.with", *at), text("Chapters that took part"), options, least=0, most=len(options))
    buttons = [Button(text("Correct"), address("ci.fix", *at[:2]))]
    if shown.entry.kind is not Kind.EDUCATION:
        buttons.append(_education_button(shown))
    buttons.append(Button(text("Withdraw"), address("ci.drop", *at)))
    yield Row(tuple(buttons))


def _education_button(shown: Shown) -> Button:
    on = shown.entry.education is True
    label = text("Education part: yes") if on else text("Education part: no")
    if shown.entry.education is None:
        label = text("Education part: not known")
    return Button(label, address("ci.edu", shown.chapter.id, shown.id, shown.version, "no" if on else "yes"))


def doubled_card(doubled: Doubled) -> Card:
    """The warning before a second check-in of the same kind on the same day."""
    return card(
        Title(text("{chapter} has one of that kind on that day already", chapter=doubled.chapter.name)),
        Line(text("There already: {checkin}", checkin=_glimpse(doubled.there))),
        Line(text("You entered: {checkin}", checkin=_glimpse(doubled.entry))),
        Line(text("If these are two different things, store it anyway. If not, there is nothing more to do.")),
        Row((Button(text("Store it anyway"), address("ci.any", doubled.chapter.id, doubled.form_key), Tone.PRIMARY),)),
    )


def _glimpse(entry: CheckIn) -> Text:
    return dotted((KIND_CHOICES[entry.kind], entry.day, *facts(entry)))


def crossed_card(crossed: Crossed, form_key: str) -> Card:
    """Both corrections of the same check-in, and the choice between them."""
    at = (crossed.there.chapter.id, crossed.there.id)
    return card(
        Title(text("This check-in was changed while you wrote")),
        Line(text("Stored now: {checkin}", checkin=_glimpse(crossed.there.entry))),
        Line(text("You wrote: {checkin}", checkin=_glimpse(crossed.entry))),
        Row(
            (
                Button(text("Take mine"), address("ci.mine", *at, crossed.there.version, form_key), Tone.PRIMARY),
                Button(text("Keep theirs"), address("ci.see", *at)),
            )
        ),
    )


def withdraw_card(shown: Shown) -> Card:
    """Asks once more before a check-in is withdrawn."""
    at = (shown.chapter.id, shown.id)
    others = any(each.state is PartnerState.CONFIRMED for each in shown.partners)
    return card(
        Title(text("Withdraw this check-in? {chapter}: {kind}, {day}", **_named(shown))),
        Line(text("It will no longer count for any chapter.") if others else text("It will no longer count.")),
        Row(
            (
                Button(text("Yes, withdraw it"), address("ci.gone", *at, shown.version), Tone.DANGER),
                Button(text("Keep it"), address("ci.see", *at)),
            )
        ),
    )


def new_form(chapter: Chapter, today: date, form_key: str) -> Form:
    """The form for a new check-in; most are meetings of today."""
    blank = CheckIn(Kind.MEETING, today)
    return Form(address("ci.form", chapter.id, form_key), text("Check in for {chapter}", chapter=chapter.name), tuple(_fields(blank)))


def correction_form(shown: Shown, form_key: str) -> Form:
    """The form that corrects a check-in, holding what is stored."""
    to = address("ci.save", shown.chapter.id, shown.id, shown.version, form_key)
    return Form(to, text("Correct a check-in of {chapter}", chapter=shown.chapter.name), tuple(_fields(shown.entry)))


def _fields(entry: CheckIn) -> Iterator[TextField | ChoiceField]:
    people = "" if entry.people is None else str(entry.people)
    kinds = tuple(Option(label, kind.value, chosen=kind is entry.kind) for kind, label in KIND_CHOICES.items())
    formats = (
        Option(text("Not known"), NOT_KNOWN, chosen=entry.format is None),
        *(Option(label, form.value, chosen=form is entry.format) for form, label in FORMATS.items()),
    )
    yield TextField("day", text("Day"), text("Such as 2026-10-20, today or yesterday"), str(entry.day), DAY_LENGTH, required=True)
    yield ChoiceField("kind", text("What it was"), kinds)
    yield TextField(
        "people", text("How many took part"), text("Only the number. Leave it empty if it is not known."), people, NUMBER_LENGTH
    )
    yield ChoiceField("format", text("How people came together"), formats)
    # Room for more than the rule allows: what is too long is kept and offered again instead of being cut off unseen.
    hint = text("Everybody can read it.")
    yield TextField("note", text("Note (name no one)"), hint, entry.note or "", NOTE_LENGTH * 2, long=True)


def question_card(question: Question, *, asks: int | None = None) -> Card:
    """Asks a chapter whether it took part; `asks` is whom it mentions."""
    said = text(
        "{recorder} recorded something done together with {chapter}: {kind}, {day}.",
        recorder=question.recorder,
        chapter=question.chapter.name,
        kind=KINDS[question.entry.kind],
        day=question.entry.day,
    )
    ask = text("Did you take part?") if asks is None else text("{person}, did you take part?", person=Person(asks))
    return card(
        Title(text("Together with {recorder}?", recorder=question.recorder)),
        Line(said),
        *(Line(fact) for fact in facts(question.entry)),
        Line(ask),
        Small(text("If you say yes, it counts for {chapter} as well. Any admin of {chapter} can answer.", chapter=question.chapter.name)),
        Row((_yes(question), _no(question))),
        notifies=[] if asks is None else [asks],
    )


def answered_card(question: Question, by: int | None) -> Card:
    """The question after somebody answered it; the answer can be changed."""
    yes = question.state is PartnerState.CONFIRMED
    if by is None and yes:
        said = text("The answer is yes: {chapter} took part.", chapter=question.chapter.name)
    elif by is None:
        said = text("The answer is that {chapter} did not take part.", chapter=question.chapter.name)
    elif yes:
        said = text("{person} said yes: {chapter} took part.", person=Person(by), chapter=question.chapter.name)
    else:
        said = text("{person} said that {chapter} did not take part.", person=Person(by), chapter=question.chapter.name)
    return card(
        Title(text("Together with {recorder}?", recorder=question.recorder)),
        Line(text("{kind}, {day}", kind=KINDS[question.entry.kind], day=question.entry.day)),
        Line(said),
        Row((_no(question) if yes else _yes(question),)),
    )


def _yes(question: Question) -> Button:
    return Button(text("Yes, we took part"), address("ci.yes", question.checkin_id, question.chapter.id), Tone.PRIMARY)


def _no(question: Question) -> Button:
    return Button(text("Not us"), address("ci.no", question.checkin_id, question.chapter.id))


def counted_card(answered: Answered) -> Card:
    """What the answer changed, for the one who gave it."""
    question = answered.question
    if question.state is PartnerState.CONFIRMED:
        lead = text("Thank you. It counts for {chapter} as well.", chapter=question.chapter.name)
    else:
        lead = text("Thank you. It does not count for {chapter}.", chapter=question.chapter.name)
    return card(Line(lead), Line(standing_line(question.chapter.name, answered.verdict)))
