"""What would keep a sentence out of the catalogues, or make it read badly, found in the code and in the translations."""

import ast
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from babel.messages.pofile import read_po

from bot.locales.extract import ROOT, sources
from bot.locales.voice import FOLDER, template

_SENTENCES = {"text": 1, "counted": 2, "locale_str": 1}
_LOUD = re.compile("[!¡！]")
_VALUE_IN_CODE = re.compile(r"`[^`]*\{\w+\}[^`]*`")


def faults(root: Path = ROOT, folder: Path = FOLDER) -> list[str]:
    """One sentence for each fault, with its place."""
    plurals: dict[str, str] = {}
    in_code = (
        f"{path.relative_to(root).as_posix()}:{line}: {fault}"
        for path in sources(root)
        for line, fault in _in_module(ast.parse(path.read_text(encoding="utf-8")), plurals)
    )
    return [*in_code, *chain.from_iterable(map(_in_catalogue, sorted(folder.glob("*.po"))))]


def _in_module(module: ast.Module, plurals: dict[str, str]) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom):
            for each in node.names:
                if node.module == "bot.domain.text" and each.name in _SENTENCES and each.asname not in (None, each.name):
                    yield node.lineno, f"{each.name} is imported as {each.asname}: under another name its sentences are not found."
        elif isinstance(node, ast.Call):
            name = _called(node)
            if name == "Text" and node.args and isinstance(node.args[0], ast.Constant):
                yield node.lineno, "Text(…) is written out: say text(…) or counted(…), so that the sentence is found."
            elif name in _SENTENCES:
                yield from ((node.lineno, fault) for fault in _in_call(name, node, plurals))


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr if node.func.attr == "locale_str" and not _of_a_text(node) else ""
    return node.func.id if isinstance(node.func, ast.Name) and not _of_a_text(node) else ""


def _of_a_text(node: ast.Call) -> bool:
    """Whether a call takes the sentence of a Text, which is found where that Text is written."""
    return bool(node.args) and isinstance(node.args[0], ast.Attribute) and node.args[0].attr == "msgid"


def _in_call(name: str, call: ast.Call, plurals: dict[str, str]) -> Iterator[str]:
    written = [arg.value for arg in call.args[: _SENTENCES[name]] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    if len(written) < _SENTENCES[name] or not all(written):
        yield f"{name}() needs its sentence written out in the call, in one literal: nothing else reaches the catalogues."
        return
    for sentence in written:
        yield from _in_sentence(sentence)
    if name == "counted" and plurals.setdefault(written[0], written[1]) != written[1]:
        yield f"{written[0]!r} has another plural elsewhere: a catalogue holds one for each singular."
    if name == "locale_str":
        return
    given = {keyword.arg for keyword in call.keywords} | ({"n"} if name == "counted" else set())
    for sentence in written:
        named = placeholders(sentence)
        optional = {"n"} if name == "counted" else set()
        if named is not None and None not in given and (named | optional) != (given | optional):
            yield f"{sentence!r} names {_names(named)}, but the call gives {_names(given)}."


def _in_sentence(sentence: str) -> Iterator[str]:
    if _LOUD.search(sentence):
        yield f"{sentence!r} holds an exclamation mark: we speak calmly."
    if placeholders(sentence) is None:
        yield f"{sentence!r} may hold plain {{name}} placeholders only."
    if _VALUE_IN_CODE.search(sentence):
        yield f"{sentence!r} shows a value between backticks, where its escapes would be seen: use ** or nothing."


def _in_catalogue(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    for message in catalogue:
        if not message.id or not message.string or message.fuzzy:
            continue
        msgids = (message.id,) if isinstance(message.id, str) else message.id
        allowed = set().union(*(placeholders(each) or set() for each in msgids))
        for form in (message.string,) if isinstance(message.string, str) else message.string:
            named = placeholders(form)
            for fault in _in_sentence(form) if form not in msgids else ():
                yield f"{path.name}: {fault}"
            if named is not None and form and not named <= allowed:
                yield f"{path.name}: {form!r} names {_names(named)}, but the code gives {_names(allowed)}."


def placeholders(sentence: str) -> set[str] | None:
    """The names of the sentence's placeholders; None if they are not all plain."""
    try:
        return {name for _, name in template(sentence) if name is not None}
    except ValueError:
        return None


def _names(names: set[str] | set[str | None]) -> str:
    return ", ".join(sorted(map(str, names))) or "nothing"
