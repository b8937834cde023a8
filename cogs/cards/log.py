"""How the open log reads: each kind of change in words, and the names of what changed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from bot.domain.changes import Kind, Topic
from bot.domain.text import Listing, Moment, Person, Style, Text, Value, text
from bot.services.log import BEGINNING, Line, LogPage
from cogs.layout import Button, Card, Row, Small, Title, address, card
from cogs.layout import Line as Paragraph
from db.types import EPOCH, MILLISECOND

ALL = "all"

WORDS: Mapping[str, Text] = {
    Kind.SETUP_CHANGE: text("{who} changed the set-up"),
    Kind.ORGANISATION_ADD: text("{who} set this server up"),
    Kind.CHAPTER_ADD: text("{who} added {what}"),
    Kind.CHAPTER_EDIT: text("{who} changed the settings of {what}"),
    Kind.CHAPTER_RENAME: text("{who} renamed {what}"),
    Kind.CHAPTER_ARCHIVE: text("{who} archived {what}"),
    Kind.CHAPTER_RESTORE: text("{who} restored {what}"),
    Kind.CHAPTER_REST: text("{who} let {what} rest"),
    Kind.CHAPTER_WAKE: text("{who} woke {what}"),
    Kind.VISIBILITY_WAIT: text("{who} chose to open {what} to more people, a day later"),
    Kind.VISIBILITY_CHOOSE: text("{who} chose who may see {what}"),
    Kind.VISIBILITY_KEEP: text("{who} chose to leave {what} as closed as it is"),
    Kind.VISIBILITY_LOOSEN: text("{what} is open to more people, as its admins chose the day before"),
    Kind.ADMIN_ADD: text("{who} added an admin to {what}"),
    Kind.ADMIN_REMOVE: text("{who} removed an admin from {what}"),
    Kind.ADMIN_LEAVE: text("An admin of {what} left"),
    Kind.FACILITATOR_CLAIM: text("{who} looks after {what} now"),
    Kind.FACILITATOR_RELEASE: text("{who} ended that a facilitator looks after {what}"),
    Kind.FACILITATOR_LEAVE: text("A facilitator of {what} left"),
    Kind.FACILITATOR_OFFER: text("{who} offered {what} to another facilitator"),
    Kind.FACILITATOR_HANDOVER: text("{who} took over {what} from another facilitator"),
    Kind.FACILITATOR_ABSENT: text("{who} is away as a facilitator"),
    Kind.FACILITATOR_RETURN: text("{who} is back as a facilitator"),
    Kind.FACILITATOR_STANDIN: text("{who} agreed to stand in for a facilitator"),
    Kind.FACILITATOR_DECLINE: text("{who} cannot stand in for a facilitator"),
    Kind.CHECKIN_RECORD: text("{who} checked in for {what}"),
    Kind.CHECKIN_CORRECT: text("{who} corrected a check-in of {what}"),
    Kind.CHECKIN_WITHDRAW: text("{who} withdrew a check-in of {what}"),
    Kind.PARTNER_CONFIRM: text("{who} said that {what} took part in another chapter's check-in"),
    Kind.PARTNER_DECLINE: text("{who} said that {what} took no part in another chapter's check-in"),
    Kind.REPORT_SAVE: text("{who} filled in part of a report of {what}"),
    Kind.REPORT_SHARE: text("{who} chose whether a report of {what} may be quoted"),
    Kind.REPORT_PUBLISH: text("{who} published a report of {what}"),
    Kind.REPORT_CORRECT: text("{who} corrected a report of {what}"),
    Kind.REPORT_REDACT: text("{who} took a text out of a report of {what}"),
    Kind.REPORT_SKIP: text("{who} skipped a report of {what}"),
    Kind.REPORT_LATER: text("{who} wants to be asked later for a report of {what}"),
    Kind.COMPOSITION_RECORD: text("{who} counted the members of {what}"),
    Kind.FACT_CONFIRM: text("{who} confirmed a standing fact of {what}"),
    Kind.BRANCH_ADD: text("{who} added the branch {what}"),
    Kind.BRANCH_EDIT: text("{who} changed the branch {what}"),
    Kind.GATHERING_RECORD: text("{who} recorded a gathering of the branch {what}"),
    Kind.GATHERING_WITHDRAW: text("{who} withdrew a gathering of the branch {what}"),
    Kind.GATHERING_CONFIRM: text("{who} said that {what} was at a gathering of its branch"),
    Kind.GATHERING_DECLINE: text("{who} said that {what} was not at a gathering of its branch"),
    Kind.GOAL_ADD: text("{who} adopted the goal {what}"),
    Kind.GOAL_EDIT: text("{who} changed the goal {what}"),
    Kind.GOAL_RETIRE: text("{who} retired the goal {what}"),
    Kind.GOAL_RECORD: text("{who} recorded a figure of the goal {what}"),
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
    Topic.CHECKIN: text("Check-ins"),
    Topic.PARTNER: text("Joint check-ins"),
    Topic.REPORT: text("Reports"),
    Topic.COMPOSITION: text("Compositions"),
    Topic.FACT: text("Standing facts"),
    Topic.BRANCH: text("Branches"),
    Topic.GATHERING: text("Gatherings"),
    Topic.GOAL: text("Goals"),
    Topic.IMPORT: text("Imports"),
}

FIELDS: Mapping[str, Text] = {
    "accepted": text("the answer"),
    "activity": text("activity"),
    "branch": text("branch"),
    "changing": text("what is changing"),
    "channel": text("channel"),
    "city": text("city"),
    "coordinates": text("coordinates"),
    "coordinator_role": text("the coordinators' role"),
    "country": text("country"),
    "currency": text("currency"),
    "day": text("day"),
    "deadline": text("deadline"),
    "delegate": text("delegate"),
    "delegates": text("delegates"),
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
    "met": text("who met"),
    "method": text("how it was counted"),
    "money": text("a way to hold money"),
    "name": text("name"),
    "note": text("note"),
    "partners": text("partner chapters"),
    "people": text("people"),
    "prompt_hour": text("hour of asking"),
    "reports_channel": text("the channel for reports"),
    "rhythm": text("rhythm"),
    "role": text("role"),
    "skip_reason": text("reason"),
    "stand_in": text("stand-in"),
    "state": text("state"),
    "target": text("target"),
    "timezone": text("time zone"),
    "tried": text("projects tried"),
    "until": text("day"),
    "visibility": text("who may see it"),
    "worked": text("projects that worked"),
    "words": text("words"),
}
"""The names of what changed; of what has none here only the change is told."""


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
    template = WORDS.get(entry.kind, text("{who} changed something"))
    said = replace(template, values=MappingProxyType({"who": _who(line), "what": _what(line)}))
    fields = tuple(dict.fromkeys(FIELDS[name].msgid for name in entry.fields if name in FIELDS))
    when = Moment(entry.at, Style.DAY_AND_HOUR)
    if not fields:
        return text("{when} · {said}", when=when, said=said)
    return text("{when} · {said} ({fields})", when=when, said=said, fields=Listing(tuple(Text(each) for each in fields), "comma"))


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
