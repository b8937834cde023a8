"""The forms of the monthly report, filled in with what is known."""

from collections.abc import Callable, Mapping

from bot.domain.calendar import Month
from bot.domain.chapters import Dues
from bot.domain.checkins import Kind
from bot.domain.refusal import Refusal
from bot.domain.reports import SKIP_REASON_LENGTH, TEXT_LENGTH, Part
from bot.domain.text import Text, text
from bot.services.periods import ReportCard
from cogs.cards.report_words import PARTS
from cogs.cards.words import DUES, KIND_CHOICES, NOT_KNOWN
from cogs.layout import (
    ChoiceField,
    Field,
    Form,
    ManyField,
    Option,
    TextField,
    address,
)

NUMBER_LENGTH = 9
NOTHING_ASKED = text("Nothing is asked in this part any more. Type /report to see what is.")


def form(shown: ReportCard, part: Part, form_key: str) -> Form:
    """The form of one part, filled in with what is saved or known."""
    to = address("rp.save", shown.chapter.id, shown.period, part, shown.version(part), form_key)
    title = text("{part} · {period}", part=PARTS[part], period=shown.period)
    fields: Mapping[Part, Callable[[ReportCard], tuple[Field, ...]]] = {
        Part.PEOPLE: _people_fields,
        Part.ACTIVITY: _activity_fields,
        Part.WORDS: _words_fields,
    }
    asked = shown.questions(part)
    if not asked:
        raise Refusal(NOTHING_ASKED)
    return Form(to, title, tuple(field for field in fields[part](shown) if field.name in asked))


def _number(name: str, label: Text, hint: Text, value: int | None) -> TextField:
    return TextField(name, label, hint, "" if value is None else str(value), NUMBER_LENGTH)


def _people_fields(shown: ReportCard) -> tuple[Field, ...]:
    people = shown.suggested.people
    members = people.members if Part.PEOPLE in shown.saved else shown.last_members
    return (
        _number(
            "members",
            text("Members now"),
            text("For the organisation's count. Everybody can see it. Leave it empty if it is not known."),
            members,
        ),
        _number(
            "met",
            text("How many met face to face"),
            text("Of your members, in the month of this report. Everybody can see it."),
            people.met,
        ),
    )


def _activity_fields(shown: ReportCard) -> tuple[Field, ...]:
    activity = shown.suggested.activity
    chosen = activity.kinds or ()
    kinds = tuple(Option(KIND_CHOICES[kind], kind.value, chosen=kind in chosen) for kind in Kind)
    return (
        ManyField("kinds", text("Kinds of activity"), kinds, text("Everybody can see it. Choose none if it is not known.")),
        _number(
            "meetings", text("Meetings"), text("Counted from check-ins. Write a higher number if some are missing."), activity.meetings
        ),
        _number(
            "education",
            text("With education"),
            text("Counted from check-ins. Write a higher number if some are missing."),
            activity.education,
        ),
        _number("tried", text("Projects or activities tried"), text("So that other chapters see what can be tried."), activity.tried),
        _number(
            "worked", text("Of these, how many worked"), text("Count also what still goes on, and what you learned from."), activity.worked
        ),
    )


def _words_fields(shown: ReportCard) -> tuple[Field, ...]:
    words = shown.report.words
    dues = (_dues_field(words.dues),) if shown.asks_dues else ()
    note_hint = text("Only your chapter's admins and its facilitators see it.")
    note = _text("private_note", text("Private note (name no one)"), note_hint, words.private_note)
    return (
        *dues,
        _text("changing", text("What is changing (name no one)"), text("Everybody can read it."), words.changing),
        _text("hard", text("What is hard (name no one)"), text("Everybody can read it. Another chapter may know a way."), words.hard),
        _text("help", text("Help wanted (name no one)"), text("Everybody can read it. Your facilitators see it first."), words.help),
        *((note,) if shown.sees_private else ()),
    )


def _dues_field(now: Dues | None) -> ChoiceField:
    options = (
        Option(text("Not known"), NOT_KNOWN, chosen=now is None),
        *(Option(label, answer.value, chosen=now is answer) for answer, label in DUES.items()),
    )
    return ChoiceField("dues", text("Dues"), options, text("Every answer is fine. Only totals are shown."))


def _text(name: str, label: Text, hint: Text, value: str | None) -> TextField:
    # A little more room than the rule allows: what is too long is kept and offered again instead of being cut off unseen.
    return TextField(name, label, hint, value or "", TEXT_LENGTH * 2, long=True)


def skip_form(chapter_id: int, period: Month) -> Form:
    """The form that asks why a month is skipped."""
    reason = TextField(
        "reason",
        text("Why (name no one)"),
        text("A few words. Everybody can read them."),
        most=SKIP_REASON_LENGTH * 2,
        long=True,
        required=True,
    )
    return Form(address("rp.skipped", chapter_id, period), text("Skip {period}", period=period), (reason,))
