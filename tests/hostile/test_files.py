"""Whatever stands in a file of chapters: it is taken, or refused in a sentence that harms no terminal; soon, and in little memory."""

import asyncio
import csv
import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO, StringIO
from math import isfinite
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from bot.domain import coordinates
from bot.domain.calendar import Month
from bot.domain.chapters import check_name, fold
from bot.domain.checkins import parse_day, parse_month, parse_number
from bot.domain.distance import Point, kilometres
from bot.domain.refusal import Refusal
from bot.domain.text import text
from bot.locales import plain
from bot.services import adding, intake
from bot.services.adding import Ground
from bot.services.imports import import_chapters
from bot.services.sheets import workbook
from bot.services.taking.kinds import COLUMNS as KNOWN
from bot.services.taking.kinds import Kind
from bot.services.taking.table import Chosen, first_of
from db import chapters
from db.store import Store
from tests.hostile.files_harms import HARMS
from tests.hostile.files_made import NAMED, sheet
from tests.hostile.files_made import workbook as made
from tests.hostile.files_table import answers, faults

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GROUND = Ground("UTC", "en", {"the isles": "GB"})
GUILD = 7
EXAMPLES = int(os.environ.get("CHAPTERHOUSE_EXAMPLES", "30"))
"""How many inputs each property is tried with: 30 in `make test`, more where somebody looks for more."""
THOROUGH = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

ODD = [
    "", "London", "Łódź", "@everyone", "<@1>", "**x**", "[x](https://x.example)", "=cmd|'/c calc'!A0", "+1", "-1",
    "@SUM(A1)", "\t=1", "\r=1", "\x1b]0;gone\x07", "\x1b[2J", "\x9b31m", "\u202eabc", "\u2066a", "\u200b", "a\u0300" * 50,
    "שלום", "1e308", "1e309", "nan", "-inf", "9" * 400, "51.5", "-0.1", "90.0001", "\0", "\ud800", "x" * 5000, "a,b",
    "a\nb", "2020-02-30", "2020-02-29", "１２", "1_0", "9223372036854775808", "Brazil",
]  # fmt: skip
WRITTEN = st.one_of(st.sampled_from(ODD), st.text(max_size=40))
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252", "utf-7"]


def harmless(sentence: str) -> None:
    """On a terminal it is one line, and nothing but what is seen."""
    assert "\n" not in sentence
    assert not set(sentence) & set(map(chr, [*range(32), *range(127, 160), *range(0x202A, 0x202F), 0x2066, 0x2067, 0xFEFF])), repr(sentence)
    assert not any("\ud800" <= sign <= "\udfff" for sign in sentence)


def settled(path: Path, chosen: Chosen = Chosen()) -> str | None:  # noqa: B008 - frozen
    """Why the file is refused, if it is; what is taken of it is in range, and whatever is said of it is harmless."""
    try:
        found = intake.settled(path, chosen, GROUND, NOW)
    except Refusal as refusal:
        said = plain(refusal.reason, "en")
        harmless(said)
        assert len(said) < 2000
        return said
    for bad in found.bad:
        harmless(plain(text("{place}: {reason}", place=bad.at, reason=bad.reason), "en"))
    harmless(plain(text("{names}", names=first_of(found.unknown)), "en"))
    for _, row in found.rows:
        assert 0 < len(row.name) <= 60
        assert len(row.name.splitlines()) == 1
        assert all(each is None or (isfinite(each) and abs(each) <= 180) for each in (row.latitude, row.longitude))
        assert row.founded is None or date(1800, 1, 1) <= row.founded <= NOW.date()
        assert all(0 < each < 2**63 for each in row.admins)
    return None


def test_each_file_made_to_do_harm_is_answered_in_a_sentence_soon_and_in_little_memory(tmp_path: Path) -> None:
    harms = {name: harm for name, harm in HARMS.items() if not harm.slow}
    found = answers(tmp_path, harms)
    wrong = {name: (faults(harms[name], ran), ran) for name, ran in found.items() if faults(harms[name], ran)}
    assert not wrong
    assert not list(tmp_path.rglob("climbed.txt"))


@THOROUGH
@given(content=st.binary(max_size=300), kind=st.sampled_from(["csv", "json", "xlsx", "txt"]))
@example(content=b",,\n", kind="csv")
@example(content=b'""\n', kind="csv")
@example(content=b"\xff\xfe\x00\xd8", kind="csv")
@example(content=b"name\n\x1b]0;x\x07", kind="csv")
@example(content=b"name\nLeeds\xa0York\n", kind="csv")
@example(content=b'{"": {"": [[]]}}', kind="json")
@example(content=b'[{"name": 1e400}]', kind="json")
def test_any_bytes_are_taken_or_refused_in_a_sentence(content: bytes, kind: str, tmp_path: Path) -> None:
    file = tmp_path / f"a.{kind}"
    file.write_bytes(content)
    settled(file)


def as_csv(columns: list[str], rows: list[list[str]]) -> str:
    written = StringIO()
    csv.writer(written).writerows([columns, *rows])
    return written.getvalue()


TAGS = [
    *["<row>", "</row>", "<c>", "</c>", "<v>", "</v>", "<f>", "</f>", "<is>", "</is>", "7", "x", "&#x1b;", "&x;"],
    *[NAMED, '<c t="s">', '<c t="d">', '<row r="-1">', '<c r="0">', '<c r="ZZZZ9">', '<c s="99">', '<c t="e">'],
]
COLUMNS = st.lists(st.one_of(st.sampled_from(["Name", *KNOWN[Kind.CHAPTERS]]), WRITTEN), max_size=6).map(lambda found: ["name", *found])


@THOROUGH
@given(columns=COLUMNS, rows=st.lists(st.lists(WRITTEN, max_size=8), max_size=5), encoding=st.sampled_from(ENCODINGS))
def test_any_words_in_a_csv_of_any_encoding_are_taken_or_refused(
    columns: list[str], rows: list[list[str]], encoding: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(as_csv(columns, rows).encode(encoding, "replace"))
    settled(file)


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WRITTEN),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WRITTEN, inner, max_size=3)),
    max_leaves=8,
)


@THOROUGH
@given(entries=st.lists(st.dictionaries(st.one_of(st.sampled_from(KNOWN[Kind.CHAPTERS]), WRITTEN), VALUES, max_size=6), max_size=4))
def test_any_values_in_json_are_taken_or_refused(entries: list[Any], tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps(entries))
    settled(file)


@settings(THOROUGH, max_examples=EXAMPLES // 2)
@given(
    columns=COLUMNS,
    rows=st.lists(st.lists(st.one_of(WRITTEN, st.integers(), st.floats(), st.booleans(), st.dates(), st.none()), max_size=6), max_size=4),
)
def test_any_values_in_a_workbook_are_taken_or_refused(columns: list[str], rows: list[list[Any]], tmp_path: Path) -> None:
    book = Workbook()
    for row in [columns, *rows]:
        tidy = [ILLEGAL_CHARACTERS_RE.sub("", each.encode("utf-8", "replace").decode()) if isinstance(each, str) else each for each in row]
        book.active.append(tidy)
    book.save(tmp_path / "a.xlsx")
    settled(tmp_path / "a.xlsx")


@cache
def a_workbook() -> bytes:
    """The same bytes each time: a workbook tells when it was made."""
    book, file = Workbook(), BytesIO()
    book.active.append(["name"])
    book.active.append(["London"])
    book.save(file)
    return file.getvalue()


@settings(THOROUGH, max_examples=EXAMPLES // 2)
@given(data=st.data())
def test_a_workbook_of_which_some_bytes_are_others_is_read_or_refused(data: st.DataObject) -> None:
    written = bytearray(a_workbook())
    for _ in range(data.draw(st.integers(1, 5))):
        written[data.draw(st.integers(4, len(written) - 1))] = data.draw(st.integers(0, 255))
    try:
        list(workbook.read(bytes(written), None).rows)
    except Refusal as refusal:
        harmless(plain(refusal.reason, "en"))


@settings(THOROUGH, max_examples=EXAMPLES // 2)
@given(body=st.lists(st.sampled_from(TAGS), max_size=12))
def test_any_tags_in_a_sheet_are_read_or_refused(body: list[str], tmp_path: Path) -> None:
    made(lambda: sheet(NAMED + "".join(body)))(tmp_path / "a.xlsx")
    settled(tmp_path / "a.xlsx")


@THOROUGH
@given(mapped=st.lists(WRITTEN, max_size=3), only=st.lists(WRITTEN, max_size=3), named=st.one_of(st.none(), WRITTEN))
@example(mapped=["name=\x1b]0;x\x07"], only=["\u202e=x"], named=None)
def test_any_words_for_map_only_and_sheet_are_understood_or_refused(
    mapped: list[str], only: list[str], named: str | None, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    file.write_text("name,kind\nLondon,x\n")
    try:
        chosen = Chosen.of(mapped, only, named)
    except Refusal as refusal:
        harmless(plain(refusal.reason, "en"))
    else:
        settled(file, chosen)


@pytest.mark.parametrize("skip_bad", [False, True])
async def test_what_an_import_says_of_hostile_names_is_harmless_and_nothing_is_half_stored(
    skip_bad: bool, store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    names = ["Good", *(f"{number} {odd}" for number, odd in enumerate(ODD) if "\0" not in odd)]
    file.write_bytes(as_csv(["name", "city", *ODD[1:25]], [[name, "x", *ODD[1:25]] for name in names]).encode("utf-8", "replace"))
    reports = [await import_chapters(store, GUILD, file, NOW, skip_bad=skip_bad) for _ in range(2)]
    for sentence in (each for report in reports for each in [*report.faults(), *report.lines()]):
        harmless(plain(sentence, "en"))
    async with store.read() as c:
        there = await chapters.everything(c, GUILD)
    assert len(there) == (reports[0].added if skip_bad else 0)
    assert reports[0].bad
    assert reports[0].added + len(reports[0].bad) == len(names) or not skip_bad


async def test_names_that_differ_only_in_what_nobody_sees_are_one(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("name\nLondon\nLon\u200bdon\nLo\u0301\u0301\u0301\u0301\u0301\u0301ndon\n", encoding="utf-8")
    report = await import_chapters(store, GUILD, file, NOW, skip_bad=True)
    assert (report.added, len(report.bad)) == (1, 2)


async def test_no_other_answer_waits_while_a_large_file_is_read(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("name,timezone\n" + "".join(f"{number},UTC\n" for number in range(20_000)))
    reading = asyncio.create_task(import_chapters(store, GUILD, file, NOW, dry_run=True))
    turns = 0
    while not reading.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert (await reading).added == 20_000
    assert turns > 10


# What people write of days, numbers and places


TODAY = date(2026, 11, 22)
PARSERS: dict[str, tuple[Callable[[str], object], Callable[[Any], bool]]] = {
    "day": (lambda words: parse_day(words, TODAY), lambda found: isinstance(found, date)),
    "month": (parse_month, lambda found: Month.parse(str(found)) == found),
    "number": (lambda words: parse_number(words, text("It")), lambda found: found is None or 0 <= found <= 100_000),
    "founded": (lambda words: adding.founding_day(words, TODAY), lambda found: found is None or date(1800, 1, 1) <= found <= TODAY),
    "place": (coordinates.parse, lambda found: abs(found[0]) <= 90 and abs(found[1]) <= 180),
    "name": (lambda words: check_name(words, text("It")), lambda found: 0 < len(found) <= 60),
    "country": (lambda words: adding.country_meant(words, "en"), lambda found: len(found) == 2 and found.isupper()),
    "zone": (adding.zone_meant, lambda found: found == "UTC" or "/" in found or found.isascii()),
}
LIKE_WRITTEN = st.one_of(
    WRITTEN,
    st.from_regex(r"\A[-+]?\d{0,6}[-./,: ]?\d{0,4}[-./,: ]?\d{0,4}[NSEW°']?\Z"),
    st.text("0123456789-+.,;°'\"NSEW ew−′", max_size=70),
    st.dates().map(str),
)


@pytest.mark.parametrize("what", PARSERS)
@THOROUGH
@given(written=LIKE_WRITTEN)
@example(written="\ud8002026-11")
@example(written="٢٠٢٦-١١-٢٢")
@example(written="9" * 5000)
def test_what_people_write_is_understood_in_range_or_refused(what: str, written: str) -> None:
    parse, holds = PARSERS[what]
    try:
        found = parse(written)
    except Refusal as refusal:
        harmless(plain(refusal.reason, "en"))
    else:
        assert holds(found), found


POINTS = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))


@THOROUGH
@given(one=POINTS, other=POINTS)
def test_a_way_is_as_long_back_as_there_and_never_longer_than_half_round(one: Point, other: Point) -> None:
    assert 0 <= kilometres(one, other) <= 20_016
    assert kilometres(one, other) == pytest.approx(kilometres(other, one), abs=1e-6)
    assert kilometres(one, one) == 0


@THOROUGH
@given(name=st.text(max_size=60), accents=st.integers(0, 300))
def test_a_name_is_compared_in_the_same_way_however_often_it_is_folded(name: str, accents: int) -> None:
    assert fold(fold(name)) == fold(name)
    assert fold("Łódź" + "\u0301" * accents) == "lodz"
