"""How the open log reads: each kind of change in words, and the names of what changed."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from bot.domain.changes import Kind, Topic
from bot.domain.settings import SETTINGS
from bot.domain.text import Listing, Moment, Person, Style, Text, Value, counted, text
from bot.services.log import BEGINNING, Line, LogPage
from cogs.layout import Button, Card, Row, Small, Title, address, card
from cogs.layout import Line as Paragraph
from db.types import EPOCH, MILLISECOND

ALL = "all"

Says: TypeAlias = Callable[[Value, Value], Text]

WORDS: Mapping[str, Says] = {
    Kind.SETUP_CHANGE: lambda who, _what: text("{who} changed the set-up", who=who),
    Kind.POLICY_CHANGE: lambda who, _what: text("{who} changed the policy", who=who),
    Kind.ORGANISATION_ADD: lambda who, _what: text("{who} set this server up", who=who),
    Kind.CHAPTER_ADD: lambda who, what: text("{who} added {what}", who=who, what=what),
    Kind.CHAPTER_EDIT: lambda who, what: text("{who} changed the settings of {what}", who=who, what=what),
    Kind.CHAPTER_RENAME: lambda who, what: text("{who} renamed {what}", who=who, what=what),
    Kind.CHAPTER_ARCHIVE: lambda who, what: text("{who} archived {what}", who=who, what=what),
    Kind.CHAPTER_RESTORE: lambda who, what: text("{who} restored {what}", who=who, what=what),
    Kind.CHAPTER_REST: lambda who, what: text("{who} let {what} rest", who=who, what=what),
    Kind.CHAPTER_WAKE: lambda who, what: text("{who} woke {what}", who=who, what=what),
    Kind.VISIBILITY_WAIT: lambda who, what: text("{who} chose to open {what} to more people, a day later", who=who, what=what),
    Kind.VISIBILITY_CHOOSE: lambda who, what: text("{who} chose who may see {what}", who=who, what=what),
    Kind.VISIBILITY_KEEP: lambda who, what: text("{who} chose to leave {what} as closed as it is", who=who, what=what),
    Kind.VISIBILITY_LOOSEN: lambda _who, what: text("{what} is open to more people, as its admins chose the day before", what=what),
    Kind.ADMIN_ADD: lambda who, what: text("{who} added an admin to {what}", who=who, what=what),
    Kind.ADMIN_REMOVE: lambda who, what: text("{who} removed an admin from {what}", who=who, what=what),
    Kind.ADMIN_LEAVE: lambda _who, what: text("An admin of {what} left", what=what),
    Kind.DUTY_HANDED_ON: lambda who, what: text("{who} passed the turn of {what} on", who=who, what=what),
    Kind.FACILITATOR_CLAIM: lambda who, what: text("{who} looks after {what} now", who=who, what=what),
    Kind.FACILITATOR_RELEASE: lambda who, what: text("{who} ended that a facilitator looks after {what}", who=who, what=what),
    Kind.FACILITATOR_LEAVE: lambda _who, what: text("A facilitator of {what} left", what=what),
    Kind.FACILITATOR_OFFER: lambda who, what: text("{who} offered {what} to another facilitator", who=who, what=what),
    Kind.FACILITATOR_HANDOVER: lambda who, what: text("{who} took over {what} from another facilitator", who=who, what=what),
    Kind.FACILITATOR_ABSENT: lambda who, _what: text("{who} is away as a facilitator", who=who),
    Kind.FACILITATOR_RETURN: lambda who, _what: text("{who} is back as a facilitator", who=who),
    Kind.FACILITATOR_STANDIN: lambda who, _what: text("{who} agreed to stand in for a facilitator", who=who),
    Kind.FACILITATOR_DECLINE: lambda who, _what: text("{who} cannot stand in for a facilitator", who=who),
    Kind.CHECKIN_RECORD: lambda who, what: text("{who} checked in for {what}", who=who, what=what),
    Kind.CHECKIN_CORRECT: lambda who, what: text("{who} corrected a check-in of {what}", who=who, what=what),
    Kind.CHECKIN_WITHDRAW: lambda who, what: text("{who} withdrew a check-in of {what}", who=who, what=what),
    Kind.PARTNER_CONFIRM: lambda who, what: text("{who} said that {what} took part in another chapter's check-in", who=who, what=what),
    Kind.PARTNER_DECLINE: lambda who, what: text("{who} said that {what} took no part in another chapter's check-in", who=who, what=what),
    Kind.REPORT_SAVE: lambda who, what: text("{who} filled in part of a report of {what}", who=who, what=what),
    Kind.REPORT_SHARE: lambda who, what: text("{who} chose whether a report of {what} may be quoted", who=who, what=what),
    Kind.REPORT_PUBLISH: lambda who, what: text("{who} published a report of {what}", who=who, what=what),
    Kind.REPORT_CORRECT: lambda who, what: text("{who} corrected a report of {what}", who=who, what=what),
    Kind.REPORT_REDACT: lambda who, what: text("{who} took a text out of a report of {what}", who=who, what=what),
    Kind.REPORT_SKIP: lambda who, what: text("{who} skipped a report of {what}", who=who, what=what),
    Kind.REPORT_LATER: lambda who, what: text("{who} wants to be asked later for a report of {what}", who=who, what=what),
    Kind.COMPOSITION_RECORD: lambda who, what: text("{who} counted the members of {what}", who=who, what=what),
    Kind.FACT_CONFIRM: lambda who, what: text("{who} confirmed a standing fact of {what}", who=who, what=what),
    Kind.BRANCH_ADD: lambda who, what: text("{who} added the branch {what}", who=who, what=what),
    Kind.BRANCH_EDIT: lambda who, what: text("{who} changed the branch {what}", who=who, what=what),
    Kind.GATHERING_RECORD: lambda who, what: text("{who} recorded a gathering of the branch {what}", who=who, what=what),
    Kind.GATHERING_WITHDRAW: lambda who, what: text("{who} withdrew a gathering of the branch {what}", who=who, what=what),
    Kind.GATHERING_CONFIRM: lambda who, what: text("{who} said that {what} was at a gathering of its branch", who=who, what=what),
    Kind.GATHERING_DECLINE: lambda who, what: text("{who} said that {what} was not at a gathering of its branch", who=who, what=what),
    Kind.GOAL_ADD: lambda who, what: text("{who} adopted the goal {what}", who=who, what=what),
    Kind.GOAL_EDIT: lambda who, what: text("{who} changed the goal {what}", who=who, what=what),
    Kind.GOAL_RETIRE: lambda who, what: text("{who} retired the goal {what}", who=who, what=what),
    Kind.GOAL_PROPOSE: lambda who, _what: text("{who} proposed a new goal", who=who),
    Kind.GOAL_RETHINK: lambda who, what: text("{who} proposed to change the goal {what}", who=who, what=what),
    Kind.GOAL_DOUBT: lambda who, what: text("{who} proposed to give up the goal {what}", who=who, what=what),
    Kind.GOAL_VOICE: lambda who, what: text("{who} gave the voice of {what} on a proposal", who=who, what=what),
    Kind.GOAL_AMEND: lambda who, what: text("{who} amended a proposal for {what}", who=who, what=what),
    Kind.GOAL_WITHDRAW: lambda who, _what: text("{who} withdrew a proposal", who=who),
    Kind.GOAL_ADOPTED: lambda _who, what: text("The chapters adopted a proposal about the goal {what}", what=what),
    Kind.GOAL_STOPPED: lambda _who, _what: text("A proposal closed and was not adopted"),
    Kind.GOAL_OVERTAKEN: lambda _who, _what: text("A proposal closed, and there was nothing left for it to change"),
    Kind.GOAL_REDACT: lambda who, _what: text("{who} took a text out of a proposal or of a goal's history", who=who),
    Kind.EXPORT_CHAPTERS: lambda who, _what: text("{who} took the list of chapters out as a file", who=who),
    Kind.EXPORT_CHECKINS: lambda who, _what: text("{who} took check-ins out as a file", who=who),
    Kind.EXPORT_REPORTS: lambda who, _what: text("{who} took published reports out as a file", who=who),
    Kind.EXPORT_GOALS: lambda who, _what: text("{who} took the goals out as a file", who=who),
    Kind.EXPORT_FIGURES: lambda who, _what: text("{who} took recorded figures out as a file", who=who),
    Kind.EXPORT_VALUES: lambda who, _what: text("{who} took the daily values of the goals out as a file", who=who),
    Kind.EXPORT_LOG: lambda who, _what: text("{who} took the open log out as a file", who=who),
    Kind.EXPORT_ARCHIVE: lambda who, _what: text("{who} took an archive of the organisation out", who=who),
    Kind.SCOREBOARD_POST: lambda who, _what: text("{who} had the scoreboard posted", who=who),
    Kind.SCOREBOARD_STOP: lambda who, _what: text("{who} had the scoreboard taken down", who=who),
    Kind.GOAL_RECORD: lambda who, what: text("{who} recorded a figure of the goal {what}", who=who, what=what),
    Kind.PAGE_OPEN: lambda who, _what: text("{who} switched the public page on", who=who),
    Kind.PAGE_CLOSE: lambda who, _what: text("{who} switched the public page off", who=who),
    Kind.IMPORT_CHAPTERS: lambda who, _: text("{who} imported chapters", who=who),
    Kind.IMPORT_CHECKINS: lambda who, _: text("{who} imported check-ins", who=who),
    Kind.IMPORT_REPORTS: lambda who, _: text("{who} imported reports", who=who),
    Kind.IMPORT_GOALS: lambda who, _: text("{who} imported goals", who=who),
    Kind.IMPORT_FIGURES: lambda who, _: text("{who} imported figures", who=who),
    Kind.IMPORT_UNDO: lambda who, _: text("{who} took an import back", who=who),
}
"""What each kind of change says; `what` is the chapter, the branch or the goal."""

TOPICS: Mapping[Topic, Text] = {
    Topic.SETUP: text("Set-up"),
    Topic.POLICY: text("Policy"),
    Topic.ORGANISATION: text("Organisation"),
    Topic.CHAPTER: text("Chapters"),
    Topic.VISIBILITY: text("Visibility"),
    Topic.ADMIN: text("Admins"),
    Topic.DUTY: text("Turns"),
    Topic.FACILITATOR: text("Facilitators"),
    Topic.SCOREBOARD: text("Scoreboard"),
    Topic.CHECKIN: text("Check-ins"),
    Topic.PARTNER: text("Joint check-ins"),
    Topic.REPORT: text("Reports"),
    Topic.COMPOSITION: text("Compositions"),
    Topic.FACT: text("Standing facts"),
    Topic.BRANCH: text("Branches"),
    Topic.GATHERING: text("Gatherings"),
    Topic.GOAL: text("Goals"),
    Topic.PAGE: text("Public page"),
    Topic.IMPORT: text("Imports"),
    Topic.EXPORT: text("Exports"),
}

FIELDS: Mapping[str, Text] = {
    **{setting.key: setting.name for setting in SETTINGS.values()},
    "accepted": text("the answer"),
    "activity": text("activity"),
    "admins": text("admins"),
    "branch": text("branch"),
    "changing": text("what is changing"),
    "channel": text("channel"),
    "city": text("city"),
    "coordinates": text("coordinates"),
    "coordinator_role": text("the coordinators' role"),
    "country": text("country"),
    "currency": text("currency"),
    "date": text("day"),
    "day": text("day"),
    "deadline": text("deadline"),
    "delegate": text("delegate"),
    "delegates": text("delegates"),
    "dimension": text("what else is counted"),
    "discreet": text("whether messages are discreet"),
    "dues": text("dues"),
    "education": text("education"),
    "facilitator_role": text("the facilitators' role"),
    "facilitators_channel": text("the facilitators' channel"),
    "figure": text("figure"),
    "format": text("format"),
    "founded": text("founding day"),
    "gender": text("gender"),
    "hard": text("what is hard"),
    "help": text("help wanted"),
    "kind": text("kind"),
    "kinds": text("kinds of activity"),
    "language": text("language"),
    "languages": text("languages"),
    "later_until": text("day"),
    "may_share": text("whether it may be quoted"),
    "meetings": text("meetings"),
    "members": text("members"),
    "own_chapter": text("of their own chapter"),
    "met": text("who met"),
    "metric": text("what it measures"),
    "method": text("how it was counted"),
    "money": text("a way to hold money"),
    "name": text("name"),
    "note": text("note"),
    "partners": text("partner chapters"),
    "people": text("people"),
    "period": text("month"),
    "reason": text("reason"),
    "prompt_hour": text("hour of asking"),
    "published_on": text("day of publication"),
    "reports_channel": text("the channel for reports"),
    "rhythm": text("rhythm"),
    "role": text("role"),
    "skip_reason": text("reason"),
    "stand_in": text("stand-in"),
    "start": text("start"),
    "state": text("state"),
    "target": text("target"),
    "timezone": text("time zone"),
    "tried": text("projects tried"),
    "until": text("day"),
    "value": text("figure"),
    "visibility": text("who may see it"),
    "voice": text("voice"),
    "why": text("reason"),
    "with_chapters": text("partner chapters"),
    "worked": text("projects that worked"),
    "words": text("words"),
}
"""The names of what changed; of what has none here only the change is told."""

FIGURES: Mapping[str, Callable[[int], Text]] = {
    "active": lambda n: counted("{n} active chapter", "{n} active chapters", n),
    "answered": lambda n: text("{n} answered", n=n),
    "support": lambda n: text("{n} in support", n=n),
    "aside": lambda n: text("{n} stood aside", n=n),
    "object": lambda n: text("{n} objected", n=n),
}
"""What a number means that is written behind the name of what changed: `answered=7`."""


def log_card(shown: LogPage) -> Card:
    """A page of the log."""
    return card(
        Title(_heading(shown)),
        *(Paragraph(_line(each)) for each in shown.lines),
        *_none(shown),
        Small(text("What was written is not in the log. Lines about a chapter that hides are shown to its own people only.")),
        *_buttons(shown),
    )


def _heading(shown: LogPage) -> Text:
    said = text("The open log: who changed what")
    if shown.chapter is not None:
        said = text("The open log of {chapter}", chapter=shown.chapter.name)
    if shown.topic is not None:
        said = text("{log} · {topic}", log=said, topic=TOPICS[shown.topic])
    return text("{log} · since {day}", log=said, day=shown.since) if shown.since != BEGINNING else said


def _line(line: Line) -> Text:
    entry = line.entry
    said = WORDS[entry.kind](_who(line), _what(line))
    fields = tuple(each for each in map(_field, entry.fields) if each is not None)
    when = Moment(entry.at, Style.DAY_AND_HOUR)
    if not fields:
        return text("{when} · {said}", when=when, said=said)
    return text("{when} · {said} ({fields})", when=when, said=said, fields=Listing(fields, "comma"))


def _field(written: str) -> Text | None:
    name, _, number = written.partition("=")
    if number.isdecimal() and name in FIGURES:
        return FIGURES[name](int(number))
    return FIELDS.get(written)


def _who(line: Line) -> Value:
    if line.entry.made_by is not None:
        return Person(line.entry.made_by)
    return text("Somebody whose name was taken out") if line.entry.nameless else text("Chapterhouse")


def _what(line: Line) -> Value:
    entry = line.entry
    if entry.gone:
        return text("an archived chapter")
    return line.goal or entry.chapter or entry.branch or text("a chapter that is no longer there")


def _none(shown: LogPage) -> Iterator[Paragraph]:
    if not shown.lines and shown.newest:
        yield Paragraph(text("Nothing of this kind is in the log. /log alone shows all there is."))
    elif not shown.lines:
        yield Paragraph(text("There is nothing older."))


def _buttons(shown: LogPage) -> Iterator[Row]:
    about = (shown.chapter.id if shown.chapter else 0, shown.topic or ALL, shown.since.toordinal())
    buttons = []
    if not shown.newest:
        buttons.append(Button(text("Newest"), address("lg.new", *about)))
    if shown.following is not None:
        at, last = shown.following
        buttons.append(Button(text("Older"), address("lg.old", *about, (at - EPOCH) // MILLISECOND, last)))
    if buttons:
        yield Row(tuple(buttons))
