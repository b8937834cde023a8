"""The catalogue files, kept in agreement with the sentences that stand in the code."""

from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import generate_po, read_po

from bot.locales.voice import FOLDER, SOURCE

ROOT = FOLDER.parent.parent
TEMPLATE = "chapterhouse.pot"
REMEDY = "run `python -m bot.locales extract` and commit what it writes"
_KEYWORDS = {"text": (1,), "counted": (1, 2), "locale_str": (1,)}


def sources(root: Path) -> list[Path]:
    """The files whose sentences people read."""
    return sorted(path for top in ("bot", "cogs") for path in (root / top).rglob("*.py"))


def template(root: Path = ROOT) -> Catalog:
    """Every sentence of the code, with the files that say it."""
    catalogue = Catalog()
    for path in sources(root):
        where = (path.relative_to(root).as_posix(), 0)
        for _line, msgid, _comments, _context in extract_from_file("python", path, keywords=_KEYWORDS):
            if msgid if isinstance(msgid, str) else all(msgid):
                catalogue.add(msgid, locations=[where])
    return catalogue


def renewed(source: Catalog, code: str, path: Path) -> Catalog:
    """The catalogue of a language with exactly the template's sentences: translations are kept, new English ones are themselves."""
    with path.open("rb") as file:
        before = read_po(file, locale=code)
    after = Catalog(locale=code)
    for message in _sentences(source):
        known = before.get(message.id)
        if known is not None and known.string and known.pluralizable == message.pluralizable:
            after.add(message.id, known.string, message.locations, known.flags)
        else:
            after.add(message.id, message.id if code == SOURCE else "", message.locations)
    return after


def files(root: Path = ROOT, folder: Path = FOLDER) -> dict[Path, str]:
    """What each catalogue file should hold: the same for the same code, on every day and every machine."""
    source = template(root)
    wanted = {folder / TEMPLATE: _file(source)}
    for path in sorted(folder.glob("*.po")):
        wanted[path] = _file(renewed(source, path.stem, path))
    return wanted


def stale(root: Path = ROOT, folder: Path = FOLDER) -> list[str]:
    """One sentence for each catalogue file that does not agree with the code."""
    return [
        f"{path.name} does not agree with the code: {REMEDY}."
        for path, wanted in files(root, folder).items()
        if not path.exists() or path.read_text(encoding="utf-8") != wanted
    ]


def _sentences(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def _file(catalogue: Catalog) -> str:
    header = ['msgid ""', 'msgstr ""', '"Content-Type: text/plain; charset=utf-8\\n"', '"Content-Transfer-Encoding: 8bit\\n"']
    if catalogue.locale:
        header += [f'"Language: {catalogue.locale}\\n"', f'"Plural-Forms: {catalogue.plural_forms}\\n"']
    return "\n".join(header) + "\n\n" + "".join(generate_po(catalogue, include_lineno=False, omit_header=True, sort_by="message", width=0))
