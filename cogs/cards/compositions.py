"""A chapter's composition: the form in which it is counted, and what is shown of it to whom."""

from collections.abc import Iterable, Iterator, Mapping

from bot.domain.privacy import ANOTHER, GENDER, MEN, METHOD_LENGTH, RATHER_NOT_SAY, WOMEN
from bot.domain.text import Listing, Percent, Text, counted, text
from bot.services.compositions import Composition, Makeup, Sheet, Way
from cogs.layout import Block, Button, Card, ChoiceField, Form, Line, Option, Row, Small, TextField, Title, address, card

OWN = "="
"""What the question for a category begins with that the organisation named: it can be called as it likes."""
OTHERWISE = "otherwise"
"""The value of the answer that the day and the way are asked for next."""

CATEGORIES: Mapping[str, Text] = {
    WOMEN: text("women"),
    MEN: text("men"),
    ANOTHER: text("another"),
    RATHER_NOT_SAY: text("rather not say"),
}
LABELS: Mapping[str, Text] = {
    WOMEN: text("Women"),
    MEN: text("Men"),
    ANOTHER: text("Another"),
    RATHER_NOT_SAY: text("Rather not say"),
}
WAYS: Mapping[Way, Text] = {
    Way.HANDS: text("show of hands"),
    Way.ANONYMOUS: text("anonymous count"),
}


# What is shown


def composition_line(shown: Composition) -> Text | None:
    """One line for whoever asked; None where there is nothing to say to them."""
    of_gender = shown.dimension == GENDER
    if shown.day is None:
        return text("Composition: not counted yet. /chapter composition records it.") if shown.may_count and of_gender else None
    when = text("{day}, {way}", day=shown.day, way=_way(shown.method)) if shown.method else text("{day}", day=shown.day)
    if of_gender:
        return text("Composition ({when}): {people}", when=when, people=_people(shown))
    return text("By {dimension} ({when}): {people}", dimension=shown.dimension, when=when, people=_people(shown))


def makeup_lines(makeup: Iterable[Makeup]) -> Iterator[Text]:
    """Who the organisation's members are, by what they were counted by."""
    for each in makeup:
        shares = tuple(
            text("{category} {share}", category=_category(each.dimension, name), share=Percent(share))
            for name, share in each.shares.items()
        )
        yield counted(
            "{dimension}: {shares}; counted in {n} chapter, as of {day}.",
            "{dimension}: {shares}; counted in {n} chapters, as of {day}.",
            each.chapters,
            dimension=dimension_name(each.dimension),
            shares=Listing(shares, "comma"),
            day=each.on,
        )


def dimension_name(dimension: str) -> Text:
    """What members are counted by, as a choice."""
    return text("Gender") if dimension == GENDER else text("{dimension}", dimension=dimension)


def choice_card(sheet: Sheet) -> Card:
    """The choice of what is counted."""
    to = tuple(Button(dimension_name(each), address("co.open", sheet.chapter.id, each)) for each in sheet.dimensions)
    return card(
        Title(text("Composition of {chapter}", chapter=sheet.chapter.name)),
        Line(text("What did you count? Each is counted by itself, by people's own description; only totals are kept.")),
        Row(to),
    )


def _way(method: str) -> Text:
    return WAYS[Way(method)] if method in set(Way) else text("{words}", words=method)


def _category(dimension: str, name: str) -> Text:
    return CATEGORIES[name] if dimension == GENDER else text("{name}", name=name)


def _people(shown: Composition) -> Text:
    cells, total = shown.shown.cells, shown.shown.total
    if cells is not None:
        each = (text("{category} {n}", category=_category(shown.dimension, name), n=n) for name, n in cells.items())
        return text("{cells}", cells=Listing(tuple(each), "comma"))
    if total is None:
        return text("kept private because you are few")
    return counted(
        "{n} person; how many in each group is kept private because you are few",
        "{n} people; how many in each group is kept private because you are few",
        total,
    )


def recorded_card(shown: Composition) -> Card:
    """What was recorded, and who sees what of it."""
    said = text("This is so already.") if shown.again else text("Thank you. It is stored.")
    return card(
        Title(text("Composition of {chapter}", chapter=shown.chapter)),
        Line(said),
        *_current(shown),
        Small(
            text(
                "Its own admins and facilitators see every number. Everybody else sees none of them while any is from 1 to {few}.",
                few=shown.small,
            )
        ),
        *_again(shown),
        Row((Button(text("Correct"), address("co.open", shown.chapter_id, shown.dimension)),)),
    )


def _current(shown: Composition) -> Iterator[Block]:
    line = composition_line(shown)
    if line is not None:
        yield Line(line)


def _again(shown: Composition) -> Iterator[Block]:
    if shown.next_from is not None:
        yield Small(
            text(
                "Counting anew makes sense from {day} on; before that, a new count corrects this one. No names are kept.",
                day=shown.next_from,
            )
        )


def ask_when_card(chapter: str, chapter_id: int, dimension: str, form_key: str) -> Card:
    """The numbers are kept; when and how they were counted is still to be said."""
    return card(
        Title(text("Composition of {chapter}", chapter=chapter)),
        Line(text("Your numbers are kept for a day. Say when and how you counted, and they are stored.")),
        Row((Button(text("When and how"), address("co.when", chapter_id, dimension, form_key)),)),
    )


# The forms


def count_form(sheet: Sheet, form_key: str) -> Form:
    """How many people are in each group, and when and how they were counted: one tap where it was lately."""
    cells = sheet.there.shown.cells or {}
    dimension, of_gender = sheet.there.dimension, sheet.there.dimension == GENDER
    numbers = tuple(
        TextField(
            name if of_gender else OWN + name,
            LABELS[name] if of_gender else text("{name}", name=name),
            None if at else _HINT,
            value=str(cells[name]) if name in cells else "",
            most=6,
            required=True,
        )
        for at, name in enumerate(sheet.categories)
    )
    when = ChoiceField("when", text("When and how you counted"), tuple(_moments(sheet)), required=True)
    title = text("Who the members are") if of_gender else text("The members by {dimension}", dimension=dimension)
    return Form(address("co.save", sheet.chapter.id, dimension, form_key), title, (*numbers, when))


_HINT = text("By people's own description. Only how many; 0 where there is nobody.")


def _moments(sheet: Sheet) -> Iterator[Option]:
    present = f"{sheet.there.day}|{sheet.there.method}"
    for day in sheet.days:
        for way in Way:
            value = f"{day}|{way}"
            yield Option(text("{day}, {way}", day=day, way=WAYS[way]), value, chosen=value == present)
    yield Option(text("On another day, or in another way"), OTHERWISE)


def when_form(chapter_id: int, dimension: str, form_key: str) -> Form:
    """The day and the way, where none of those offered was the one."""
    ways = tuple(Option(WAYS[way], way.value) for way in Way)
    return Form(
        address("co.dated", chapter_id, dimension, form_key),
        text("When and how you counted"),
        (
            TextField("day", text("The day"), text("Such as 2026-11-14, today or yesterday"), most=20, required=True),
            ChoiceField("way", text("How you counted"), ways),
            TextField("words", text("Or in your words (name no one)"), most=METHOD_LENGTH),
        ),
    )
