"""How it looks what is stored about a person, and that it is gone."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from bot.domain.text import Listing, Person, Text, counted, text
from bot.services.privacy import Erased, Stored
from cogs.layout import Button, Card, Line, Row, Small, Title, Tone, address, card

Counts: TypeAlias = Callable[[int], Text]

WORDS: Mapping[str, Counts] = {
    "admin": lambda n: counted("You are admin of {n} chapter.", "You are admin of {n} chapters.", n),
    "chapter": lambda n: counted("It is your turn in {n} chapter.", "It is your turn in {n} chapters.", n),
    "duty_note": lambda n: counted("{n} note with a turn that you passed on.", "{n} notes with turns that you passed on.", n),
    "facilitator": lambda n: counted("You look after {n} chapter.", "You look after {n} chapters.", n),
    "absence": lambda n: counted(
        "{n} time that you were away, or stood in for somebody.", "{n} times that you were away, or stood in for somebody.", n
    ),
    "contact": lambda n: counted("{n} note that you were in touch with a chapter.", "{n} notes that you were in touch with a chapter.", n),
    "handover": lambda n: counted(
        "{n} offer to look after a chapter, by you or to you.", "{n} offers to look after a chapter, by you or to you.", n
    ),
    "unreachable": lambda _: text("A note that the bot could not reach you."),
    "checkin": lambda n: counted("{n} check-in that you entered.", "{n} check-ins that you entered.", n),
    "checkin_version": lambda n: counted("{n} version of a check-in that you saved.", "{n} versions of check-ins that you saved.", n),
    "checkin_partner": lambda n: counted(
        "{n} answer that a chapter took part in something.", "{n} answers that a chapter took part in something.", n
    ),
    "report": lambda n: counted("{n} report that you published or skipped.", "{n} reports that you published or skipped.", n),
    "report_part": lambda n: counted("{n} part of a report that you filled in.", "{n} parts of reports that you filled in.", n),
    "report_version": lambda n: counted("{n} version of a report that you published.", "{n} versions of reports that you published.", n),
    "composition": lambda n: counted("{n} count of a chapter's members.", "{n} counts of chapters' members.", n),
    "standing_fact": lambda n: counted("{n} standing fact that you confirmed.", "{n} standing facts that you confirmed.", n),
    "chapter_state": lambda n: counted(
        "{n} time that you added a chapter, let it rest, woke or archived it.",
        "{n} times that you added a chapter, let it rest, woke or archived it.",
        n,
    ),
    "gathering": lambda n: counted("{n} gathering that you recorded.", "{n} gatherings that you recorded.", n),
    "gathering_chapter": lambda n: counted("{n} answer about a gathering.", "{n} answers about gatherings.", n),
    "goal_revision": lambda n: counted("{n} goal that you adopted or changed.", "{n} times that you adopted or changed a goal.", n),
    "proposal": lambda n: counted("{n} proposal that you made.", "{n} proposals that you made.", n),
    "proposal_version": lambda n: counted("{n} version of a proposal that you wrote.", "{n} versions of proposals that you wrote.", n),
    "proposal_voice": lambda n: counted(
        "{n} voice that you gave for a chapter on a proposal.", "{n} voices that you gave for chapters on proposals.", n
    ),
    "goal_figure": lambda n: counted("{n} figure that you recorded.", "{n} figures that you recorded.", n),
    "policy": lambda n: counted("{n} number of the policy that you set.", "{n} numbers of the policy that you set.", n),
    "change": lambda n: counted("{n} line in the open log.", "{n} lines in the open log.", n),
    "intake": lambda n: counted("{n} file that you sent to be imported.", "{n} files that you sent to be imported.", n),
    "outbox": lambda n: counted("{n} message to you, or that you caused.", "{n} messages to you, or that you caused.", n),
    "pending": lambda n: counted("{n} form that you typed in the last day.", "{n} forms that you typed in the last day.", n),
}
"""What each table's rows are to the person they name; the order is that of the card."""


def stored_card(shown: Stored) -> Card:
    """What is stored about the asker, in words; all of it is in the file."""
    return card(
        Title(text("What is stored about you here")),
        Line(text("Discord's number for you, {number}, and nothing else about you: no name, no address.", number=str(shown.user_id))),
        *(Line(WORDS[table](shown.counts[table])) for table in WORDS if table in shown.counts),
        Small(text("The file holds every row, word for word. Only you see this answer. What other servers store is shown there.")),
        Row((Button(text("Erase it"), address("pv.ask"), Tone.DANGER),)),
    )


def nothing_card(shown: Stored) -> Card:
    """That nothing is stored."""
    said = text("Nothing is stored about you here. {person}, you are in no row of this server.", person=Person(shown.user_id))
    return card(Title(text("What is stored about you here")), Line(said))


def ask_card(administers: int, looks_after: int) -> Card:
    """Asks once more, and says what goes and what stays."""
    ends = [
        *([counted("admin of {n} chapter", "admin of {n} chapters", administers)] if administers else []),
        *([counted("facilitator of {n} chapter", "facilitator of {n} chapters", looks_after)] if looks_after else []),
    ]
    stop = text("You stop being {roles}; the others there are told that somebody did, not who.", roles=Listing(tuple(ends)))
    return card(
        Title(text("Erase what is stored about you here?")),
        Line(text("What goes: your number, wherever it stands; notes, reminders and messages that are yours alone, also those that wait.")),
        Line(text("What stays, without its author: check-ins, reports, goals and lines in the open log. They are your chapter's.")),
        Line(stop) if ends else None,
        Line(
            text(
                "It takes less than a minute. Nightly backups still hold it until they are replaced by newer ones. "
                "Your roles and messages at Discord stay: those are not the bot's."
            )
        ),
        Line(text("Nobody can bring it back.")),
        Row((Button(text("Yes, erase it"), address("pv.erase"), Tone.DANGER), Button(text("Keep it"), address("pv.keep")))),
    )


def erased_card(done: Erased) -> Card:
    """That it is gone."""
    return card(
        Title(text("It is erased")),
        Line(text("Your number is in no row of this server any more. Posts that named you are being brought up to date.")),
        Line(
            counted(
                "You are no admin or facilitator of {n} chapter any more.",
                "You are no admin or facilitator of {n} chapters any more.",
                done.chapters,
            )
        )
        if done.chapters
        else None,
        Small(text("Backups follow as they are replaced. What you enter from now on is stored with your number again.")),
    )


def kept_card() -> Card:
    """That nothing changed."""
    return card(Line(text("Nothing changed. /privacy show tells what is stored about you.")))
