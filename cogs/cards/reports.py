"""How the monthly report looks: its card, its forms, its preview, its post."""

from collections.abc import Callable, Iterator, Mapping

from bot.domain.calendar import Month
from bot.domain.chapters import Dues, Visibility
from bot.domain.checkins import Kind
from bot.domain.reports import SKIP_REASON_LENGTH, TEXT_LENGTH, Activity, Answers, Part, People, Report, State, Words
from bot.domain.text import Link, Listing, Moment, Person, Place, Style, Text, Value, counted, text
from bot.domain.text import Words as Written
from bot.services.reading import Reading
from bot.services.reports import LATER_DAYS, Conflict, Published, ReportCard
from cogs.cards.standing import standing_line
from cogs.cards.words import DUES, KINDS, NOT_KNOWN
from cogs.layout import (
    Block,
    Button,
    Card,
    ChoiceField,
    Field,
    Form,
    Line,
    LinkButton,
    ManyField,
    Option,
    Row,
    Rule,
    Small,
    TextField,
    Title,
    Tone,
    address,
    card,
)

NUMBER_LENGTH = 9
GLIMPSE = 120

PARTS: Mapping[Part, Text] = {Part.PEOPLE: text("People"), Part.ACTIVITY: text("Activity"), Part.WORDS: text("In words")}


def jump(guild_id: int, place: tuple[int, int]) -> str:
    """The address at which Discord shows a message."""
    return f"https://discord.com/channels/{guild_id}/{place[0]}/{place[1]}"


def report_card(shown: ReportCard, *, asks: int | None = None) -> Card:
    """The card of a period; `asks` is whom it mentions."""
    if shown.state in (State.PUBLISHED, State.SKIPPED):
        return _answered(shown)
    return card(
        Title(_question(shown, asks)),
        Small(_when(shown)),
        *([Line(_known(shown))] if shown.known.kinds else []),
        *(Line(line) for line in _saved(shown)),
        *([Line(text("Open: {parts}", parts=Listing(tuple(PARTS[part] for part in shown.missing), "comma")))] if shown.missing else []),
        *_gone(shown),
        Small(text("The report is public in this server; the private note is for you and your facilitators only.")),
        *_buttons(shown),
        notifies=[asks] if asks else [],
    )


def _question(shown: ReportCard, asks: int | None) -> Text:
    if asks is None:
        return text("How was {period} in {chapter}?", period=shown.period, chapter=shown.chapter.name)
    return text("{person}, how was {period} in {chapter}?", person=Person(asks), period=shown.period, chapter=shown.chapter.name)


def _when(shown: ReportCard) -> Text:
    if shown.state is State.MISSED:
        return text("about 2 minutes · this month is no longer asked for, but you can still publish it")
    return text("about 2 minutes · due {day}", day=shown.due)


def _known(shown: ReportCard) -> Text:
    known = shown.known
    told = counted("{n} meeting", "{n} meetings", known.meetings)
    taught = counted("{n} with an education part", "{n} with an education part", known.education)
    return text("Known already: {meetings}, {education}.", meetings=told, education=taught)


def _saved(shown: ReportCard) -> Iterator[Text]:
    """Each part that is saved, with who saved it; of the private note only whether there is one."""
    for part, saved in shown.saved.items():
        values: dict[str, Value] = {"part": PARTS[part], "answers": glimpse(saved.answers), "when": Moment(saved.at, Style.RELATIVE)}
        if saved.by is None:
            yield text("**{part}**  {answers}  ({when})", **values)
        else:
            yield text("**{part}**  {answers}  ({person}, {when})", person=Person(saved.by), **values)


def glimpse(answers: Answers) -> Text:
    """A part in one line, fit for all to see: of the private note only that it is there."""
    facts = tuple(_facts(answers))
    return text("{facts}", facts=Listing(facts, "comma")) if facts else text("nothing known")


def _facts(answers: Answers) -> Iterator[Text]:
    if isinstance(answers, People):
        yield from _people(answers)
    elif isinstance(answers, Activity):
        yield from _numbers(answers)
        if answers.kinds:
            yield kinds_line(answers.kinds)
    else:
        for title, words in _texts(answers):
            short = words if len(words) <= GLIMPSE else words[: GLIMPSE - 1] + "…"
            yield text("{title}: {words}", title=title, words=short)
        if answers.dues is not None:
            yield text("dues: {answer}", answer=DUES[answers.dues])
        yield text("private note: written") if answers.private_note else text("private note: none")


def kinds_line(kinds: tuple[Kind, ...]) -> Text:
    """The kinds of activity in one line."""
    return text("{kinds}", kinds=Listing(tuple(KINDS[kind] for kind in kinds), "comma"))


def _people(people: People) -> Iterator[Text]:
    if people.members is not None:
        yield counted("{n} member", "{n} members", people.members)
    if people.met is not None:
        yield counted("{n} met face to face", "{n} met face to face", people.met)


def _numbers(activity: Activity) -> Iterator[Text]:
    if activity.meetings is not None:
        yield counted("{n} meeting", "{n} meetings", activity.meetings)
    if activity.education is not None:
        yield counted("{n} education", "{n} education", activity.education)
    if activity.tried is not None and activity.worked is not None:
        worked = counted("{n} worked", "{n} worked", activity.worked)
        yield counted("{n} project tried, {worked}", "{n} projects tried, {worked}", activity.tried, worked=worked)
    elif activity.tried is not None:
        yield counted("{n} project tried", "{n} projects tried", activity.tried)
    elif activity.worked is not None:
        yield counted("{n} project worked", "{n} projects worked", activity.worked)


def _texts(words: Words) -> Iterator[tuple[Text, str]]:
    for title, said in (
        (text("What is changing"), words.changing),
        (text("What is hard"), words.hard),
        (text("Help wanted"), words.help),
    ):
        if said is not None:
            yield title, said


def _gone(shown: ReportCard) -> Iterator[Block]:
    if shown.gone:
        people = Listing(tuple(Person(user_id) for user_id in shown.gone))
        yield Small(text("No longer in this server: {people}. /chapter admins remove takes them off the list.", people=people))


def _buttons(shown: ReportCard) -> Iterator[Row]:
    at = (shown.chapter.id, shown.period)
    parts = [Button(PARTS[part], address("rp.part", *at, part), Tone.PRIMARY if part in shown.missing else Tone.PLAIN) for part in Part]
    publish = Button(text("Publish"), address("rp.pub", *at), Tone.PRIMARY if shown.saved else Tone.PLAIN)
    yield Row((*parts,))
    yield Row((Button(text("Preview"), address("rp.pre", *at)), publish))
    rest = [Button(text("Quiet month"), address("rp.quiet", *at))] if shown.quiet_offered else []
    yield Row((*rest, Button(text("Skip"), address("rp.skip", *at)), _share_button(shown)))
    if shown.later_offered:
        labels = {1: text("Remind me tomorrow"), 3: text("Remind me in 3 days")}
        yield Row(tuple(Button(labels[days], address("rp.later", *at, days)) for days in LATER_DAYS))


def _share_button(shown: ReportCard) -> Button:
    label = text("May be shared: on") if shown.may_share else text("May be shared: off")
    return Button(label, address("rp.share", shown.chapter.id, shown.period, "off" if shown.may_share else "on"))


def _answered(shown: ReportCard) -> Card:
    at = (shown.chapter.id, shown.period)
    if shown.state is State.SKIPPED:
        said = text(
            "{chapter}, {period}: skipped. {reason}", chapter=shown.chapter.name, period=shown.period, reason=shown.skip_reason or ""
        )
        return card(Line(said), Row((Button(text("Fill it in after all"), address("rp.edit", *at)),)))
    where: Value = text("{chapter}, {period}", chapter=shown.chapter.name, period=shown.period)
    if shown.post is not None:
        where = Link(text("{chapter}, {period}", chapter=shown.chapter.name, period=shown.period), jump(shown.chapter.guild_id, shown.post))
    when = Moment(shown.published_at) if shown.published_at else text("earlier")
    if shown.published_by is None:
        line = text("Published {when} → {where}", when=when, where=where)
    else:
        line = text("Published by {person} {when} → {where}", person=Person(shown.published_by), when=when, where=where)
    return card(Line(line), Row((Button(text("Read"), address("rp.read", *at)), Button(text("Correct"), address("rp.edit", *at)))))


def correction_card(shown: ReportCard) -> Card:
    """The card of a published or skipped period that is opened again."""
    at = (shown.chapter.id, shown.period)
    parts = tuple(Button(PARTS[part], address("rp.part", *at, part)) for part in Part)
    publish = Button(text("Publish"), address("rp.pub", *at), Tone.PRIMARY)
    return card(
        Title(text("Correct {period} in {chapter}", period=shown.period, chapter=shown.chapter.name)),
        *(Line(line) for line in _saved(shown)),
        Small(text("What you change shows only after Publish. The day of its first publication stays.")),
        Row(parts),
        Row((Button(text("Preview"), address("rp.pre", *at)), publish, _share_button(shown))),
    )


def form(shown: ReportCard, part: Part, form_key: str) -> Form:
    """The form of one part, filled in with what is saved or known."""
    to = address("rp.save", shown.chapter.id, shown.period, part, shown.version(part), form_key)
    title = text("{part} · {period}", part=PARTS[part], period=shown.period)
    fields: Mapping[Part, Callable[[ReportCard], tuple[Field, ...]]] = {
        Part.PEOPLE: _people_fields,
        Part.ACTIVITY: _activity_fields,
        Part.WORDS: _words_fields,
    }
    return Form(to, title, fields[part](shown))


def _number(name: str, label: Text, hint: Text, value: int | None) -> TextField:
    return TextField(name, label, hint, "" if value is None else str(value), NUMBER_LENGTH)


def _people_fields(shown: ReportCard) -> tuple[Field, ...]:
    people = shown.suggested.people
    members = people.members if Part.PEOPLE in shown.saved else shown.last_members
    return (
        _number("members", text("Members now"), text("For the organisation's count. All can see it. Empty: not known."), members),
        _number("met", text("How many met face to face"), text("Of the members, this month. All can see it."), people.met),
    )


def _activity_fields(shown: ReportCard) -> tuple[Field, ...]:
    activity = shown.suggested.activity
    chosen = activity.kinds or ()
    kinds = tuple(Option(KINDS[kind], kind.value, chosen=kind in chosen) for kind in Kind)
    return (
        ManyField("kinds", text("Kinds of activity"), kinds, text("All can see it. None chosen: not known.")),
        _number("meetings", text("Meetings"), text("Counted from check-ins; raise it if some are missing."), activity.meetings),
        _number("education", text("With education"), text("Counted from check-ins; raise it if some are missing."), activity.education),
        _number("tried", text("Projects or activities tried"), text("So that others learn what can be tried."), activity.tried),
        _number("worked", text("Of these, how many worked"), text("Still going or learned from is not failure."), activity.worked),
    )


def _words_fields(shown: ReportCard) -> tuple[Field, ...]:
    words = shown.report.words
    dues = (_dues_field(words.dues),) if shown.asks_dues else ()
    return (
        *dues,
        _text("changing", text("What is changing (name no one)"), text("All can read it."), words.changing),
        _text("hard", text("What is hard (name no one)"), text("All can read it; others may know a way."), words.hard),
        _text("help", text("Help wanted (name no one)"), text("All can read it; your facilitators see it first."), words.help),
        _text("private_note", text("Private note (name no one)"), text("Only you and your facilitators."), words.private_note),
    )


def _dues_field(now: Dues | None) -> ChoiceField:
    options = (
        Option(text("Not known"), NOT_KNOWN, chosen=now is None),
        *(Option(label, answer.value, chosen=now is answer) for answer, label in DUES.items()),
    )
    return ChoiceField("dues", text("Dues"), options, text("Each answer is fine. Only sums are shown."))


def _text(name: str, label: Text, hint: Text, value: str | None) -> TextField:
    # A little more room than the rule allows: what is too long is kept and offered again instead of being cut off unseen.
    return TextField(name, label, hint, value or "", TEXT_LENGTH * 2, long=True)


def skip_form(chapter_id: int, period: Month) -> Form:
    """The form that asks why a month is skipped."""
    reason = TextField(
        "reason", text("Why (name no one)"), text("A few words. All can read it."), most=SKIP_REASON_LENGTH * 2, long=True, required=True
    )
    return Form(address("rp.skipped", chapter_id, period), text("Skip {period}", period=period), (reason,))


def conflict_card(conflict: Conflict, form_key: str) -> Card:
    """Both answers to the same part, and the choice between them."""
    at = (conflict.card.chapter.id, conflict.card.period, conflict.part)
    who: Value = Person(conflict.theirs.by) if conflict.theirs.by is not None else text("Somebody")
    return card(
        Title(text("{part} was changed while you wrote", part=PARTS[conflict.part])),
        Line(text("{person} saved: {answers}", person=who, answers=glimpse(conflict.theirs.answers))),
        Line(text("You wrote: {answers}", answers=glimpse(conflict.yours))),
        Row(
            (
                Button(text("Take mine"), address("rp.mine", *at, conflict.theirs.version, form_key), Tone.PRIMARY),
                Button(text("Keep theirs"), address("rp.theirs", *at[:2])),
            )
        ),
    )


def preview_card(shown: ReportCard) -> Card:
    """Exactly what Publish would make public."""
    at = (shown.chapter.id, shown.period)
    content = shown.report.public()
    body = list(_body(content))
    return card(
        Small(text("This is what all would see:")),
        Title(_headline(shown.chapter.name, shown.period)),
        *(body or [Line(text("Nothing is answered yet."))]),
        Rule(),
        Row((Button(text("Publish"), address("rp.pub", *at), Tone.PRIMARY),)),
    )


def _headline(chapter: str, period: Month) -> Text:
    return text("{chapter} · {period}", chapter=chapter, period=period)


def _body(content: Report) -> Iterator[Block]:
    """A report's public answers; what was left empty is not shown, zero is."""
    people, numbers = tuple(_people(content.people)), tuple(_numbers(content.activity))
    if people:
        yield Line(_dotted(people))
    if numbers:
        yield Line(_dotted(numbers))
    for title, words in _texts(content.words):
        yield Line(text("**{title}**\n{words}", title=title, words=Written(words)))
    if content.activity.kinds:
        yield Small(text("Activities: {kinds}", kinds=kinds_line(content.activity.kinds)))


def _dotted(facts: tuple[Text, ...]) -> Text:
    joined = facts[0]
    for fact in facts[1:]:
        joined = text("{before} · {fact}", before=joined, fact=fact)
    return joined


def post_card(reading: Reading) -> Card:
    """The published report as its post shows it."""
    body = list(_body(reading.report))
    if reading.quiet:
        body.append(Line(text("A quiet month: nothing much changed.")))
    by: Value = Person(reading.published_by) if reading.published_by is not None else reading.chapter.name
    edited = [Small(text("Edited {when}", when=Moment(reading.published_at, Style.DAY_AND_HOUR)))] if reading.edited else []
    return card(
        Title(_headline(reading.chapter.name, reading.period)),
        *body,
        Small(text("by {person} · comments welcome below", person=by)),
        *edited,
        Row((Button(text("How {chapter} stands", chapter=reading.chapter.name), address("ch.status", reading.chapter.id)),)),
    )


def reading_card(reading: Reading) -> Card:
    """A published report for one who asked for it."""
    buttons: list[Button | LinkButton] = []
    if reading.post is not None:
        buttons.append(LinkButton(text("Open its thread"), jump(reading.chapter.guild_id, reading.post)))
    if reading.may_correct:
        buttons.append(Button(text("Correct"), address("rp.edit", reading.chapter.id, reading.period)))
    buttons.append(Button(text("How {chapter} stands", chapter=reading.chapter.name), address("ch.status", reading.chapter.id)))
    by: Value = Person(reading.published_by) if reading.published_by is not None else reading.chapter.name
    quiet = [Line(text("A quiet month: nothing much changed."))] if reading.quiet else []
    return card(
        Title(_headline(reading.chapter.name, reading.period)),
        *_body(reading.report),
        *quiet,
        Small(text("by {person}, {when}", person=by, when=Moment(reading.published_at))),
        Row(tuple(buttons)),
    )


def thanks_card(done: Published) -> Card:
    """What publishing came to, for the one who pressed it."""
    shown = done.card
    name = shown.chapter.name
    where: list[Block] = [] if done.channel_id is None else [Line(text("It appears in {channel}.", channel=Place(done.channel_id)))]
    if done.channel_id is None and shown.chapter.visibility is not Visibility.HIDDEN:
        where = [Small(text("No reports channel is set, so it was not posted. A coordinator can choose one with /setup."))]
    read = Button(text("Read"), address("rp.read", shown.chapter.id, shown.period))
    return card(
        Line(text("Thank you. {chapter}'s {period} is published.", chapter=name, period=shown.period)),
        *where,
        Line(standing_line(name, done.verdict)),
        *_turn(shown, done.next_on_duty),
        Row((read, Button(text("How {chapter} stands", chapter=name), address("ch.status", shown.chapter.id)))),
    )


def _turn(shown: ReportCard, next_on_duty: int | None) -> Iterator[Block]:
    if next_on_duty is not None and len(shown.admins) > 1:
        yield Line(text("Next month it is {person}'s turn.", person=Person(next_on_duty)))


def put_off_card(when: Moment) -> Card:
    """The answer to "remind me"."""
    return card(Line(text("You will be reminded by direct message {when}.", when=when)))


def link_card(shown: ReportCard, place: tuple[int, int]) -> Card:
    """Where the period's card stands."""
    url = jump(shown.chapter.guild_id, place)
    return card(
        Line(text("The card for {period} stands in {channel}.", period=shown.period, channel=Place(place[0]))),
        Row((LinkButton(text("Go there"), url),)),
    )


def reminder_card(shown: ReportCard, *, last: bool) -> Card:
    """A nudge: the same card, with one sentence before it."""
    inner = report_card(shown)
    lead = (
        text("{period} is due on {day}. Two minutes are enough, and a quiet month is one click.", period=shown.period, day=shown.due)
        if last
        else text("A reminder you can ignore if you are on it: {period} in {chapter}.", period=shown.period, chapter=shown.chapter.name)
    )
    return card(Line(lead), *inner.blocks)
