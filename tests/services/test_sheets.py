"""Lists of chapters as spreadsheets and other programs save them: workbooks, JSON, columns under other names, and what must not be read."""

import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from bot.domain.refusal import Refusal
from bot.locales import plain
from bot.services.imports import ImportReport, import_chapters
from bot.services.sheets import rows
from bot.services.taking.table import Chosen
from db import chapters, people
from db.chapters import Chapter
from db.store import Store
from tests.services.test_imports import BRIGADES

GUILD = 1000
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
LONG_ID = 1180000000000000001
WRITTEN = datetime(2019, 5, 1)  # noqa: DTZ001 - a sheet knows no zones


@pytest.fixture
def xlsx(tmp_path: Path) -> Path:
    return tmp_path / "chapters.xlsx"


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    return tmp_path / "chapters.json"


def workbook(path: Path, *lines: list[Any], **sheets: list[list[Any]]) -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, content in ({"Chapters": list(lines)} if lines else {} | sheets).items():
        sheet = book.create_sheet(title)
        for line in content:
            sheet.append(line)
    book.save(path)
    return book


async def bring_in(
    store: Store, path: Path, *mapped: str, only: list[str] | None = None, sheet: str | None = None, **options: Any
) -> ImportReport:
    return await import_chapters(store, GUILD, path, NOW, chosen=Chosen.of(mapped, only or [], sheet), **options)


def said(report: ImportReport) -> list[str]:
    return [plain(line, "en") for line in (*report.lines(), *report.faults())]


async def refused(store: Store, path: Path, *mapped: str, **options: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        await bring_in(store, path, *mapped, **options)
    async with store.read() as c:
        assert not await chapters.everything(c, GUILD)
    return plain(refusal.value.reason, "en")


async def there(store: Store, name: str) -> Chapter:
    async with store.read() as c:
        found = await chapters.by_name(c, GUILD, name)
    assert found is not None
    return found


# A workbook


async def test_a_workbook_comes_in_as_people_see_it(store: Store, xlsx: Path) -> None:
    workbook(
        xlsx,
        [],
        ["Name", None, "latitude", "longitude", "founded", "channel", "admins", "website"],
        [],
        ["  São Paulo ", "x", -23.55, -46.0, WRITTEN, str(LONG_ID), f"{LONG_ID} 12", "https://example.org"],
        ["1917", None, "51,5", "0", date(2020, 2, 29), None, 51.0, None],
        ["Leeds", None, None, None, "2021-01-31", None, None, None],
    )
    report = await bring_in(store, xlsx)
    assert said(report)[:2] == ["Column ignored: website.", "3 chapters were added."]
    found = await there(store, "Sao Paulo")
    assert (found.latitude, found.longitude, found.founded, found.channel_id) == (-23.6, -46.0, date(2019, 5, 1), LONG_ID)
    async with store.read() as c:
        assert await people.admins(c, GUILD, found.id) == [LONG_ID, 12]
        assert await people.admins(c, GUILD, (await there_in(c, "1917")).id) == [51]
    assert (await there(store, "1917")).founded == date(2020, 2, 29)
    assert said(await bring_in(store, xlsx))[1:] == ["Nothing has changed.", "3 chapters are there already and stay as they are."]


async def there_in(c: Any, name: str) -> Chapter:
    found = await chapters.by_name(c, GUILD, name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (["London", None, LONG_ID], "Row 3: admins: Spreadsheets keep only 15 digits of a number. Format the column as text, "),
        (["London", None, 1.18e18], "Row 3: admins: Spreadsheets keep only 15 digits"),
        (["London", "=DATE(2019,5,1)", None], "Row 3: founded: This cell holds a formula without its result. Open the file in a "),
        (["London", "#REF!", None], "Row 3: founded: This cell holds the error #REF!."),
        (["London", 43586, None], "Row 3: The founding date is written as year, month and day: 2024-11-30."),
        (["London", WRITTEN.replace(hour=12), None], "Row 3: The founding date is written as year, month and day"),
        (["London", WRITTEN.replace(year=2030), None], "Row 3: The founding date must be between"),
        ([None, WRITTEN, None], "Row 3: The chapter's name needs at least one letter or digit."),
        (["Leeds", None, None], "Row 3: “Leeds” stands in row 2 already."),
        ([True, None, "x" * 5000], "Row 3: Admins are written as their Discord ids"),
    ],
)
async def test_a_cell_that_cannot_be_taken_is_named_with_its_row(store: Store, xlsx: Path, line: list[Any], reason: str) -> None:
    workbook(xlsx, ["name", "founded", "admins"], ["Leeds"], line)
    report = await bring_in(store, xlsx)
    assert not report.stored
    assert said(report)[0].startswith(reason), said(report)


async def test_of_a_formula_only_its_stored_result_is_read(store: Store, xlsx: Path) -> None:
    formulas = {"A2": ('t="str"', "York"), "B2": ("", "53.96"), "C2": ("", "-1.08"), "D2": ('t="str"', "")}
    workbook(xlsx, ["name", "latitude", "longitude", "city"], ["=A9", "=1", "=1", "=A9"])
    with zipfile.ZipFile(xlsx) as made:
        contents = {name: made.read(name) for name in made.namelist()}
    sheet = contents["xl/worksheets/sheet1.xml"].decode()
    for place, (kind, result) in formulas.items():
        for before in (f'<c r="{place}"><f>A9</f><v></v></c>', f'<c r="{place}"><f>A9</f><v /></c>', f'<c r="{place}"><f>1</f><v></v></c>'):
            sheet = sheet.replace(before, f'<c r="{place}" {kind}><f>WEBSERVICE("http://127.0.0.1:9")</f><v>{result}</v></c>')
        sheet = sheet.replace(f'<c r="{place}"><f>1</f><v /></c>', f'<c r="{place}" {kind}><f>1+1</f><v>{result}</v></c>')
    contents["xl/worksheets/sheet1.xml"] = sheet.encode()
    archive(xlsx, contents)
    await bring_in(store, xlsx)
    york = await there(store, "York")
    assert (york.latitude, york.longitude, york.city) == (54.0, -1.1, None)


def archive(path: Path, contents: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in contents.items():
            made.writestr(name, content)


async def test_of_several_sheets_one_has_to_be_named(store: Store, xlsx: Path) -> None:
    workbook(xlsx, Notes=[["Call Ana"]], Chapters=[["name"], ["London"]], Empty=[])
    assert await refused(store, xlsx) == "The workbook has several sheets: Notes and Chapters. Say which one with --sheet."
    assert await refused(store, xlsx, sheet="Members") == "There is no sheet “Members”. The workbook has Notes, Chapters and Empty."
    assert await refused(store, xlsx, sheet="Empty") == "The file is empty. Its first line must name the columns, name at least."
    assert (await bring_in(store, xlsx, sheet="chapters")).added == 1


async def test_a_sheet_beside_empty_and_hidden_ones_needs_no_name(store: Store, xlsx: Path) -> None:
    book = workbook(xlsx, Sheet1=[["name"], ["London"]], Sheet2=[], Lists=[["yes"], ["no"]])
    book["Lists"].sheet_state = "hidden"
    book.save(xlsx)
    assert (await bring_in(store, xlsx)).added == 1


async def test_merged_cells_are_refused_because_only_one_of_their_rows_has_the_value(store: Store, xlsx: Path) -> None:
    book = workbook(xlsx, ["name", "branch"], ["London", "UK"], ["Leeds"])
    book["Chapters"].merge_cells("B2:B3")
    book.save(xlsx)
    assert (await refused(store, xlsx)).startswith("The sheet has merged cells (B2:B3). Unmerge them, ")


async def test_a_workbook_with_nothing_in_it_is_refused(store: Store, xlsx: Path) -> None:
    workbook(xlsx, Sheet1=[])
    assert (await refused(store, xlsx)).startswith("The file is empty.")
    workbook(xlsx, ["name", "city"])
    assert await refused(store, xlsx) == "The file names its columns, but has no chapters below them."
    workbook(xlsx, ["title"], ["London"])
    assert (await refused(store, xlsx)).startswith("The file has no column name. It has title.")
    workbook(xlsx, ["name", "Name"], ["London", "Leeds"])
    assert (await refused(store, xlsx)).startswith("The file has two columns of one name: name.")
    workbook(xlsx, ["name", *(f"c{n}" for n in range(200))], ["London"])
    assert await refused(store, xlsx) == "The file has more than 200 columns. Keep those that are needed."


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (b"", "The file is empty."),
        (b"name\nLondon\n", "This is not an Excel workbook, though its name ends in .xlsx. If it is CSV, let its name end in .csv."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "This workbook is locked with a password, or older than Excel 2007."),
        (b"PK\x03\x04" + b"x" * 500, "This workbook is damaged, or was not written by a spreadsheet program."),
        (b"PK\x03\x04" + b"x" * 10_000_000, "The file is larger than 10 megabytes. Divide it."),
    ],
)
async def test_what_is_no_workbook_is_refused_in_a_sentence(store: Store, xlsx: Path, written: bytes, reason: str) -> None:
    xlsx.write_bytes(written)
    assert (await refused(store, xlsx)).startswith(reason)


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
NAMED = b'<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row>'
DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("sheet", "reason"),
    [
        (SHEET % (b"<row/>" * 4_000_000), "This workbook unpacks to more than can be read safely."),
        (SHEET % (b" " * 60_000_000), "This workbook unpacks to more than can be read safely."),
        (SHEET % (b"<row " + b"".join(b'a%d="" ' % n for n in range(100_000)) + b"/>"), "This workbook is damaged"),
        (DOCTYPE + SHEET % NAMED, "This workbook is damaged"),
        ((DOCTYPE + SHEET % NAMED).decode().encode("utf-16"), "This workbook is damaged"),
        (b'<?xml version="1.0" encoding="cp037"?>' + SHEET % NAMED, "This workbook is damaged"),
        (SHEET % b'<row r="1"><c r="A1" t="s"><v>999</v></c></row>', "This workbook is damaged"),
        (SHEET % (NAMED + b"<row"), "This workbook is damaged"),
        (b"", "This workbook is damaged"),
    ],
)
async def test_a_workbook_made_to_do_harm_is_refused_before_it_does(store: Store, xlsx: Path, sheet: bytes, reason: str) -> None:
    workbook(xlsx, ["name"])
    with zipfile.ZipFile(xlsx) as made:
        contents = {name: made.read(name) for name in made.namelist()}
    archive(xlsx, contents | {"xl/worksheets/sheet1.xml": sheet})
    assert (await refused(store, xlsx)).startswith(reason)


async def test_a_row_beyond_the_end_of_all_sheets_is_not_looked_for(store: Store, xlsx: Path) -> None:
    workbook(xlsx, ["name"])
    with zipfile.ZipFile(xlsx) as made:
        contents = {name: made.read(name) for name in made.namelist()}
    far = b'<row r="999999999999"><c t="inlineStr"><is><t>London</t></is></c></row>'
    archive(xlsx, contents | {"xl/worksheets/sheet1.xml": SHEET % (NAMED + far)})
    assert await refused(store, xlsx) == "The file names its columns, but has no chapters below them."
    archive(xlsx, contents | {"xl/worksheets/sheet1.xml": SHEET % far})
    assert (await refused(store, xlsx)).startswith("The file is empty.")


async def test_an_archive_that_is_no_workbook_is_refused(store: Store, xlsx: Path) -> None:
    archive(xlsx, {"minutes.txt": b"We met."})
    assert (await refused(store, xlsx)).startswith("This workbook is damaged")


# JSON


async def test_a_list_as_it_is_published_comes_in_by_mapping_and_leaves_out_what_is_no_chapter(store: Store) -> None:
    published = BRIGADES.with_suffix(".json")
    await import_chapters(store, GUILD, BRIGADES, NOW)
    same = await bring_in(store, published, "branch=location.country", only=["tags=Brigade"])
    assert said(same)[1:] == [
        "40 rows were passed over, as --only asks.",
        "Nothing has changed.",
        "181 chapters are there already and stay as they are.",
    ]
    everything = await bring_in(store, published, "branch=location.country")
    assert (everything.added, everything.there, everything.bad) == (40, 181, ())


def write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")


async def test_what_is_nested_is_named_by_its_path(store: Store, listed: Path) -> None:
    entry = {"title": "Łódź", "where": {"town": {"name": "Łódź"}, "at": {"lat": 51.8, "lon": 19}}, "people": [LONG_ID, 12], "since": None}
    write(listed, {"version": 2, "groups": [entry, {"title": "Lublin"}]})
    mapped = ("name=title", "city=where.town.name", "latitude=where.at.lat", "Longitude=Where.At.Lon", "admins=people", "founded=since")
    assert said(await bring_in(store, listed, *mapped)) == ["2 chapters were added.", "New branches: Poland."]
    lodz = await there(store, "lodz")
    assert (lodz.city, lodz.latitude, lodz.longitude, lodz.timezone) == ("Łódź", 51.8, 19.0, "Europe/Warsaw")
    async with store.read() as c:
        assert await people.admins(c, GUILD, lodz.id) == [LONG_ID, 12]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("London", "Entry 2: This is no object with names and values."),
        ({"city": "London"}, "Entry 2: The chapter's name needs at least one letter or digit."),
        ({"name": ["London", "Leeds"]}, "Entry 2: name: a list stands here, but one value is meant."),
        ({"name": [{"en": "London"}]}, "Entry 2: name: What stands here is a list of lists or objects, and no value."),
        ({"name": "London\ud800"}, "Entry 2: name: a sign stands here that is no letter of any language."),
        ({"name": "Lon\0don"}, "Entry 2: name: a sign stands here"),
        ({"name": "@everyone " * 500}, "Entry 2: The chapter's name is "),
        ({"name": "London", "admins": 1.18e18}, "Entry 2: Admins are written as their Discord ids"),
        ({"name": "London", "latitude": float("nan"), "longitude": 0}, "Entry 2: The latitude is a number from -90 to 90"),
        ({"name": " york"}, "Entry 2: “york” stands in entry 1 already."),
    ],
)
async def test_an_entry_that_cannot_be_taken_is_named_by_its_place(store: Store, listed: Path, entry: Any, reason: str) -> None:
    write(listed, [{"name": "York", "latitude": "", "longitude": "", "admins": "", "city": ""}, entry])
    report = await bring_in(store, listed)
    assert not report.stored
    assert said(report)[0].startswith(reason), said(report)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (b"[", "This is not JSON: look at line 1, column 2."),
        (b'[{"name": "London"}]\nxxx', "This is not JSON: look at line 2, column 1."),
        (b"[" + b"9" * 5000 + b"]", "This is not JSON that can be read: a number in it is far too long."),
        ('[{"name": "Málaga"}]'.encode("latin-1"), "This JSON is not written in UTF-8."),
        (b"[" * 200_000, "This JSON is nested too deeply to be a list of chapters."),
        (b"[" + b"{}," * 1_000_001, "The file has too many parts to be read safely. Divide it."),
        (b'{"name": "London"}', "This JSON holds no list of chapters"),
        (b'{"a": [{"name": "x"}], "b": [{"name": "y"}]}', "This JSON holds no list of chapters"),
        (b"12", "This JSON holds no list of chapters"),
        (b"[]", "The file has no column name."),
        (b'[{"title": "London"}]', "The file has no column name. It has title."),
        (b'[{"Name": "London"}, {"name": "Leeds"}]', "The file has two columns of one name: name."),
        (b"PK\x03\x04", "This is not JSON"),
    ],
)
async def test_what_is_no_list_of_chapters_is_refused_in_a_sentence(store: Store, listed: Path, written: bytes, reason: str) -> None:
    listed.write_bytes(written)
    assert (await refused(store, listed)).startswith(reason)


# What of a file is meant


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    file = tmp_path / "groups.csv"
    file.write_text("Title;Town;Kind\nLondon;London;Chapter\n18F;Washington;Government\nLeeds;Leeds;chapter\nYork;York;Circle\n")
    return file


async def test_columns_may_have_other_names_and_rows_be_chosen(store: Store, mixed: Path) -> None:
    report = await bring_in(store, mixed, "name=title", "city=TOWN", only=["kind=Chapter", "kind=circle", "Town=leeds"])
    assert said(report) == ["3 rows were passed over, as --only asks.", "1 chapter was added.", "New branches: United Kingdom."]
    assert (await there(store, "Leeds")).city == "Leeds"


@pytest.mark.parametrize(
    ("mapped", "only", "reason"),
    [
        (("title",), [], "“title” cannot be read. Write it like --map name=title."),
        (("=title",), [], "“=title” cannot be read."),
        (("name=" + "@everyone" * 600,), [], "The file has no column “@everyone"),
        (("names=title",), [], "There is no column “names” to fill in. There is name, branch, city, "),
        (("name=title", "Name=town"), [], "--map names Name twice."),
        (("name=label",), [], "The file has no column “label”. It has Title, Town, Kind."),
        ((), [], "The file has no column name. It has Title, Town, Kind. Say which one holds the names: --map name=COLUMN."),
        (("name=title",), ["kind"], "“kind” cannot be read. Write it like --only type=Chapter."),
        (("name=title",), ["type=Chapter"], "The file has no column “type”. It has Title, Town, Kind."),
        (("name=title",), ["kind=Section"], "No row of the file is one of those that --only asks for."),
    ],
)
async def test_what_is_not_there_cannot_be_chosen(store: Store, mixed: Path, mapped: tuple[str, ...], only: list[str], reason: str) -> None:
    assert (await refused(store, mixed, *mapped, only=only)).startswith(reason)


async def test_only_a_workbook_has_sheets(store: Store, mixed: Path) -> None:
    assert await refused(store, mixed, "name=title", sheet="1") == "Only an Excel workbook has sheets: leave --sheet out."


@pytest.mark.parametrize("name", ["chapters.xls", "chapters.ods", "chapters.pdf", "chapters"])
async def test_other_kinds_of_file_are_refused_with_those_that_can_be_read(store: Store, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"name\nLondon\n")
    assert await refused(store, tmp_path / name) == (
        f"A file named “{name}” cannot be read. Save the list as .xlsx, .csv or .json, and import that."
    )


async def test_bad_rows_are_listed_and_left_out_and_the_rest_is_stored(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "chapters.csv"
    file.write_text("name,founded\nLondon,x\nLeeds,2020-01-01\nLondon,2020-01-01\nYork,\n")
    would = await bring_in(store, file, skip_bad=True, dry_run=True)
    assert said(would)[0] == "2 chapters would be added."
    report = await bring_in(store, file, skip_bad=True)
    assert report.stored
    assert said(report) == [
        "2 chapters were added.",
        "Line 2: The founding date is written as year, month and day: 2024-11-30.",
        "Line 4: “London” stands in line 2 already.",
        "2 rows were left out.",
    ]
    assert said(await bring_in(store, file, skip_bad=True))[:2] == [
        "Nothing has changed.",
        "2 chapters are there already and stay as they are.",
    ]


@pytest.fixture
def few_rows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(rows, "LARGEST_ROWS", 3)
    return


@pytest.mark.usefixtures("few_rows")
async def test_more_rows_than_can_be_taken_at_once_are_refused(store: Store, tmp_path: Path, xlsx: Path, listed: Path) -> None:
    names = ["London", "Leeds", "York", "Bristol"]
    (tmp_path / "chapters.csv").write_text("\n".join(["name", *names]))
    workbook(xlsx, ["name"], *([name] for name in names))
    write(listed, [{"name": name} for name in names])
    for file in (tmp_path / "chapters.csv", xlsx, listed):
        assert await refused(store, file) == "The file has more than 3 rows. Divide it."
