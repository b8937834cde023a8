"""JSON as other programs export it: a list of objects, in which what is nested is named by its path, such as location.city."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from bot.domain.refusal import Refusal
from bot.domain.text import text
from bot.services.sheets.rows import Cell, Row, Sheet, Unit, key, limited, number, too_wide

LARGEST_PARTS = 500_000
LARGEST_COLUMNS = 1000
LONGEST_PATH = 500
DEEPEST = 8


def read(written: bytes) -> Sheet:
    """The paths of all entries as columns, and the entries in their order."""
    entries = _entries(_loaded(written))
    columns: dict[str, None] = {}
    for path in (path for entry in entries if isinstance(entry, dict) for path, _ in _flat(entry)):
        columns.setdefault(path)
        if len(columns) > LARGEST_COLUMNS:
            raise too_wide(LARGEST_COLUMNS)
    return Sheet(Unit.ENTRY, tuple(columns), limited(lambda: _rows(entries)))


def _loaded(written: bytes) -> Any:
    # What each of these begins becomes an object many times as large as its two characters.
    if sum(map(written.count, (b"{", b"[", b","))) > LARGEST_PARTS:
        raise Refusal(text("The file has too many parts to be read safely. Divide it."))
    try:
        return json.loads(written, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        reason = text("This is not JSON: look at line {line}, column {column}.", line=str(error.lineno), column=str(error.colno))
        raise Refusal(reason) from error
    except UnicodeDecodeError as error:
        raise Refusal(text("This JSON is not written in UTF-8. Save it in UTF-8, and import that.")) from error
    except RecursionError as error:
        raise Refusal(text("This JSON is nested too deeply to be a list of chapters.")) from error
    except ValueError as error:
        raise Refusal(text("This is not JSON that can be read: a number in it is far too long.")) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        ((twice, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise Refusal(text("One object in this JSON names “{name}” twice. Remove one of them.", name=twice[:60]))
    return made


def _entries(loaded: Any) -> list[Any]:
    """The list itself, or the one list of objects that an object holds."""
    if isinstance(loaded, dict):
        lists = [each for each in loaded.values() if isinstance(each, list) and any(isinstance(entry, dict) for entry in each)]
        loaded = lists[0] if len(lists) == 1 else None
    if not isinstance(loaded, list):
        raise Refusal(text("This JSON holds no list of chapters: it must be a list of objects, or an object with one such list."))
    return loaded


def _rows(entries: list[Any]) -> Iterator[tuple[int, Row | Refusal]]:
    for position, entry in enumerate(entries, 1):
        if isinstance(entry, dict):
            yield position, {key(path): cell for path, cell in _flat(entry)}
        else:
            yield position, Refusal(text("This is no object with names and values."))


def _flat(entry: Mapping[str, Any], above: str = "", depth: int = 1) -> Iterator[tuple[str, Cell]]:
    for name, value in entry.items():
        path = above + name.strip()
        if len(path) > LONGEST_PATH:
            raise Refusal(text("A name in this JSON is longer than {most} characters. Remove what is not needed.", most=LONGEST_PATH))
        if isinstance(value, dict) and depth < DEEPEST:
            yield from _flat(value, f"{path}.", depth + 1)
        elif isinstance(value, list) and not any(isinstance(each, (dict, list)) for each in value):
            yield path, tuple(written for each in value if (written := _written(each)))
        elif isinstance(value, (dict, list)):
            yield path, Refusal(text("What stands here is a list of lists or objects, and no value."))
        else:
            yield path, _written(value)


def _written(value: str | float | bool | None) -> str:
    if value is None or isinstance(value, str):
        return (value or "").strip()
    return str(value).lower() if isinstance(value, bool) else number(value)
