"""How a chapter's list of check-ins looks, and one of them for those who only read."""

from collections.abc import Iterator

from bot.domain.checkins import Kind
from bot.domain.text import Listing, Text, Value, counted, text
from bot.services.checkin_list import CheckInPage, Entry, Looked
from cogs.cards.checkins import facts
from cogs.cards.words import KINDS
from cogs.layout import Block, Button, Card, Line, Option, Row, Select, Small, Title, Tone, address, card

ALL = "all"


def list_card(shown: CheckInPage) -> Card:
    """A page of the list, and a choice of one to look at."""
    return card(
        Title(_heading(shown)),
        *(Line(_line(each)) for each in shown.entries),
        Small(text("Page {page} of {pages}, newest first.", page=shown.page + 1, pages=shown.pages)) if shown.pages > 1 else None,
        *_none(shown),
        *_choice(shown),
        *_buttons(shown),
    )


def _heading(shown: CheckInPage) -> Text:
    named: dict[str, Value] = {"chapter": shown.chapter.name}
    if shown.kind is None:
        return counted("{chapter}: {n} check-in", "{chapter}: {n} check-ins", shown.total, **named)
    return counted("{chapter}: {n} check-in, {kind}", "{chapter}: {n} check-ins, {kind}", shown.total, kind=KINDS[shown.kind], **named)


def _line(each: Entry) -> Text:
    said = text("**{day}** · {kind}", day=each.entry.day, kind=KINDS[each.entry.kind])
    more = tuple(_more(each))
    return text("{checkin} · {facts}", checkin=said, facts=Listing(more, "comma")) if more else said


def _more(each: Entry) -> Iterator[Text]:
    if each.entry.people is not None:
        yield counted("{n} person", "{n} people", each.entry.people)
    if each.entry.education and each.entry.kind is not Kind.EDUCATION:
        yield text("with an education part")
    yield from _together(each)


def _together(each: Entry) -> Iterator[Text]:
    if each.kept_back:
        yield text("together with another chapter")
    elif each.recorder is not None:
        yield text("with {chapters} (recorded by {recorder})", chapters=Listing(each.others), recorder=each.recorder)
    elif each.others:
        yield text("with {chapters}", chapters=Listing(each.others))


def _none(shown: CheckInPage) -> Iterator[Block]:
    if shown.entries:
        return
    if shown.kind is not None:
        yield Line(text("None of this kind is recorded. /checkins without a kind shows all of them."))
    elif shown.may_check_in:
        yield Line(text("Nothing is recorded yet. What did you do last? A day and a kind are enough."))
    else:
        yield Line(text("Nothing is recorded yet. Its admins can record what they do with /checkin."))


def _choice(shown: CheckInPage) -> Iterator[Block]:
    if shown.entries:
        options = tuple(_option(each) for each in shown.entries)
        yield Select(address("ci.pick", *_at(shown)), text("Look at one of them"), options)


def _option(each: Entry) -> Option:
    more = tuple(_more(each))
    said = text("{day} · {kind}", day=each.entry.day, kind=KINDS[each.entry.kind])
    return Option(said, str(each.id), text("{facts}", facts=Listing(more, "comma")) if more else None)


def _at(shown: CheckInPage) -> tuple[int, str, int]:
    return shown.chapter.id, shown.kind or ALL, shown.page


def _buttons(shown: CheckInPage) -> Iterator[Row]:
    chapter_id, kind, page = _at(shown)
    if shown.pages > 1:
        newer = Button(text("Newer"), address("ci.page", chapter_id, kind, max(page - 1, 0)), disabled=page == 0)
        older = Button(text("Older"), address("ci.page", chapter_id, kind, page + 1), disabled=page + 1 >= shown.pages)
        yield Row((newer, older))
    if shown.may_check_in:
        yield Row((Button(text("Check in"), address("ci.new", chapter_id), Tone.PRIMARY),))


def back_row(chapter_id: int, kind: str, page: int) -> Row:
    """The way back to the page that somebody came from."""
    return Row((Button(text("Back to the list"), address("ci.page", chapter_id, kind, page)),))


def look_card(shown: Looked) -> Card:
    """One check-in for those who may not change it: what everybody may know of it."""
    each = shown.entry
    named: dict[str, Value] = {"chapter": shown.chapter.name, "kind": KINDS[each.entry.kind], "day": each.entry.day}
    known = () if each.kept_back else facts(each.entry)
    return card(
        Title(text("{chapter}: {kind}, {day}", **named)),
        *(Line(fact) for fact in known),
        *(Line(said) for said in _all_together(each)),
        Row((Button(text("Not us"), address("ci.no", each.id, shown.chapter.id)),)) if shown.may_answer and not each.kept_back else None,
    )


def _all_together(each: Entry) -> Iterator[Text]:
    if each.kept_back:
        yield text("Together with another chapter, which is not shown here.")
    elif each.recorder is not None:
        yield text("Together with {chapters}; recorded by {recorder}", chapters=Listing(each.others), recorder=each.recorder)
    elif each.others:
        yield text("Together with {chapters}, who confirmed it", chapters=Listing(each.others))
