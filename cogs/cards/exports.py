"""How an export is answered: how far it is, and the file with what is not in it."""

from collections.abc import Iterator, Mapping

from bot.domain.exports import What
from bot.domain.text import Percent, Text, counted, text
from bot.services.exports.archive import Written
from bot.services.exports.asking import Order
from cogs.layout import Attachment, Card, Line, Small, card

NAMES: Mapping[What, Text] = {
    What.CHAPTERS: text("Chapters"),
    What.CHECKINS: text("Check-ins"),
    What.REPORTS: text("Published reports"),
    What.GOALS: text("Goals"),
    What.FIGURES: text("Recorded figures"),
    What.VALUES: text("Daily values of the goals"),
    What.LOG: text("The open log"),
    What.ARCHIVE: text("Archive of the whole organisation"),
}


def making_card(done: int, total: int) -> Card:
    """What is shown while the file is made."""
    return card(Line(text("The file is being made: {share}.", share=Percent(100 * done // max(total, 1)))))


def file_card(order: Order, made: Written, name: str) -> Card:
    """The file, how much is in it, and what is not."""
    held = counted("{what}: {n} row.", "{what}: {n} rows.", made.rows, what=NAMES[order.what])
    return card(Line(held), *(Small(sentence) for sentence in _left_out(order)), Attachment(name))


def _left_out(order: Order) -> Iterator[Text]:
    if order.what is What.ARCHIVE:
        yield text("Not in it: hidden chapters, private notes, small counts and dues. Whoever runs the bot can make one of all.")
        yield text("It can be restored into an empty server. Keep it safe: it names admins and authors.")
    elif order.own is not None:
        yield text("These are your own chapters.")
    elif order.what in (What.CHAPTERS, What.CHECKINS, What.REPORTS, What.LOG):
        yield text("What only a chapter's own admins and facilitators may see is not in it, unless you are one of them.")
    if order.what is not What.ARCHIVE:
        yield text("That it was taken out stands in the open log, not what is in it.")
