"""How chapters look: one with its status, the list of them, a new one, and a chapter's admins."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from bot.domain import calendar
from bot.domain.chapters import Chapter
from bot.domain.checkins import Kind
from bot.domain.functioning import Criterion, Met, Status
from bot.domain.text import Link, Listing, Moment, Person, Place, Text, Value, counted, text
from bot.services.chapters import Added, Admins, ChapterPage, ChapterStatus, Judged, LastAdmin
from bot.services.organisations import language_name
from cogs.cards.compositions import composition_line
from cogs.cards.near import nearest_line
from cogs.cards.report_words import jump
from cogs.cards.sight import seen_by
from cogs.cards.words import KINDS, instead_of_meeting
from cogs.layout import Block, Button, Card, Line, Row, Rule, Small, Title, Tone, address, card
from db.directory import Ground, Listed

CRITERIA: Mapping[Criterion, Text] = {
    Criterion.TOGETHER: text("**Comes together**"),
    Criterion.LEARNS: text("**Learns**"),
    Criterion.REPORTS: text("**Reports**"),
}

ALL = "all"
IN_A_ROW = 5


# One chapter


def status_card(shown: ChapterStatus) -> Card:
    """How a chapter stands, criterion by criterion, what would mend it, and who is there for it."""
    then = text("As it was at the end of {day}, by what was known then.", day=shown.day)
    return card(
        Title(_headline(shown)),
        Small(then) if shown.past else None,
        *(Line(line) for line in _standing(shown)),
        Rule(),
        *(Line(line) for line in _facts(shown)),
        *([] if shown.past else _actions(shown)),
    )


def _at(shown: ChapterStatus, day: date) -> Moment:
    # Discord shows a moment in the reader's own zone: by the chapter's noon it is the same day for nearly everybody.
    return Moment(calendar.moment(day, 12, shown.chapter.zone))


def _headline(shown: ChapterStatus) -> Text:
    named: dict[str, Value] = {"chapter": shown.chapter.name}
    lapses_on = shown.verdict.lapses_on
    match shown.verdict.status:
        case Status.FUNCTIONING if lapses_on is not None:
            return text("{chapter} · functioning until {moment}", **named, moment=_at(shown, lapses_on))
        case Status.AT_RISK if lapses_on is not None:
            return text("{chapter} · functioning, but only until {moment}", **named, moment=_at(shown, lapses_on))
        case Status.NEW:
            return text("{chapter} · new, here since {day}", **named, day=shown.chapter.added_on)
        case Status.UNHEARD:
            return text("{chapter} · not heard from yet", **named)
        case Status.RESTING if shown.chapter.resting_until is not None and not shown.past:
            return text("{chapter} · resting until {day}", **named, day=shown.chapter.resting_until)
        case Status.RESTING:
            return text("{chapter} · resting", **named)
        case Status.QUIET if lapses_on is not None:
            return text("{chapter} · quiet since {moment}", **named, moment=_at(shown, lapses_on))
        case Status.ARCHIVED:
            return text("{chapter} · archived", **named)
        case _:
            return text("{chapter} · quiet", **named)


def _standing(shown: ChapterStatus) -> Iterator[Text]:
    if shown.verdict.status is Status.RESTING:
        yield text("It rests by its own wish: it is asked for nothing, and is not overdue.")
    else:
        yield from (_criterion(shown, each) for each in shown.criteria)


def _criterion(shown: ChapterStatus, judged: Judged) -> Text:
    criterion = judged.verdict.criterion
    if judged.verdict.met is Met.MET and judged.verdict.lapses_on is not None:
        return text(
            "{criterion}: yes, {evidence}. Next needed by {moment}.",
            criterion=CRITERIA[criterion],
            evidence=_evidence(judged.grounds[0]),
            moment=_at(shown, judged.verdict.lapses_on),
        )
    mends = _mends(criterion, judged.missing, judged.verdict.kinds)
    if judged.verdict.newest is None:
        return text("{criterion}: nothing known yet. {mends}", criterion=CRITERIA[criterion], mends=mends)
    if judged.verdict.lapses_on is None:
        newest = _evidence(judged.grounds[0])
        return text("{criterion}: not enough yet, last {evidence}. {mends}", criterion=CRITERIA[criterion], evidence=newest, mends=mends)
    return text("{criterion}: not since {day}. {mends}", criterion=CRITERIA[criterion], day=judged.verdict.newest, mends=mends)


def _evidence(ground: Ground) -> Text:
    day = ground.evidence.day
    if ground.evidence.criterion is Criterion.REPORTS and ground.period is not None:
        return text("the report for {period}, published on {day}", period=ground.period, day=day)
    if ground.period is not None:
        return text("by the report for {period}", period=ground.period)
    kind = KINDS[ground.kind or Kind.MEETING]
    if ground.evidence.criterion is Criterion.LEARNS and ground.kind is not Kind.EDUCATION:
        return text("{kind} with an education part on {day}", kind=kind, day=day)
    if ground.people is None:
        return text("{kind} on {day}", kind=kind, day=day)
    return counted("{kind} on {day}, {n} person", "{kind} on {day}, {n} people", ground.people, kind=kind, day=day)


def _mends(criterion: Criterion, missing: int, kinds: Collection[str]) -> Text:
    match criterion:
        case Criterion.TOGETHER if (these := instead_of_meeting(kinds)) is not None:
            return counted("One check-in is enough: {kinds}.", "{n} check-ins are enough: {kinds}.", missing, kinds=these)
        case Criterion.TOGETHER:
            return counted("One meeting is enough.", "{n} meetings are enough.", missing)
        case Criterion.LEARNS:
            return counted("One meeting with an education part is enough.", "{n} meetings with an education part are enough.", missing)
        case Criterion.REPORTS:
            return counted("One published report is enough.", "{n} published reports are enough.", missing)


def _facts(shown: ChapterStatus) -> Iterator[Text]:
    yield _last_report(shown)
    if shown.admins:
        yield text("Admins: {people}", people=_people(shown.admins, shown.chapter.duty_user_id))
    else:
        yield text("No admins yet: a coordinator can add one with /chapter admins add.")
    if shown.facilitators:
        yield text("Facilitators: {people}", people=Listing(tuple(Person(each) for each in shown.facilitators)))
    yield text("{facts}", facts=Listing(tuple(_place(shown)), "comma"))
    if shown.near:
        yield nearest_line(shown.near)
    yield from (line for each in shown.compositions if (line := composition_line(each)) is not None)
    if not shown.past:
        yield from seen_by(shown.chapter)


def _last_report(shown: ChapterStatus) -> Text:
    last = shown.last_report
    if last is None:
        return text("No report published yet.")
    said = text("Last report: {period}, published {moment}", period=last.period, moment=Moment(last.published_at))
    if last.post is None:
        return said
    return text("{said} → {link}", said=said, link=Link(text("read it"), jump(shown.chapter.guild_id, last.post)))


def _people(admins: Sequence[int], on_duty: int | None) -> Listing:
    return Listing(tuple(text("{person} (on duty)", person=Person(each)) if each == on_duty else Person(each) for each in admins), "comma")


def _place(shown: ChapterStatus) -> Iterator[Value]:
    if shown.chapter.city:
        yield shown.chapter.city
    if shown.branch:
        yield shown.branch
    yield from (language_name(each) for each in shown.chapter.languages)
    yield shown.chapter.timezone


def _actions(shown: ChapterStatus) -> Iterator[Block]:
    buttons = []
    if shown.may_check_in:
        buttons.append(Button(text("Check in"), address("ci.new", shown.chapter.id), Tone.PRIMARY))
    if shown.may_report:
        buttons.append(Button(text("Report"), address("rp.card", shown.chapter.id, None)))
    if shown.last_report is not None:
        buttons.append(Button(text("Read its last report"), address("rp.read", shown.chapter.id, shown.last_report.period)))
        buttons.append(Button(text("Reports"), address("rp.all", shown.chapter.id)))
    if shown.may_choose_visibility and not shown.chapter.hidden:
        buttons.append(Button(text("Hide us now"), address("vi.ask", shown.chapter.id)))
    if shown.may_choose_visibility and shown.chapter.loosens_to is not None:
        buttons.append(Button(text("Keep it as it is"), address("vi.keep", shown.chapter.id)))
    if shown.near:
        buttons.append(Button(text("Near {chapter}", chapter=shown.chapter.name), address("ch.near", shown.chapter.id)))
    for start in range(0, len(buttons), IN_A_ROW):
        yield Row(tuple(buttons[start : start + IN_A_ROW]))


# The list


def list_card(shown: ChapterPage) -> Card:
    """A page of the list, by name."""
    return card(
        Title(_heading(shown)),
        *(Line(_entry(each, narrowed=shown.branch is not None)) for each in shown.entries),
        Small(_further(shown)) if shown.entries else Line(_none(shown)),
        *_turn(shown),
    )


def _heading(shown: ChapterPage) -> Text:
    what = {
        None: counted("{n} chapter", "{n} chapters", shown.total),
        Status.FUNCTIONING: counted("{n} functioning chapter", "{n} functioning chapters", shown.total),
        Status.NEW: counted("{n} new chapter", "{n} new chapters", shown.total),
        Status.RESTING: counted("{n} resting chapter", "{n} resting chapters", shown.total),
    }[shown.status]
    return what if shown.branch is None else text("{branch}: {chapters}", branch=shown.branch.name, chapters=what)


def _entry(entry: Listed, *, narrowed: bool) -> Text:
    where: list[Value] = [each for each in (entry.city, None if narrowed else entry.branch) if each and each != entry.name]
    if not where:
        return text("**{chapter}**", chapter=entry.name)
    return text("**{chapter}** · {place}", chapter=entry.name, place=Listing(tuple(where), "comma"))


def _further(shown: ChapterPage) -> Text:
    if shown.pages == 1:
        return text("/chapter status shows one of them.")
    return text("Page {page} of {pages}. /chapter status shows one of them.", page=shown.page + 1, pages=shown.pages)


def _none(shown: ChapterPage) -> Text:
    if shown.branch is None and shown.status is None:
        return text("There are no chapters yet. A coordinator can add one with /chapter add.")
    return text("None at the moment. /chapter list without options shows all chapters.")


def _turn(shown: ChapterPage) -> Iterator[Block]:
    if shown.pages > 1:
        narrow = (0 if shown.branch is None else shown.branch.id, shown.status or ALL)
        yield Row(
            (
                Button(text("Previous page"), address("ch.page", max(shown.page - 1, 0), *narrow), disabled=shown.page == 0),
                Button(text("Next page"), address("ch.page", shown.page + 1, *narrow), disabled=shown.page + 1 >= shown.pages),
            )
        )


# A new one, and its admins


def added_card(added: Added, faults: Sequence[Text]) -> Card:
    """A chapter that was just added, with what was filled in."""
    entity = added.chapter
    return card(
        Title(text("{chapter} is added", chapter=entity.name)),
        *(Line(line) for line in _added(added)),
        *(Line(fault) for fault in faults),
        Line(_report_from(entity)),
        Row((Button(text("Status"), address("ch.status", entity.id)),)),
    )


def _added(added: Added) -> Iterator[Text]:
    entity = added.chapter
    if added.branch is not None:
        yield (
            text("Branch: {branch}, which is new", branch=added.branch)
            if added.new_branch
            else text("Branch: {branch}", branch=added.branch)
        )
    if entity.city:
        yield text("City: {city}", city=entity.city)
    if added.town is not None:
        yield text("Taken to be {town}. If that is another one, change it with /chapter edit.", town=added.town)
    yield text("Time zone: {zone}", zone=entity.timezone)
    if entity.founded:
        yield text("Founded on {day}", day=entity.founded)
    if entity.channel_id is not None:
        yield text("Its channel is {channel}; the monthly question is asked there.", channel=Place(entity.channel_id))
    if added.admin is not None:
        yield text("{person} is its admin and on duty.", person=Person(added.admin))
    else:
        yield text("It has no admin yet. Add one with /chapter admins add.")


def _report_from(entity: Chapter) -> Text:
    first = calendar.first_full_month(entity.added_on)
    return text("Its first report is about {month}, and can be filled in when that month is over.", month=first)


def admins_card(shown: Admins) -> Card:
    """A chapter's admins in duty order."""
    return card(
        Title(text("Admins of {chapter}", chapter=shown.chapter.name)),
        *(
            Line(
                text("{n}. {person}, on duty", n=n, person=Person(each))
                if each == shown.on_duty
                else text("{n}. {person}", n=n, person=Person(each))
            )
            for n, each in enumerate(shown.admins, start=1)
        ),
        Line(text("There are none yet. A coordinator can add one with /chapter admins add.")) if not shown.admins else None,
        Small(text("The admin on duty is asked for the monthly report. Duty passes to the next one in this order, once a month."))
        if shown.admins
        else None,
    )


def admin_added_card(shown: Admins, user_id: int) -> Card:
    """Says who became admin, and whose turn it is."""
    said = text("{person} is now an admin of {chapter}.", person=Person(user_id), chapter=shown.chapter.name)
    return card(Line(said), *admins_card(shown).blocks[1:])


def admin_removed_card(shown: Admins, user_id: int) -> Card:
    """Says who is no admin any more, and whose turn it is."""
    said = text("{person} is no longer an admin of {chapter}.", person=Person(user_id), chapter=shown.chapter.name)
    return card(Line(said), *admins_card(shown).blocks[1:])


def last_admin_card(shown: LastAdmin) -> Card:
    """Asks once more before a chapter is left without admins."""
    return card(
        Title(text("{chapter} would have no admins", chapter=shown.chapter.name)),
        Line(
            text(
                "{person} is the last one. Without an admin nobody is asked for reports, and only coordinators can check in for it.",
                person=Person(shown.user_id),
            )
        ),
        Line(text("You can first add somebody else with /chapter admins add.")),
        Row(
            (
                Button(text("Remove anyway"), address("ch.drop", shown.chapter.id, shown.user_id), Tone.DANGER),
                Button(text("Keep"), address("ch.keep", shown.chapter.id)),
            )
        ),
    )
