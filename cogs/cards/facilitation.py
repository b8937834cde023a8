"""How the facilitators' list looks: the weekly digest, a page of `/overdue`, and what is said about who looks after a chapter."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from bot.domain.functioning import Criterion
from bot.domain.text import Listing, Moment, Person, Place, Role, Text, counted, text
from bot.locales import say
from bot.services.facilitation import Call, Digest, Gap, Overdue
from cogs.cards.stuck import count_line, stuck_lines
from cogs.cards.words import instead_of_meeting
from cogs.layout import Block, Button, Card, Line, Option, Row, Select, Small, Title, address, card
from db.absences import Absence
from db.facilitation import Whose

ENTRIES_LIMIT, LATE_LIMIT = 3400, 400
LEVELS = ((200, 3), (60, 2), (0, 1))
"""How many characters of a request for help and how many admins an entry shows: the first of these with which all ten fit."""
STUCK_LINES = 1

_NEVER: Mapping[Criterion, Text] = {
    Criterion.TOGETHER: text("no meeting known yet"),
    Criterion.LEARNS: text("no education known yet"),
    Criterion.REPORTS: text("no report known yet"),
}


def digest_card(digest: Digest, *, in_channel: bool = False) -> Card:
    """The weekly digest: in direct messages for its reader; in the facilitators' channel it says whom it is for and notifies them."""
    more = digest.worth_a_call - len(digest.calls)
    left = counted("and {n} more: /overdue", "and {n} more: /overdue", more) if more else None
    calls_for_role = digest.reader is None and digest.facilitator_role is not None
    return card(
        Title(_title(digest, text("This week"))),
        *_for_whom(digest, in_channel=in_channel),
        *_absences(digest),
        *_entries(digest),
        Line(left) if left else None,
        *_late(digest, digest.merely_late),
        _chooser(digest),
        notifies=[digest.reader] if in_channel and digest.reader is not None else [],
        notifies_role=digest.facilitator_role if calls_for_role else None,
    )


def done_card() -> Card:
    """What is left of a digest in which everybody has been seen to."""
    return card(Line(text("Nobody on this week's list needs a call any more. Thank you.")), Small(text("To look again: /overdue")))


def _title(digest: Digest, when: Text) -> Text:
    match digest.whose:
        case Whose.MINE:
            return counted("{when}, of your chapter", "{when}, of your {n} chapters", digest.chapters, when=when)
        case Whose.UNASSIGNED:
            return counted(
                "{when}, of the one chapter without facilitator",
                "{when}, of the {n} chapters without facilitator",
                digest.chapters,
                when=when,
            )
        case Whose.ALL:
            return counted("{when}, of the one chapter here", "{when}, of all {n} chapters", digest.chapters, when=when)


def _for_whom(digest: Digest, *, in_channel: bool) -> Iterator[Block]:
    if digest.reader is not None and in_channel:
        yield Line(text("For {person}, because no direct message could be sent.", person=Person(digest.reader)))
    if digest.reader is None and digest.facilitator_role is not None:
        role = Role(digest.facilitator_role)
        yield Line(text("{role}: these chapters have nobody who looks after them. Choose one to see more and to take it on.", role=role))


def _absences(digest: Digest) -> Iterator[Block]:
    """What the reader's own absence means, and whose chapters are in the list because the reader stands in."""
    if digest.away is not None:
        away = digest.away
        yield Small(text("You are away until {day}: no digest and no reminder comes before. {cover}", day=away.until, cover=_cover(away)))
        yield Small(text("To be back earlier: /facilitate absent until:today"))
    for each in digest.stands_in:
        yield Small(
            text("You stand in for {person} until {day}: their chapters are among yours.", person=Person(each.user_id), day=each.until)
        )


def _cover(away: Absence) -> Text:
    if away.stand_in is None:
        return text("Nobody stands in for you.")
    person = Person(away.stand_in)
    if away.accepted is None:
        return text("{person} is asked to stand in and has not answered yet.", person=person)
    return text("{person} stands in for you.", person=person) if away.accepted else text("{person} cannot stand in for you.", person=person)


def _entries(digest: Digest, room: int = ENTRIES_LIMIT) -> list[Block]:
    """The chapters worth a call, each as fully as leaves room for all of them."""
    if not digest.calls:
        return []
    blocks: list[Block] = []
    for words, people in LEVELS:
        blocks = [block for call in digest.calls for block in _entry(call, digest.reader, words, people)]
        if sum(len(say(block.text, "en")) + 4 for block in blocks if isinstance(block, Line | Small)) <= room:
            break
    return [Line(text("**Worth a call**")), *blocks]


def _entry(call: Call, reader: int | None, words: int, people: int) -> Iterator[Block]:
    yield Line(text("**{chapter}**  {why}", chapter=call.name, why=sentences(*reasons(call, words))))
    yield Small(sentences(*contacts(call, reader, people)))


def _late(digest: Digest, merely_late: int) -> Iterator[Block]:
    """Their names in one line, as many as it holds."""
    named: list[str | Text] = []
    room = LATE_LIMIT
    for _, name in digest.late:
        room -= len(name)
        if named and room < 0:
            break
        named.append(name)
    more = merely_late - len(named)
    if more > 0:
        named.append(counted("{n} more", "{n} more", more))
    if named:
        yield Line(text("**Merely late**  {chapters}", chapters=Listing(tuple(named), "and" if more > 0 else "comma")))


def _chooser(digest: Digest) -> Select:
    named = [(call.chapter_id, call.name) for call in digest.calls] + list(digest.late)
    options = tuple(Option(text("{chapter}", chapter=name), str(chapter_id)) for chapter_id, name in named)
    return Select(address("fa.open"), text("Choose a chapter"), options)


def overdue_card(shown: Overdue) -> Card:
    """One page of the digest as it would be now."""
    digest, stuck = shown.digest, _stuck(shown)
    anybody = bool(digest.calls or digest.late)
    room = ENTRIES_LIMIT - sum(len(say(line, "en")) for line in stuck)
    return card(
        Title(_title(digest, text("Now"))),
        *_absences(digest),
        *([] if anybody else [Line(text("Nobody needs a call at the moment."))]),
        *_entries(digest, room),
        *_late(digest, len(digest.late)),
        *_left_out(shown),
        _chooser(digest) if anybody else None,
        *_pages(shown),
        *(Small(line) for line in stuck),
    )


def _stuck(shown: Overdue) -> list[Text]:
    """What could not be delivered, for the reason of the newest; of more than that only how many there are."""
    lines = stuck_lines(shown.stuck)
    return lines if len(lines) <= STUCK_LINES else [*lines[:STUCK_LINES], *count_line(shown.stuck)]


def _left_out(shown: Overdue) -> Iterator[Block]:
    if shown.left_out:
        yield Small(
            counted(
                "{n} chapter is left out, because somebody was in touch lately or asked to be reminded.",
                "{n} chapters are left out, because somebody was in touch lately or asked to be reminded.",
                shown.left_out,
            )
        )


def _pages(shown: Overdue) -> Iterator[Block]:
    if shown.pages > 1:
        whose, page = shown.digest.whose, shown.page
        yield Small(text("Page {page} of {pages}", page=page + 1, pages=shown.pages))
        yield Row(
            (
                Button(text("Earlier page"), address("fa.page", whose, page - 1 if page else 0), disabled=page == 0),
                Button(text("Later page"), address("fa.page", whose, page + 1), disabled=page == shown.pages - 1),
            )
        )


# Why a chapter is here, in sentences


def reasons(call: Call, words: int) -> Iterator[Text]:
    """Why a chapter is worth a call, each since when; of a request for help so many characters."""
    if call.help_wanted:
        asked = shortened(call.help_wanted.removesuffix("."), words)
        yield text("Asks for help: “{words}”.", words=asked) if asked else text("Asks for help.")
    if call.late_since is not None:
        yield _late_since(call, call.late_since)
    yield from _standing(call)
    if call.unreachable:
        yield text("None of its admins could be reached.") if call.admins else text("It has no admins.")


def _late_since(call: Call, since: date) -> Text:
    if not call.silent:
        return text("Its report has been late since {when}.", when=since)
    if call.answered is None:
        return text("No report yet; late since {when}.", when=since)
    return text("No report after {month}; late since {when}.", month=call.answered, when=since)


def _standing(call: Call) -> Iterator[Text]:
    gaps = tuple(_gap(gap) for gap in call.gaps if not (call.silent and gap.criterion is Criterion.REPORTS))
    what = Listing(gaps, "comma")
    if call.functions_until is not None and gaps:
        yield text("Functions only until {when}: {gaps}.", when=Moment(call.functions_until), gaps=what)
    elif call.functions_until is not None:
        yield text("Functions only until {when}.", when=Moment(call.functions_until))
    elif call.quiet_since is not None and gaps:
        yield text("Quiet since {day}: {gaps}.", day=call.quiet_since, gaps=what)
    elif call.quiet_since is not None:
        yield text("Quiet since {day}.", day=call.quiet_since)
    elif gaps:
        yield text("Quiet: {gaps}.", gaps=what)


def _gap(gap: Gap) -> Text:
    these = instead_of_meeting(gap.kinds) if gap.criterion is Criterion.TOGETHER else None
    if gap.newest is None:
        return _NEVER[gap.criterion] if these is None else text("no {kinds} known yet", kinds=these)
    match gap.criterion:
        case Criterion.TOGETHER if these is not None:
            return text("no {kinds} since {day}", kinds=these, day=gap.newest)
        case Criterion.TOGETHER:
            return text("no meeting since {day}", day=gap.newest)
        case Criterion.LEARNS:
            return text("no education since {day}", day=gap.newest)
        case Criterion.REPORTS:
            return text("no report since {day}", day=gap.newest)


def contacts(call: Call, reader: int | None, people: int) -> Iterator[Text]:
    """When a chapter was last heard of, whom to talk to, and who was last in touch."""
    yield text("Last heard from on {day}.", day=call.heard_on) if call.heard_on else text("Not heard from yet.")
    if call.admins:
        everybody = _people(call.admins, people)
        yield text("Its admins: {people}.", people=everybody) if call.unreachable else text("Talk to {people}.", people=everybody)
    if call.channel_id is not None:
        yield text("Ask in their channel: {channel}.", channel=Place(call.channel_id))
    if call.last_reporter is not None:
        yield text("{person} published its last report.", person=Person(call.last_reporter))
    if call.in_touch is not None:
        when = Moment(call.in_touch.at)
        if call.in_touch.user_id == reader:
            yield text("You were in touch on {when}.", when=when)
        else:
            yield text("{person} was in touch on {when}.", person=Person(call.in_touch.user_id), when=when)
    yield from away_lines(call, reader)


def away_lines(call: Call, reader: int | None) -> Iterator[Text]:
    """Which of a chapter's facilitators is away, and who stands in."""
    for each in call.away:
        person = Person(each.user_id)
        if each.accepted and each.stand_in is not None and reader not in (each.user_id, each.stand_in):
            yield text("{person} is away until {day}; {other} stands in.", person=person, day=each.until, other=Person(each.stand_in))
        elif each.user_id != reader:
            yield text("{person} is away until {day}.", person=person, day=each.until)


def _people(everybody: Sequence[int], most: int) -> Listing:
    shown: tuple[Person | Text, ...] = tuple(Person(each) for each in everybody[:most])
    more = len(everybody) - len(shown)
    return Listing((*shown, counted("{n} more", "{n} more", more)) if more > 0 else shown)


def sentences(*each: Text) -> Text:
    """Several sentences, one after the other."""
    whole = each[0]
    for further in each[1:]:
        whole = text("{sentence} {another}", sentence=whole, another=further)
    return whole


def shortened(words: str, most: int) -> str:
    """The first so many characters of somebody's words, with a sign that there are more."""
    return words if len(words) <= most else words[: max(most - 1, 0)].rstrip() + "…" * (most > 0)
