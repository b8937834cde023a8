"""A list of chapters from a file: all of it or nothing, each missing place filled in, and a second time nothing."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.domain.refusal import Refusal
from bot.locales import plain
from bot.services.imports import ImportReport, import_chapters
from db import chapters, organisations, people, summaries
from db.chapters import Branch
from db.store import Store
from db.tables import change, chapter, chapter_state, summary
from tests import asked
from tests.conftest import Statements

GUILD, ELSEWHERE = 1000, 2000
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
BRIGADES = Path(__file__).parents[1] / "data" / "brigades.csv"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "chapters.csv"


async def bring_in(store: Store, file: Path, written: str | bytes | None = None, **options: Any) -> ImportReport:
    if written is not None:
        file.write_bytes(written.encode() if isinstance(written, str) else written)
    return await import_chapters(store, GUILD, file, NOW, **options)


def said(report: ImportReport) -> list[str]:
    return [plain(line, "en") for line in (*report.lines(), *report.faults())]


async def there(store: Store, name: str) -> chapters.Chapter:
    async with store.read() as c:
        found = await chapters.by_name(c, GUILD, name)
    assert found is not None
    return found


async def branches(store: Store) -> dict[str, Branch]:
    async with store.read() as c:
        return {branch.country: branch for branch in await chapters.branches(c, GUILD)}


async def count(store: Store, table: Any) -> int:
    async with store.read() as c:
        return (await c.execute(select(func.count()).select_from(table))).scalar_one()


async def test_181_real_chapters_come_in(store: Store) -> None:
    report = await import_chapters(store, GUILD, BRIGADES, NOW)
    assert not report.bad
    assert report.added == 181
    assert await count(store, chapter) == 181
    assert await count(store, summary) == 181
    async with store.read() as c:
        countries = Counter(await c.scalars(select(chapter.c.branch_id)))
    assert None not in countries
    assert {"US", "CA", "DE", "JP", "KR", "TW"} <= set(await branches(store))


async def test_the_same_file_again_changes_nothing_and_says_so(store: Store) -> None:
    await import_chapters(store, GUILD, BRIGADES, NOW)
    changes = await count(store, change)
    again = await import_chapters(store, GUILD, BRIGADES, NOW + timedelta(days=1))
    assert said(again) == ["Nothing has changed.", "181 chapters are there already and stay as they are."]
    assert await count(store, chapter) == 181
    assert await count(store, change) == changes


async def test_an_unknown_server_becomes_an_organisation_in_utc(store: Store, file: Path) -> None:
    await bring_in(store, file, "name\nLondon\n")
    async with store.read() as c:
        organisation = await organisations.find(c, GUILD)
    assert organisation is not None
    assert (organisation.timezone, organisation.set_up_at) == ("UTC", None)
    assert (await there(store, "London")).branch_id is None


async def test_what_is_missing_is_filled_in_from_the_coordinates(store: Store, file: Path) -> None:
    await bring_in(store, file, "name,latitude,longitude\nLondon,51.5074,-0.1278\n")
    london = await there(store, "London")
    assert (london.timezone, london.latitude, london.longitude) == ("Europe/London", 51.5, -0.1)
    branch = (await branches(store))["GB"]
    assert (london.branch_id, branch.name, branch.currency) == (branch.id, "United Kingdom", "GBP")


async def test_what_is_given_goes_before_what_could_be_filled_in(store: Store, file: Path) -> None:
    await bring_in(store, file, "name,branch,latitude,longitude,timezone\nExiles,Kosovo,51.5,-0.1,europe/paris\n")
    exiles = await there(store, "Exiles")
    assert exiles.timezone == "Europe/Paris"
    assert exiles.branch_id == (await branches(store))["XK"].id


async def test_without_zone_and_place_a_chapter_has_the_organisations_zone(store: Store, file: Path) -> None:
    async with store.write() as c:
        await asked.create(c, GUILD, NOW, "America/Sao_Paulo", "pt")
    await bring_in(store, file, "name\nCampinas\n")
    campinas = await there(store, "Campinas")
    assert campinas.timezone == "America/Sao_Paulo"
    assert campinas.branch_id == (await branches(store))["BR"].id


@pytest.mark.parametrize(
    ("written", "where"),
    [
        ("name,city\nRed,Leeds\n", ("GB", 53.8, -1.5, "Europe/London")),
        ("name,city,branch\nRed,London,Canada\n", ("CA", 43.0, -81.2, "America/Toronto")),
        ("name,city,timezone\nRed,London,Europe/London\n", ("GB", 51.5, -0.1, "Europe/London")),
        ("name,city,branch,latitude,longitude\nRed,London,,43.0,-81.2\n", ("CA", 43.0, -81.2, "America/Toronto")),
    ],
)
async def test_what_is_missing_is_filled_in_from_the_town(store: Store, file: Path, written: str, where: tuple[object, ...]) -> None:
    report = await bring_in(store, file, written)
    red, known = await there(store, "Red"), {branch.id: branch.country for branch in (await branches(store)).values()}
    assert (known[red.branch_id or 0], red.latitude, red.longitude, red.timezone) == where
    assert not report.open


async def test_of_towns_with_one_name_only_what_they_share_is_filled_in_and_the_rest_stays_open(store: Store, file: Path) -> None:
    async with store.write() as c:
        await asked.create(c, GUILD, NOW, "America/Sao_Paulo", "pt")
    report = await bring_in(store, file, "name,city,branch\nRed,London,\nBlue,Amherst,\n")
    red, blue = await there(store, "Red"), await there(store, "Blue")
    assert (red.latitude, red.branch_id, red.timezone) == (None, None, "America/Sao_Paulo")
    assert (blue.latitude, blue.timezone) == (None, "America/New_York")
    assert blue.branch_id == (await branches(store))["US"].id
    assert said(report)[1:] == [
        "New branches: Estados Unidos.",
        "Line 2: there are 2 towns called London, so where Red is stays open. Its branch, time zone or coordinates tell.",
        "Line 3: there are 2 towns called Amherst, so where Blue is stays open. Its branch, time zone or coordinates tell.",
    ]


async def test_every_column_is_stored(store: Store, file: Path) -> None:
    row = "São Paulo,Brasil,São Paulo,-23.55,-46.63,,2019-05-01,1180000000000000001,11 12  11\n"
    await bring_in(store, file, "name,branch,city,latitude,longitude,timezone,founded,channel,admins\n" + row)
    found = await there(store, "sao paulo")
    assert (found.name, found.city, found.founded, found.channel_id) == ("São Paulo", "São Paulo", date(2019, 5, 1), 1180000000000000001)
    assert (found.added_on, found.duty_user_id) == (date(2026, 10, 20), 11)
    async with store.read() as c:
        assert await people.admins(c, GUILD, found.id) == [11, 12]
        assert await c.scalar(select(chapter_state.c.state).where(chapter_state.c.chapter_id == found.id)) == "active"
        history = (await summaries.read(c, GUILD, [found.id], await organisations.policy_in_force(c, GUILD)))[0]
        assert await c.scalar(select(summary.c.reachable).where(summary.c.chapter_id == found.id)) is history.reachable is True


async def test_the_open_log_names_each_chapter_and_new_branch_and_no_words(store: Store, file: Path) -> None:
    await bring_in(store, file, "name,branch,city\nLondon,UK,London\n", by=7)
    async with store.read() as c:
        rows = (await c.execute(select(change.c.kind, change.c.fields, change.c.made_by).order_by(change.c.id))).all()
    assert [tuple(row) for row in rows] == [
        ("organisation.add", [], 7),
        ("branch.add", ["country", "currency", "name"], 7),
        ("chapter.add", ["branch", "city", "name"], 7),
        ("import.chapters", ["branch", "city", "name"], 7),
    ]


async def test_a_dry_run_says_what_would_happen_and_stores_nothing(store: Store, file: Path) -> None:
    report = await bring_in(store, file, "name\nLondon\nLeeds\n", dry_run=True)
    assert said(report) == ["2 chapters would be added."]
    assert await count(store, chapter) == 0
    async with store.read() as c:
        assert await organisations.find(c, GUILD) is None


async def test_a_dry_run_needs_no_more_than_to_read(store: Store, database: Path, file: Path) -> None:
    file.write_text("name\nLondon\n")
    reader = await Store.open(f"sqlite+aiosqlite:///{database}", writer=False)
    report = await import_chapters(reader, GUILD, file, NOW, dry_run=True)
    await reader.close()
    assert report.added == 1


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("name\n \nLondon\nx,y\n", "Line 4: This line has 2 columns, but the first line names only 1. A comma too many?"),
        ("name,city\n,London\n", "Line 2: The chapter's name needs at least one letter or digit."),
        (f"name\n{'x' * 61}\n", "Line 2: The chapter's name is 1 character too long: at most 60. Shorten it and send it again."),
        ('name\n"Lon,don"\n', "Line 2: The chapter's name cannot have a comma"),
        ('name\n"Lon\ndon"\nLeeds\nLeeds\n', "Line 5: “Leeds” stands in line 4 already."),
        (f"name,city\nLondon,{'x' * 61}\n", "Line 2: The city is 1 character too long"),
        ("name,branch\nLondon,Atlantis\n", "Line 2: There is no country “Atlantis”. Write its name or its two letters"),
        (f"name,branch\nLondon,{'x' * 5000}\n", "Line 2: There is no country “xxx"),
        ("name,timezone\nLondon,Europe/Lundon\n", "Line 2: There is no time zone “Europe/Lundon”. Did you mean Europe/London"),
        ("name,latitude\nLondon,51.5\n", "Line 2: Latitude and longitude belong together: give both, or neither."),
        ("name,latitude,longitude\nLondon,91,0\n", "Line 2: The latitude is a number from -90 to 90, such as 51.5."),
        ("name,latitude,longitude\nLondon,nan,0\n", "Line 2: The latitude is a number from -90 to 90, such as 51.5."),
        ("name,latitude,longitude\nLondon,0,north\n", "Line 2: The longitude is a number from -180 to 180, such as 51.5."),
        ("name,founded\nLondon,1.5.2019\n", "Line 2: The founding date is written as year, month and day: 2024-11-30."),
        ("name,founded\nLondon,2026-W10-1\n", "Line 2: The founding date is written as year, month and day: 2024-11-30."),
        ("name,founded\nLondon,2026-10-21\n", "Line 2: The founding date must be between 1 January 1800 and today."),
        ("name,channel\nLondon,#london\n", "Line 2: A channel is written as its Discord id: a number, not its name."),
        ("name,channel\nLondon,0\n", "Line 2: A channel is written as its Discord id"),
        (f"name,channel\nLondon,{2**63}\n", "Line 2: A channel is written as its Discord id"),
        ("name,admins\nLondon,1 ana\n", "Line 2: Admins are written as their Discord ids: numbers, with spaces between them."),
        ("name,admins\nLondon,١٢\n", "Line 2: Admins are written as their Discord ids"),
        ("name\nSão Paulo\nsao paulo\n", "Line 3: “sao paulo” stands in line 2 already."),
        ('name\nLeeds\n"London\nYork\n', "Line 3: This line cannot be read: look at its quotation marks."),
    ],
)
async def test_a_bad_line_is_named_with_its_reason_and_nothing_is_stored(store: Store, file: Path, written: str, reason: str) -> None:
    report = await bring_in(store, file, written)
    lines = said(report)
    assert not report.stored
    assert any(line.startswith(reason) for line in lines), lines
    assert lines[-1].startswith("Nothing was stored: ")
    assert await count(store, chapter) == 0


async def test_all_bad_lines_are_named_at_once(store: Store, file: Path) -> None:
    report = await bring_in(store, file, "name,founded\nLondon,x\nLeeds,2020-01-01\nYork,y\n")
    assert [line.split(":")[0] for line in said(report)] == ["Line 2", "Line 4", "Nothing was stored"]
    assert said(report)[-1] == "Nothing was stored: 2 rows cannot be taken. Mend them, or leave them out with --skip-bad."


async def test_unknown_columns_are_named_and_ignored(store: Store, file: Path) -> None:
    report = await bring_in(store, file, "Name , website,NAMES\nLondon,https://example.org,x\n")
    assert said(report) == ["Columns ignored: website, NAMES.", "1 chapter was added."]


@pytest.mark.parametrize(
    "written",
    [
        "\ufeffname;city\nLondon;Łódź\n".encode(),
        "name\tcity\r\nLondon\tŁódź\r\n".encode(),
        "name,city\rLondon,Łódź\r".encode(),
        "name,city\nLondon,Łódź\n".encode("utf-16"),
        "name\tcity\nLondon\tŁódź\n".encode("utf-16-le"),
        "name,city\nLondon,Łódź\n".encode("utf-16-be"),
        'city,name\n"Łódź",London\n\n\n'.encode(),
        "name;city;\nLondon;Łódź;\n".encode(),
    ],
)
async def test_sheets_may_be_saved_in_many_ways(store: Store, file: Path, written: bytes) -> None:
    await bring_in(store, file, written)
    assert (await there(store, "London")).city == "Łódź"


async def test_an_old_windows_file_keeps_its_accents(store: Store, file: Path) -> None:
    report = await bring_in(store, file, "name,city\nMálaga,x\n".encode("cp1252"))
    assert said(report)[0] == "The file is not written in UTF-8, but was read as Western European. Is this word right: Málaga?"
    assert (await there(store, "malaga")).name == "Málaga"


async def test_decimal_commas_are_read_where_semicolons_separate(store: Store, file: Path) -> None:
    await bring_in(store, file, "name;latitude;longitude\nBerlin;52,52;13,40\n")
    assert (await there(store, "Berlin")).timezone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (b"", "The file is empty. Its first line must name the columns, name at least."),
        (b" \n\n", "The file is empty."),
        (b"\xef\xbb\xbf\n", "The file is empty."),
        (b"name,city\n", "The file names its columns, but has no chapters below them."),
        (
            b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
            "This is not a CSV file. Save the sheet as CSV (comma-separated values), ",
        ),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00", "This is not a CSV file but a workbook. Let its name end in .xlsx"),
        (b'{"chapters": [{"name": "London"}]}', "This is not a CSV file but JSON. Let its name end in .json."),
        (
            b"title;city\nLondon;London\n",
            "The file has no column name. It has title, city. Say which one holds the names: --map name=COLUMN.",
        ),
        (b"London\nLeeds\n", "The file has no column name. It has London."),
        (b"name,Name\nLondon,Leeds\n", "The file has two columns of one name: name. Remove one of them."),
        (b'"name', "This line cannot be read: look at its quotation marks."),
        (b"name\n" + b"x" * 20_000_001, "The file is larger than 10 megabytes. Divide it."),
    ],
)
async def test_what_is_no_list_of_chapters_is_refused_in_a_sentence(store: Store, file: Path, written: bytes, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        await bring_in(store, file, written)
    assert plain(refused.value.reason, "en").startswith(reason)
    assert await count(store, chapter) == 0


async def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        await import_chapters(store, GUILD, tmp_path, NOW)
    assert plain(refused.value.reason, "en").startswith("A file named ")
    with pytest.raises(Refusal) as refused:
        await import_chapters(store, GUILD, tmp_path / "gone.csv", NOW)
    assert plain(refused.value.reason, "en") == "The file cannot be read: No such file or directory."


async def test_an_existing_chapter_is_left_as_it_is_and_its_differences_are_listed(store: Store, file: Path) -> None:
    await bring_in(store, file, "name,city,founded,admins\nLondon,London,2019-05-01,1 2\nLeeds,Leeds,,\n")
    columns = "name,branch,city,founded,admins,timezone\n"
    report = await bring_in(store, file, columns + "LONDON,UK,Londres,2019-05-01,2,UTC\nLeeds,,,,,\nYork,,,,,\n")
    assert said(report) == [
        "1 chapter was added.",
        "2 chapters are there already and stay as they are.",
        "Line 2: LONDON differs, not changed: name, branch, city, admins.",
    ]
    london = await there(store, "London")
    assert (london.name, london.city, london.branch_id) == ("London", "London", None)


async def test_a_branch_may_be_given_by_the_name_it_has_here(store: Store, file: Path) -> None:
    async with store.write() as c:
        await asked.create(c, GUILD, NOW)
        nordic = await chapters.add_branch(c, GUILD, "SE", "Nordic friends")
    await bring_in(store, file, "name,branch\nMalmö,nordic FRIENDS\nLund,Sweden\n")
    assert (await there(store, "Malmo")).branch_id == (await there(store, "Lund")).branch_id == nordic


async def test_a_new_branch_never_takes_a_name_that_is_taken(store: Store, file: Path) -> None:
    async with store.write() as c:
        await asked.create(c, GUILD, NOW)
        await chapters.add_branch(c, GUILD, "SE", "Norway")
    await bring_in(store, file, "name,timezone\nOslo,Europe/Oslo\n")
    assert (await branches(store))["NO"].name == "Norway (NO)"


async def test_names_that_try_to_harm_are_kept_as_words(store: Store, file: Path) -> None:
    names = ["**bold** @everyone", "<@1> `x`", "مجموعة لندن", "=1+1", "Robert'); DROP TABLE chapter;--"]
    report = await bring_in(store, file, "name\n" + "\n".join(names) + "\n")
    assert report.added == len(names)
    for name in names:
        assert (await there(store, name)).name == name


async def test_one_organisations_import_leaves_another_alone(store: Store, file: Path) -> None:
    await bring_in(store, file, "name,branch\nLondon,UK\n")
    report = await import_chapters(store, ELSEWHERE, file, NOW)
    assert (report.added, report.there) == (1, 0)
    async with store.read() as c:
        ours, theirs = await chapters.by_name(c, GUILD, "London"), await chapters.by_name(c, ELSEWHERE, "London")
    assert ours is not None
    assert theirs is not None
    assert ours.branch_id != theirs.branch_id


async def test_many_rows_are_stored_in_batches_with_a_few_statements_each(store: Store, file: Path, statements: Statements) -> None:
    told: list[tuple[int, int]] = []
    rows = "".join(f"Chapter {n},{n % 100 - 50},{n % 340 - 170},{n + 1} {n + 2}\n" for n in range(1000))
    await bring_in(store, file, "name,latitude,longitude,admins\n" + rows, progress=lambda done, total: told.append((done, total)))
    assert told == [(done, 1000) for done in range(100, 1001, 100)]
    of_branches = 2 * len(await branches(store))
    assert len(statements) <= of_branches + 30 * len(told)
    assert await count(store, summary) == 1000
