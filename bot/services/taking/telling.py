"""What an import would do, or did, in sentences: the same for a person in Discord and for whoever runs the program."""

from collections.abc import Iterator, Sequence

from bot.domain.text import Listing, Text, counted, text
from bot.services.taking.kinds import Kind, many
from bot.services.taking.plans import Preview
from bot.services.taking.table import first_of


def file_lines(preview: Preview) -> Iterator[Text]:
    """What the file is like."""
    if preview.doubt is not None:
        yield preview.doubt
    if preview.unknown:
        names = first_of(preview.unknown)
        yield counted("Column ignored: {names}.", "Columns ignored: {names}.", len(preview.unknown), names=names)
    if preview.aside:
        yield counted(
            "{n} row was passed over, as {option} asks.", "{n} rows were passed over, as {option} asks.", preview.aside, option="--only"
        )


def would_lines(preview: Preview) -> Iterator[Text]:
    """What would be added, changed and left."""
    if preview.added:
        yield text(
            "Would be added: {many} ({which}).", many=many(preview.kind, preview.added), which=_which(preview.first_added, preview.added)
        )
    if preview.changed:
        which = _which(preview.first_changed, preview.changed)
        yield text("Would be changed: {many} ({which}).", many=many(preview.kind, preview.changed), which=which)
    if preview.does_nothing and not preview.refused:
        yield text("Nothing would change.")
    yield from open_lines(preview.open, preview.left_open)
    yield from left_lines(preview)


def did_lines(preview: Preview) -> Iterator[Text]:
    """What was added, changed and left."""
    if preview.added:
        yield text("Added: {many}.", many=many(preview.kind, preview.added))
    if preview.changed:
        yield text("Changed: {many}.", many=many(preview.kind, preview.changed))
    if preview.does_nothing:
        yield text("Nothing has changed.")
    yield from open_lines(preview.open, preview.left_open)
    yield from left_lines(preview)


def open_lines(first: Sequence[Text], whole: int) -> Iterator[Text]:
    """What the file leaves open, of which nothing is guessed."""
    yield from first
    if whole > len(first):
        yield _more(whole - len(first))


def next_line(kind: Kind) -> Text:
    """Where what came in is seen."""
    match kind:
        case Kind.CHAPTERS:
            return text("/chapter list shows what is there now. Who is to be asked for a chapter's report is set with /chapter admins add.")
        case Kind.CHECKINS | Kind.REPORTS:
            return text("/progress shows where you stand now, and /chapter status what it comes to for one chapter.")
        case Kind.GOALS | Kind.FIGURES:
            return text("/progress shows where you stand now.")


def left_lines(preview: Preview) -> Iterator[Text]:
    """What stays as it is, and of which of that the file says something else."""
    if preview.left:
        yield text("There already and left as it is: {many}.", many=many(preview.kind, preview.left))
    for each in preview.different:
        columns = Listing(each.columns, "comma")
        yield text("{place}: {name} differs, not changed: {columns}.", place=each.at, name=each.name, columns=columns)
    if preview.differ > len(preview.different):
        yield _more(preview.differ - len(preview.different))


def bad_lines(preview: Preview) -> Iterator[Text]:
    """Each row that cannot be taken, and why."""
    for bad in preview.bad:
        yield text("{place}: {reason}", place=bad.at, reason=bad.reason)
    if preview.refused > len(preview.bad):
        yield _more(preview.refused - len(preview.bad))


def bad_rows_lines(refused: int, *, skipped: bool) -> Iterator[Text]:
    """What became of the file because of rows that cannot be taken."""
    if refused and skipped:
        yield counted("{n} row was left out.", "{n} rows were left out.", refused)
    elif refused:
        yield counted(
            "Nothing was stored: {n} row cannot be taken. Mend it, or leave it out with {option}.",
            "Nothing was stored: {n} rows cannot be taken. Mend them, or leave them out with {option}.",
            refused,
            option="--skip-bad",
        )


def _more(n: int) -> Text:
    return counted("… and {n} more row.", "… and {n} more rows.", n)


def _which(first: Sequence[Text], whole: int) -> Listing:
    return Listing((*first, *([text("…")] if whole > len(first) else [])), "comma")
