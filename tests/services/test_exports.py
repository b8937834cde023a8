"""Tables taken out of the sample organisation: the same in each form, harmless in a spreadsheet, and no more than the asker may see."""

import asyncio
import csv
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from bot.demo import history
from bot.demo.history import Seat
from bot.demo.towns import CHANNELS, PEOPLE
from bot.domain.exports import Format, What
from bot.domain.formulas import as_was
from bot.domain.privacy import GENDERS
from bot.domain.refusal import Refusal
from bot.locales import plain
from bot.services.exports import files, taking
from bot.services.exports.tables import COLUMNS, Kind
from bot.services.exports.taking import Asked, TooLarge
from bot.services.taking import bringing
from db.names import NOBODY
from db.store import Store
from db.tables import change, chapter, checkin, checkin_partner, composition, report, report_part, standing_fact

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SEAT = Seat(
    2**60 + 1,
    {name: 100 + number for number, name in enumerate(("Coordinators", "Facilitators", "London"))},
    {name: 200 + number for number, name in enumerate(("general", "facilitators", "reports", *CHANNELS))},
    {name: 3 * 10**17 + number for number, name in enumerate(PEOPLE)},
)
ANA, CORA = SEAT.people["Ana"], SEAT.people["Cora"]
TABLES = tuple(what for what in What if what is not What.ARCHIVE)
EVIL = '=HYPERLINK("http://x";1),\n\'@cmd'
SCHEMA = json.loads((Path(__file__).parents[2] / "docs/export.schema.json").read_text())


@pytest.fixture(scope="module")
def sample(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample organisation with words in it that a spreadsheet would run, and London's private matters; made once."""
    copy = Path(shutil.copy(template, tmp_path_factory.mktemp("sample") / "sample.db"))

    async def make() -> None:
        store = await Store.open(f"sqlite+aiosqlite:///{copy}")
        await history.build(store, SEAT, NOW)
        async with store.write() as c:
            london = (await c.scalars(select(chapter.c.id).where(chapter.c.name == "London"))).one()
            entry = (await c.scalars(select(checkin.c.id).where(checkin.c.chapter_id == london))).all()[0]
            await c.execute(update(checkin).where(checkin.c.id == entry).values(note=EVIL))
            await c.execute(update(chapter).where(chapter.c.id == london).values(city="-1+2"))
            own = select(report.c.id).where(report.c.chapter_id == london)
            words = report_part.update().where(report_part.c.report_id.in_(own), report_part.c.part == "words")
            await c.execute(words.values(answers={"private_note": "=we are afraid", "dues": "declined"}))
        await store.close()

    asyncio.run(make())
    return copy


@pytest.fixture
def database(sample: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sample, tmp_path / "chapterhouse.db"))


async def taken(store: Store, what: What, written: Format, file: Path, user: int = NOBODY, *, own: bool = False) -> Path:
    await taking.take(store, Asked(SEAT.guild_id, user, own, NOW), what, written, file)
    return file


async def rows(store: Store, what: What, folder: Path, user: int = NOBODY, *, own: bool = False) -> list[dict[str, Any]]:
    """The rows as a program gets them."""
    file = await taken(store, what, Format.JSON, folder / f"{what}.json", user, own=own)
    return list(json.loads(file.read_text())["rows"])


async def id_of(store: Store, name: str) -> int:
    async with store.read() as c:
        return int((await c.scalars(select(chapter.c.id).where(chapter.c.name == name))).one())


@pytest.mark.parametrize("what", TABLES)
async def test_every_json_export_is_as_the_schema_in_the_documentation_says(what: What, store: Store, tmp_path: Path) -> None:
    for user, own in ((NOBODY, False), (ANA, False), (ANA, True)):
        file = await taken(store, what, Format.JSON, tmp_path / "x.json", user, own=own)
        loaded = json.loads(file.read_text())
        assert loaded["rows"] or what is What.VALUES
        jsonschema_rs.validate(SCHEMA, loaded, validate_formats=True)


def test_the_schema_names_every_column_and_no_other() -> None:
    kinds = {
        Kind.WORDS: "array",
        Kind.NUMBER: "integer",
        Kind.FRACTION: "number",
        Kind.YES_NO: "boolean",
    }
    assert list(SCHEMA["$defs"]) == [what.value for what in TABLES]
    for what in TABLES:
        told = SCHEMA["$defs"][what.value]["properties"]
        assert list(told) == list(COLUMNS[what])
        for name, kind in COLUMNS[what].items():
            assert kinds.get(kind, "string") in told[name]["type"]


def test_the_page_about_exports_names_every_column() -> None:
    page = (Path(__file__).parents[2] / "docs/export-format.md").read_text()
    assert not [f"{what}: {name}" for what in TABLES for name in COLUMNS[what] if f"`{name}`" not in page]


@pytest.mark.parametrize("what", TABLES)
async def test_the_three_forms_of_a_table_say_the_same(what: What, store: Store, tmp_path: Path) -> None:
    plain = await rows(store, what, tmp_path, ANA)
    sheet = load_workbook(await taken(store, what, Format.XLSX, tmp_path / "x.xlsx", ANA)).active
    assert sheet is not None
    first, *others = sheet.iter_rows(values_only=True)
    assert list(first) == list(COLUMNS[what])
    with (await taken(store, what, Format.CSV, tmp_path / "x.csv", ANA)).open(encoding="utf-8-sig", newline="") as opened:
        written = list(csv.DictReader(opened))
    assert len(plain) == len(others) == len(written)
    for row, cells, line in zip(plain, others, written, strict=True):
        for (name, value), cell in zip(row.items(), cells, strict=True):
            expected = ", ".join(value) if isinstance(value, list) else value
            assert as_was(line[name]) == words(expected), (name, expected)
            assert as_json(cell, COLUMNS[what][name]) == (None if expected == "" else expected), (name, expected)


def words(value: Any) -> str:
    return {None: "", True: "yes", False: "no"}[value] if value is None or isinstance(value, bool) else str(value)


def as_json(cell: Any, kind: Kind) -> Any:
    """What a typed cell stands for; a day or a moment that was written as text fails here."""
    if cell is None:
        return None
    if kind is Kind.DAY:
        assert isinstance(cell, datetime)
        return cell.date().isoformat()
    if kind is Kind.MOMENT:
        return cell.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    assert isinstance(cell, {Kind.NUMBER: int, Kind.FRACTION: int | float, Kind.YES_NO: bool}.get(kind, str))
    return cell


@pytest.mark.parametrize("what", TABLES)
async def test_no_cell_of_a_spreadsheet_can_be_run_and_the_first_row_stays_in_sight(what: What, store: Store, tmp_path: Path) -> None:
    sheet = load_workbook(await taken(store, what, Format.XLSX, tmp_path / "x.xlsx", ANA)).active
    assert sheet is not None
    assert (sheet.title, sheet.freeze_panes) == (what.value, "A2")
    assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    written = (await taken(store, what, Format.CSV, tmp_path / "x.csv", ANA)).read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    cells = [cell for row in csv.reader(written.decode("utf-8-sig").splitlines()) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r")) and not cell[1:].replace(".", "").isdigit()]


async def test_what_a_spreadsheet_would_run_comes_back_word_for_word(store: Store, tmp_path: Path) -> None:
    with (await taken(store, What.CHECKINS, Format.CSV, tmp_path / "x.csv")).open(encoding="utf-8-sig", newline="") as opened:
        notes = [row["note"] for row in csv.DictReader(opened)]
    assert f"'{EVIL}" in notes
    assert EVIL in map(as_was, notes)
    assert EVIL in {row["note"] for row in await rows(store, What.CHECKINS, tmp_path)}


# Who sees what


async def hide(store: Store, name: str) -> int:
    found = await id_of(store, name)
    async with store.write() as c:
        await c.execute(update(chapter).where(chapter.c.id == found).values(visibility="hidden"))
    return found


@pytest.mark.parametrize("what", TABLES)
async def test_a_hidden_chapter_stands_in_no_file_but_its_own_peoples(what: What, store: Store, tmp_path: Path) -> None:
    hidden = await hide(store, "London")
    partner = await id_of(store, "Glasgow")
    async with store.write() as c:
        entry = (await c.scalars(select(checkin.c.id).where(checkin.c.chapter_id == partner))).all()[-1]
        row = {"checkin_id": entry, "chapter_id": hidden, "guild_id": SEAT.guild_id, "state": "confirmed", "asked_at": NOW}
        await c.execute(checkin_partner.delete().where(checkin_partner.c.checkin_id == entry))
        await c.execute(checkin_partner.insert().values(**row))
    assert "London" not in json.dumps([list(row.values()) for row in await rows(store, what, tmp_path, CORA)]).replace("Europe/London", "")
    own = json.dumps([list(row.values()) for row in await rows(store, what, tmp_path, ANA)]).replace("Europe/London", "")
    assert ("London" in own) == (what in {What.CHAPTERS, What.CHECKINS, What.REPORTS, What.LOG})


async def test_an_archived_chapter_stands_in_no_table(store: Store, tmp_path: Path) -> None:
    async with store.write() as c:
        await c.execute(update(chapter).where(chapter.c.name == "London").values(archived_at=NOW))
    for what in (What.CHAPTERS, What.CHECKINS, What.REPORTS, What.LOG):
        shown = json.dumps([list(row.values()) for row in await rows(store, what, tmp_path, CORA)])
        assert "London" not in shown.replace("Europe/London", "")


async def test_private_notes_and_dues_are_for_a_chapters_own_people(store: Store, tmp_path: Path) -> None:
    theirs = await rows(store, What.REPORTS, tmp_path, ANA)
    assert {row["private_note"] for row in theirs if row["chapter"] == "London"} >= {"=we are afraid"}
    assert {row["private_note"] for row in theirs if row["chapter"] != "London"} == {None}
    for user in (NOBODY, CORA):
        assert {(row["private_note"], row["dues"]) for row in await rows(store, What.REPORTS, tmp_path, user)} == {(None, None)}
        kept = {(row["delegate"], row["money"], row["dues"]) for row in await rows(store, What.CHAPTERS, tmp_path, user)}
        assert kept == {(None, None, None)}
    (london,) = [row for row in await rows(store, What.CHAPTERS, tmp_path, ANA) if row["name"] == "London"]
    of_london = standing_fact.c.chapter_id == await id_of(store, "London")
    async with store.read() as c:
        told = {row.key: row.value for row in await c.execute(select(standing_fact.c.key, standing_fact.c.value).where(of_london))}
    assert told
    assert {key: london[key] for key in told} == told


async def test_small_groups_are_shown_to_a_chapters_own_people_alone(store: Store, tmp_path: Path) -> None:
    counts = {"women": 20, "men": 3, "another": 0, "rather_not_say": 0}
    async with store.write() as c:
        await c.execute(update(composition).values(counts=counts, people=23))
    for user in (NOBODY, CORA, ANA):
        for row in await rows(store, What.CHAPTERS, tmp_path, user):
            cells = {name: row[name] for name in GENDERS}
            if user == ANA and row["name"] == "London":
                assert (cells, row["counted"]) == (counts, 23)
            else:
                assert set(cells.values()) == {None}
                assert row["counted"] in {None, 23}
    async with store.write() as c:
        await c.execute(update(composition).values(counts=counts | {"women": 5}, people=8))
    shown = await rows(store, What.CHAPTERS, tmp_path)
    assert {(row["women"], row["counted"], row["counted_on"]) for row in shown} == {(None, None, None)}


async def test_an_admin_takes_out_their_own_chapter_and_no_other(store: Store, tmp_path: Path) -> None:
    for what, column in ((What.CHAPTERS, "name"), (What.CHECKINS, "chapter"), (What.REPORTS, "chapter"), (What.LOG, "chapter")):
        assert {row[column] for row in await rows(store, what, tmp_path, ANA, own=True)} == {"London"}
        assert await rows(store, what, tmp_path, CORA, own=True) == []


async def test_authors_stand_in_the_log_alone_and_not_once_they_are_erased(store: Store, tmp_path: Path) -> None:
    people = {str(user) for user in SEAT.people.values()}
    for what in TABLES:
        told = {str(value) for row in await rows(store, what, tmp_path, CORA) for value in row.values()}
        assert bool(told & people) == (what is What.LOG), what
    async with store.write() as c:
        await c.execute(update(change).values(made_by=None, nameless=True))
    assert {row["made_by"] for row in await rows(store, What.LOG, tmp_path, CORA)} == {None}


async def test_nothing_of_another_server_stands_in_a_file(store: Store, tmp_path: Path) -> None:
    for what in TABLES:
        with pytest.raises(Refusal):
            await taking.take(store, Asked(7, ANA, own=False, now=NOW), what, Format.CSV, tmp_path / "x.csv")
    assert list(tmp_path.glob("*.csv*")) == []


@pytest.mark.parametrize("written", Format)
@pytest.mark.parametrize("what", [What.CHECKINS, What.ARCHIVE])
async def test_a_file_that_may_not_become_so_large_is_not_left_behind(what: What, written: Format, store: Store, tmp_path: Path) -> None:
    file = tmp_path / "out" / "x"
    file.parent.mkdir()
    with pytest.raises(TooLarge):
        await taking.take(store, Asked(SEAT.guild_id, CORA, own=False, now=NOW), what, written, file, most=5000)
    assert list(file.parent.iterdir()) == []


async def test_a_sheet_that_is_full_is_continued_on_another(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LAST_ROW", 101)
    book = load_workbook(await taken(store, What.LOG, Format.XLSX, tmp_path / "x.xlsx"), read_only=True)
    total = len(await rows(store, What.LOG, tmp_path))
    assert len(book.sheetnames) == -(-total // 100)
    assert book.sheetnames[:2] == ["log", "log 2"]
    assert [next(sheet.iter_rows(values_only=True))[0] for sheet in book.worksheets] == ["at"] * len(book.sheetnames)


# There and back


@pytest.mark.parametrize("written", Format)
@pytest.mark.parametrize("what", [What.CHAPTERS, What.CHECKINS, What.REPORTS, What.GOALS, What.FIGURES])
async def test_an_import_of_what_was_taken_out_finds_nothing_new_in_it(what: What, written: Format, store: Store, tmp_path: Path) -> None:
    file = await taken(store, what, written, tmp_path / f"x.{written}", ANA)
    brought = await bringing.bring_in(store, SEAT.guild_id, file, None, NOW, dry_run=True)
    # Check-ins of more than 400 days ago are nobody's to record, from a file neither.
    bad = [plain(each.reason, "en") for each in brought.plan.preview.bad]
    assert [each for each in bad if not (what is What.CHECKINS and each.startswith("The day can be from"))] == []
    assert brought.plan.preview.does_nothing
