"""How it looks whom the bot asks: nobody yet, the pilot's chapters, or all; and whom the next step would reach."""

from collections.abc import Callable, Collection, Iterator

from bot.domain.text import Person, Place, Text, counted, text
from bot.services.asking import Asking, Choice, First, Stage
from cogs.layout import Block, Button, Card, Line, Option, Row, Rule, Select, Small, Title, Tone, address, card

BACK = Button(text("Back to the set-up"), address("su.look"))
STOP = Button(text("Stop asking"), address("as.stop"))
CHOOSE = Button(text("Choose chapters for a pilot"), address("as.choose", 0), Tone.PRIMARY)


def asking_card(shown: Asking, writable: Collection[int]) -> Card:
    """Whom the bot asks, and how to have it ask more or fewer."""
    titles = {
        Stage.OFF: text("The bot asks nobody yet"),
        Stage.PILOT: counted("A pilot: the bot asks {n} chapter", "A pilot: the bot asks {n} chapters", shown.asked),
        Stage.ON: text("The bot asks all chapters"),
    }
    return card(
        Title(titles[shown.stage]),
        Line(_means(shown)),
        *(_list(shown, writable, lambda page: address("as.show", page)) if shown.stage is not Stage.OFF else ()),
        Rule(),
        Row(tuple(_steps(shown))),
    )


def _means(shown: Asking) -> Text:
    if shown.stage is Stage.OFF:
        return text(
            "No question, reminder or weekly digest goes out before you agree. Begin with a few chapters that know of it (a pilot), "
            "and let all follow when a month went well. Commands work already: a chapter can check in and report whenever it likes."
        )
    if shown.stage is Stage.PILOT:
        return text("The others are asked nothing, and nobody is late for a month that was not asked for. Here is who is asked:")
    return text("New chapters are asked from their first full month on. Here is who is asked:")


def _steps(shown: Asking) -> Iterator[Button]:
    all_of_them = counted("Ask {n} chapter …", "Ask all {n} chapters …", shown.chapters)
    if shown.stage is Stage.OFF and shown.chapters:
        yield CHOOSE
        yield Button(all_of_them, address("as.all", 0))
    if shown.stage is Stage.PILOT:
        yield Button(text("Change the pilot"), address("as.choose", 0))
        yield Button(all_of_them, address("as.all", 0), Tone.PRIMARY)
    if shown.stage is not Stage.OFF:
        yield STOP
    yield BACK


def choice_card(choice: Choice) -> Card:
    """A page of chapters to choose the pilot from."""
    options = tuple(Option(text("{chapter}", chapter=each.name), str(each.id), _where(each.admins), each.asked) for each in choice.chapters)
    return card(
        Title(text("Which chapters begin?")),
        Line(text("Choose a few that know of it and have an admin. You see whom it reaches before anything is asked.")),
        _others(choice.elsewhere),
        Select(address("as.chosen", choice.page), text("Choose chapters"), options, least=0, most=len(options)),
        *_turn(choice.page, choice.pages, lambda page: address("as.choose", page)),
        Row((Button(text("Back"), address("as.show", 0)),)),
    )


def _others(n: int) -> Line | None:
    if not n:
        return None
    return Line(counted("{n} chapter of another page is in the pilot too.", "{n} chapters of other pages are in the pilot too.", n))


def _where(admins: int) -> Text:
    return counted("{n} admin", "{n} admins", admins) if admins else text("no admin yet: nobody could answer")


def preview_card(shown: Asking, writable: Collection[int]) -> Card:
    """Exactly whom a step would reach, with the button that takes it."""
    everybody = shown.waits == "all"
    yes = Button(
        counted("Yes, ask {n} chapter", "Yes, ask all {n} chapters", shown.chapters)
        if everybody
        else counted("Yes, begin with {n} chapter", "Yes, begin with {n} chapters", shown.asked),
        address("as.yes") if everybody else address("as.begin", shown.waits),
        Tone.PRIMARY,
    )
    return card(
        Title(text("This is whom it would reach")),
        Line(
            text(
                "Once a month, at {hour}:00 of its own clock, each chapter gets one question in its channel, "
                "or its admin on duty by direct message. Up to two reminders follow by direct message. "
                "Facilitators get a digest on Mondays.",
                hour=shown.hour,
            )
        ),
        *_list(shown, writable, lambda page: address("as.all", page) if everybody else address("as.page", shown.waits, page)),
        Rule(),
        Row((yes, Button(text("Not yet"), address("as.show", 0)))),
    )


def _list(shown: Asking, writable: Collection[int], to: Callable[[int], str]) -> Iterator[Block]:
    yield Rule()
    for each in shown.shown:
        yield Line(_line(each, writable))
    if shown.stage is Stage.ON or shown.waits == "all":
        yield Small(text("Hidden chapters are asked as well; they are not named here."))
    yield from _turn(shown.page, shown.pages, to)


def _line(each: First, writable: Collection[int]) -> Text:
    chapter = each.chapter
    place: Text
    if chapter.on_duty is None:
        place = text("nobody: it has no admins yet")
    elif chapter.channel_id is not None and chapter.channel_id in writable:
        place = text("{channel}, to {person}", channel=Place(chapter.channel_id), person=Person(chapter.on_duty))
    else:
        place = text("a direct message to {person}", person=Person(chapter.on_duty))
    if each.month is None or each.on is None:
        return text("{chapter} → {place} · not while it rests", chapter=chapter.name, place=place)
    return text("{chapter} → {place} · next on {day}, about {month}", chapter=chapter.name, place=place, day=each.on, month=each.month)


def _turn(page: int, pages: int, to: Callable[[int], str]) -> Iterator[Block]:
    if pages > 1:
        before = Button(text("Previous page"), to(max(page - 1, 0)), disabled=page == 0)
        after = Button(text("Next page"), to(page + 1), disabled=page + 1 >= pages)
        yield Small(text("Page {page} of {pages}.", page=page + 1, pages=pages))
        yield Row((before, after))
