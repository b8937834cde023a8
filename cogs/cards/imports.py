"""How a file that comes in is shown: what it would change, how far it is, what it changed, and what was taken back."""

from collections.abc import Iterator, Mapping

from bot.domain.text import Moment, Percent, Style, Text, counted, text
from bot.services.taking import telling, undoing
from bot.services.taking.kinds import Kind
from bot.services.taking.plans import Preview
from bot.services.taking.undoing import Undone
from bot.services.taking.waiting import Done, Shown
from cogs.layout import Attachment, Block, Button, Card, Line, Row, Small, Title, Tone, address, card

NAMES: Mapping[Kind, Text] = {
    Kind.CHAPTERS: text("Chapters"),
    Kind.CHECKINS: text("Check-ins"),
    Kind.REPORTS: text("Published reports"),
    Kind.GOALS: text("Goals"),
    Kind.FIGURES: text("Recorded figures"),
}


def reading_card() -> Card:
    """What is shown while the file is read."""
    return card(Line(text("The file is being read. Nothing is changed yet.")))


def storing_card(done: int, total: int) -> Card:
    """What is shown while it is stored."""
    return card(Line(text("It is being stored: {share}.", share=Percent(100 * done // max(total, 1)))))


def preview_card(shown: Shown, to_mend: str | None) -> Card:
    """What the file would change, what is wrong with it, and what to do next."""
    preview = shown.preview
    return card(
        Title(text("{file}: {kind}", file=shown.file_name, kind=NAMES[preview.kind])),
        *_anew(shown),
        *(Line(line) for line in telling.would_lines(preview)),
        *_bad(shown, to_mend),
        *(Small(line) for line in telling.file_lines(preview)),
        *_buttons(shown),
    )


def _anew(shown: Shown) -> Iterator[Block]:
    if shown.anew:
        yield Line(text("Something was changed here since this was shown, so nothing is stored yet. This is what it would come to now."))


def _bad(shown: Shown, to_mend: str | None) -> Iterator[Block]:
    preview = shown.preview
    if not preview.refused:
        return
    yield Line(counted("{n} row cannot be taken:", "{n} rows cannot be taken:", preview.refused))
    for line in telling.bad_lines(preview):
        yield Small(line)
    if to_mend is not None:
        yield from _file_to_mend(to_mend)


def _buttons(shown: Shown) -> Iterator[Block]:
    preview = shown.preview
    if preview.does_nothing:
        return
    if preview.refused:
        rest = preview.added + preview.changed
        yield Line(
            text("Nothing is stored as long as a row is bad. You can also import the others now, and send the mended file afterwards.")
        )
        go = Button(counted("Import the other row", "Import the other {n} rows", rest), address("im.go", shown.intake_id, 1), Tone.PRIMARY)
    else:
        go = Button(text("Import it"), address("im.go", shown.intake_id, 0), Tone.PRIMARY)
    yield Row((go, Button(text("Put it aside"), address("im.drop", shown.intake_id))))
    yield Small(text("It waits for a day. What is imported can be taken back for 7 days, with /import undo."))


def done_card(done: Done, to_mend: str | None) -> Card:
    """What was stored, which rows are still to be mended, and what to do next."""
    if done.preview is None:
        return card(Line(text("This file was imported already. Nothing was done twice.")))
    return card(
        *(Line(line) for line in telling.did_lines(done.preview)),
        *_left_out(done.preview, to_mend),
        Line(telling.next_line(done.preview.kind)),
        Small(text("It can be taken back for 7 days, with /import undo, unless somebody changes any of it.")),
    )


def _left_out(preview: Preview, to_mend: str | None) -> Iterator[Block]:
    for line in telling.bad_rows_lines(preview.refused, skipped=True):
        yield Line(line)
    if to_mend is not None:
        yield from _file_to_mend(to_mend)


def _file_to_mend(name: str) -> Iterator[Block]:
    yield Line(text("They are in this file, each with its reason. Mend them there, and send it with /import file."))
    yield Attachment(name)


def aside_card() -> Card:
    """After it was put aside."""
    return card(Line(text("It was put aside: nothing was changed, and the file is not kept.")))


def undone_card(undone: Undone) -> Card:
    """What was taken back."""
    return card(
        Title(text("The import of {moment} was taken back", moment=Moment(undone.at, Style.DAY_AND_HOUR))),
        *(Line(line) for line in undoing.said(undone)),
        Small(text("It stands in the open log: /log shows it.")),
    )
