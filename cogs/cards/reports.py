"""How the monthly report looks: its card, its preview, its post."""

from collections.abc import Iterator

from bot.domain.calendar import Month
from bot.domain.reports import Part, State, answered
from bot.domain.text import Link, Listing, Moment, Person, Place, Style, Text, Value, counted, text
from bot.services.periods import ReportCard
from bot.services.reading import Reading
from bot.services.reports import LATER_DAYS, Conflict, Published
from cogs.cards.echoes import echo_button, echo_line
from cogs.cards.report_words import PARTS, body, glimpse, jump, kinds_line, meetings_line
from cogs.cards.standing import standing_line
from cogs.layout import (
    Block,
    Button,
    Card,
    Line,
    LinkButton,
    Row,
    Rule,
    Small,
    Title,
    Tone,
    address,
    card,
)


def report_card(shown: ReportCard, *, asks: int | None = None, sent: bool = False) -> Card:
    """The card of a period; `asks` is whom it mentions; one that was `sent` stays, so that it leads to what is asked for later too."""
    if shown.state in (State.PUBLISHED, State.SKIPPED):
        return card(*_answered(shown).blocks, *([_ways_on(shown, sent=True)] if sent else []))
    return card(
        Title(_question(shown, asks)),
        Small(_when(shown)),
        *([Line(_known(shown))] if shown.known.kinds and Part.ACTIVITY in shown.parts else []),
        *(Line(line) for line in _saved(shown)),
        *([Line(text("Open: {parts}", parts=Listing(tuple(PARTS[part] for part in shown.missing), "comma")))] if shown.missing else []),
        *_gone(shown),
        Small(_for_whom(shown)),
        _sharing(shown),
        *_buttons(shown),
        _ways_on(shown, sent=sent),
        notifies=[asks] if asks else [],
    )


def _ways_on(shown: ReportCard, *, sent: bool) -> Row:
    newest = [Button(text("Report"), address("rp.card", shown.chapter.id, None))] if sent else []
    return Row((Button(text("Check in"), address("ci.new", shown.chapter.id)), *newest))


def _for_whom(shown: ReportCard) -> Text:
    if shown.chapter.hidden:
        return text("Your chapter is hidden: the report is for its own admins and facilitators, and is not posted.")
    if "private_note" not in shown.asked:
        return text("The report is public in this server.")
    return text("The report is public in this server; the private note is for you and your facilitators only.")


def _question(shown: ReportCard, asks: int | None) -> Text:
    if asks is None:
        return text("How was {period} in {chapter}?", period=shown.period, chapter=shown.chapter.name)
    return text("{person}, how was {period} in {chapter}?", person=Person(asks), period=shown.period, chapter=shown.chapter.name)


def _when(shown: ReportCard) -> Text:
    if shown.state is State.MISSED:
        return text("about 2 minutes · this month is no longer asked for, but you can still publish it")
    if not shown.expected:
        return text("about 2 minutes · nobody asks for this month, but you can publish it")
    return text("about 2 minutes · due {day}", day=shown.due)


def _known(shown: ReportCard) -> Text:
    known = shown.known
    if not known.meetings:
        return text("Known already: {kinds}.", kinds=kinds_line(known.kinds))
    if not known.education:
        return text("Known already: {meetings}, none with an education part.", meetings=meetings_line(known))
    taught = counted("{n} with an education part", "{n} with an education part", known.education)
    return text("Known already: {meetings}, {education}.", meetings=meetings_line(known), education=taught)


def _saved(shown: ReportCard) -> Iterator[Text]:
    """Each part that is saved, with who saved it; of the private note only whether there is one."""
    for part in (each for each in Part if each in shown.saved):
        saved = shown.saved[part]
        if part not in shown.parts and not answered(saved.answers):
            continue
        values: dict[str, Value] = {
            "part": PARTS[part],
            "answers": glimpse(saved.answers, note="private_note" in shown.asked),
            "when": Moment(saved.at, Style.RELATIVE),
        }
        if saved.by is None:
            yield text("**{part}**  {answers}  ({when})", **values)
        else:
            yield text("**{part}**  {answers}  ({person}, {when})", person=Person(saved.by), **values)


def _gone(shown: ReportCard) -> Iterator[Block]:
    if shown.gone:
        people = Listing(tuple(Person(user_id) for user_id in shown.gone))
        yield Small(text("No longer in this server: {people}. /chapter admins remove takes them off the list.", people=people))


def _buttons(shown: ReportCard) -> Iterator[Row]:
    at = (shown.chapter.id, shown.period)
    parts = [
        Button(PARTS[part], address("rp.part", *at, part), Tone.PRIMARY if part in shown.missing else Tone.PLAIN) for part in shown.parts
    ]
    publish = Button(text("Publish"), address("rp.pub", *at), Tone.PRIMARY if shown.saved else Tone.PLAIN)
    yield Row((*parts,))
    yield Row((Button(text("Preview"), address("rp.pre", *at)), publish))
    rest = [Button(text("Quiet month"), address("rp.quiet", *at))] if shown.quiet_offered else []
    yield Row((*rest, Button(text("Skip"), address("rp.skip", *at)), *_share_button(shown)))
    if shown.later_offered:
        labels = {1: text("Remind me tomorrow"), 3: text("Remind me in 3 days")}
        yield Row(tuple(Button(labels[days], address("rp.later", *at, days)) for days in LATER_DAYS))


def _share_button(shown: ReportCard) -> Iterator[Button]:
    if "hard" not in shown.asked and not shown.report.words.hard:
        return
    label = text("May be shared: on") if shown.may_share else text("May be shared: off")
    yield Button(label, address("rp.share", shown.chapter.id, shown.period, "off" if shown.may_share else "on"))


def _sharing(shown: ReportCard) -> Small | None:
    shared = shown.may_share and not shown.chapter.hidden
    return Small(text("Other chapters and the public page may quote what is hard.")) if shared else None


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
    parts = tuple(Button(PARTS[part], address("rp.part", *at, part)) for part in shown.parts)
    publish = Button(text("Publish"), address("rp.pub", *at), Tone.PRIMARY)
    return card(
        Title(text("Correct {period} in {chapter}", period=shown.period, chapter=shown.chapter.name)),
        *(Line(line) for line in _saved(shown)),
        Small(text("What you change is published when you press Publish. The day of the first publication stays.")),
        _sharing(shown),
        Row(parts) if parts else None,
        Row((Button(text("Preview"), address("rp.pre", *at)), publish, *_share_button(shown))),
    )


def conflict_card(conflict: Conflict, form_key: str) -> Card:
    """Both answers to the same part, and the choice between them."""
    at = (conflict.card.chapter.id, conflict.card.period, conflict.part)
    who: Value = Person(conflict.theirs.by) if conflict.theirs.by is not None else text("Somebody")
    return card(
        Title(text("{part} was changed while you wrote", part=PARTS[conflict.part])),
        Line(text("{person} saved: {answers}", person=who, answers=glimpse(conflict.theirs.answers, own=True))),
        Line(text("You wrote: {answers}", answers=glimpse(conflict.yours, own=True))),
        Row(
            (
                Button(text("Take mine"), address("rp.mine", *at, conflict.theirs.version, form_key), Tone.PRIMARY),
                Button(text("Keep theirs"), address("rp.theirs", *at[:2])),
            )
        ),
    )


def _preview_for(shown: ReportCard) -> Text:
    return text("This is what your own people would see:") if shown.chapter.hidden else text("This is what everybody would see:")


def preview_card(shown: ReportCard) -> Card:
    """Exactly what Publish would make public."""
    at = (shown.chapter.id, shown.period)
    content = shown.report.public()
    public = list(body(content))
    return card(
        Small(_preview_for(shown)),
        Title(_headline(shown.chapter.name, shown.period)),
        *(public or [Line(text("Nothing is answered yet."))]),
        Rule(),
        Row((Button(text("Publish"), address("rp.pub", *at), Tone.PRIMARY),)),
    )


def _headline(chapter: str, period: Month) -> Text:
    return text("{chapter} · {period}", chapter=chapter, period=period)


def post_card(reading: Reading) -> Card:
    """The published report as its post shows it."""
    said = list(body(reading.report))
    if reading.quiet:
        said.append(Line(text("A quiet month: nothing much changed.")))
    by: Value = Person(reading.published_by) if reading.published_by is not None else reading.chapter.name
    return card(
        Title(_headline(reading.chapter.name, reading.period)),
        *said,
        Small(text("by {person} · comments welcome below", person=by)),
        *_edited(reading),
        Row((Button(text("Status of {chapter}", chapter=reading.chapter.name), address("ch.status", reading.chapter.id)),)),
    )


def _edited(reading: Reading) -> Iterator[Block]:
    if reading.edited_at is not None:
        when = Moment(reading.edited_at, Style.DAY_AND_HOUR)
        by_another = reading.edited_by is not None and reading.edited_by != reading.published_by
        person = Person(reading.edited_by) if by_another and reading.edited_by is not None else None
        yield Small(text("Edited {when}", when=when) if person is None else text("Edited by {person} {when}", person=person, when=when))


def reading_card(reading: Reading) -> Card:
    """A published report for one who asked for it."""
    buttons: list[Button | LinkButton] = []
    if reading.post is not None:
        buttons.append(LinkButton(text("Open its thread"), jump(reading.chapter.guild_id, reading.post)))
    if reading.may_correct:
        buttons.append(Button(text("Correct"), address("rp.edit", reading.chapter.id, reading.period)))
        words = reading.report.words
        if words.changing or words.hard or words.help:
            buttons.append(Button(text("Redact"), address("rp.red", reading.chapter.id, reading.period)))
    buttons.append(Button(text("Status of {chapter}", chapter=reading.chapter.name), address("ch.status", reading.chapter.id)))
    by: Value = Person(reading.published_by) if reading.published_by is not None else reading.chapter.name
    quiet = [Line(text("A quiet month: nothing much changed."))] if reading.quiet else []
    return card(
        Title(_headline(reading.chapter.name, reading.period)),
        *body(reading.report),
        *quiet,
        Small(text("by {person}, {when}", person=by, when=Moment(reading.published_at))),
        *_edited(reading),
        Row(tuple(buttons)),
    )


def thanks_card(done: Published) -> Card:
    """What publishing came to, for the one who pressed it."""
    shown = done.card
    name = shown.chapter.name
    read = Button(text("Read"), address("rp.read", shown.chapter.id, shown.period))
    status = Button(text("Status of {chapter}", chapter=name), address("ch.status", shown.chapter.id))
    echo = [] if done.echo is None else [echo_button(shown.chapter, shown.period, done.echo)]
    return card(
        Line(_thanks(done)),
        *_where(done),
        Line(standing_line(name, done.verdict, new=False)),
        None if done.echo is None else Line(echo_line(done.echo)),
        *_turn(done),
        Row((*echo, read, status)),
    )


def _thanks(done: Published) -> Text:
    shown = done.card
    named: dict[str, Value] = {"chapter": shown.chapter.name, "period": shown.period}
    if done.corrected:
        said = text("Thank you. The correction of {chapter}'s {period} is published.", **named)
    else:
        said = text("Thank you. {chapter}'s {period} is published.", **named)
    if shown.post is None:
        return said
    return text("{said} → {link}", said=said, link=Link(text("read it"), jump(shown.chapter.guild_id, shown.post)))


def _where(done: Published) -> Iterator[Block]:
    if done.card.post is not None or done.card.chapter.hidden:
        return
    if done.channel_id is not None:
        yield Line(text("It appears in {channel}.", channel=Place(done.channel_id)))
    else:
        yield Small(text("No reports channel is set, so it was not posted. A coordinator can choose one with /setup."))


def _turn(done: Published) -> Iterator[Block]:
    if done.next_on_duty is None or len(done.card.admins) < 2 or done.corrected:
        return
    person = Person(done.next_on_duty)
    if done.card.chapter.rhythm == 1:
        yield Line(text("Next month it is {person}'s turn.", person=person))
    else:
        yield Line(text("Next time it is {person}'s turn.", person=person))


def put_off_card(when: Moment) -> Card:
    """The answer to "remind me"."""
    return card(Line(text("You will be reminded by direct message on {when}.", when=when)))


def link_card(shown: ReportCard, place: tuple[int, int]) -> Card:
    """Where the period's card stands; it can be opened here as well, because somebody may have deleted it there."""
    url, here = jump(shown.chapter.guild_id, place), address("rp.card", shown.chapter.id, shown.period)
    return card(
        Line(text("The card for {period} stands in {channel}.", period=shown.period, channel=Place(place[0]))),
        Row((LinkButton(text("Go there"), url), Button(text("Open it here"), here))),
    )


def _last_call(shown: ReportCard) -> Text:
    if shown.quiet_offered:
        return text("{period} is due on {day}. Two minutes are enough, and a quiet month is one click.", period=shown.period, day=shown.due)
    return text("{period} is due on {day}. Two minutes are enough.", period=shown.period, day=shown.due)


def reminder_card(shown: ReportCard, *, last: bool) -> Card:
    """A nudge: the same card, with one sentence before it."""
    inner = report_card(shown, sent=True)
    lead = (
        _last_call(shown)
        if last
        else text(
            "A reminder: {chapter}'s report for {period} is still open. If you are working on it already, there is nothing more to do.",
            period=shown.period,
            chapter=shown.chapter.name,
        )
    )
    return card(Line(lead), *inner.blocks)
