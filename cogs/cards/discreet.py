"""What is said where others may read it, of discreet chapters and of hidden ones: that a form is waiting, and nothing of what it is."""

from bot.domain.reports import State
from bot.domain.text import Person, text
from bot.services.periods import ReportCard
from cogs.layout import Button, Card, Line, Row, Tone, address, card


def waiting_card(opens: str, *, asks: int | None = None, done: bool = False) -> Card:
    """A form that waits, or is done; its button shows it to one who may see it, and to nobody else. `asks` is whom it mentions."""
    if done:
        line = text("Nothing is waiting here any more. Thank you.")
    else:
        line = text("A form is waiting.") if asks is None else text("{person}, a form is waiting.", person=Person(asks))
    button = Button(text("Open it"), opens, Tone.PLAIN if done else Tone.PRIMARY)
    return card(Line(line), Row((button,)), notifies=[] if asks is None or done else [asks])


def report_waits(shown: ReportCard, *, asks: int | None = None) -> Card:
    """A period's card where others may read it."""
    done = shown.state in (State.PUBLISHED, State.SKIPPED, State.MISSED)
    return waiting_card(address("rp.card", shown.chapter.id, shown.period), asks=asks, done=done)


def report_cover(shown: ReportCard, *, asks: int | None = None, in_channel: bool = False) -> Card | None:
    """What stands in the place of a period's card of a discreet chapter and, in a channel, of a hidden one; None of any other."""
    covered = shown.chapter.discreet or (in_channel and shown.chapter.hidden)
    return report_waits(shown, asks=asks) if covered else None


def partner_address(checkin_id: int, chapter_id: int) -> str:
    """Where the question is opened whether a chapter took part in a joint check-in."""
    return address("ci.ask", checkin_id, chapter_id)


def gathering_address(gathering_id: int, chapter_id: int) -> str:
    """Where the question is opened whether a chapter was at a gathering."""
    return address("ga.ask", gathering_id, chapter_id)


def rest_address(chapter_id: int, by: int | None) -> str:
    """Where the rest that somebody offers is opened."""
    return address("rs.ask", chapter_id, by or 0)
