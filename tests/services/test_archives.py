"""A whole organisation taken out and put back: what comes out again is the same, and what cannot be put back is refused in one sentence."""

import asyncio
import hashlib
import json
import shutil
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger, func, select, update

from bot.domain.refusal import Refusal
from bot.services.exports import archive, restoring
from bot.services.exports.archive import MANIFEST, member
from db import organisations, whole
from db.store import Store
from db.tables import chapter, metadata, report_part
from tests.services.filling import ROWS, fill

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOME, ELSEWHERE, NEIGHBOUR = 2**60 + 1, 2**60 + 2, 2**60 + 3


@pytest.fixture(scope="module")
def filled(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which one server has rows in every table, made once."""
    copy = Path(shutil.copy(template, tmp_path_factory.mktemp("filled") / "filled.db"))

    async def make() -> None:
        store = await Store.open(f"sqlite+aiosqlite:///{copy}")
        await fill(store, HOME)
        await store.close()

    asyncio.run(make())
    return copy


@pytest.fixture
def database(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(filled, tmp_path / "chapterhouse.db"))


async def taken(store: Store, guild_id: int, file: Path, *, everything: bool = True) -> Path:
    await archive.write(store, guild_id, file, NOW, everything=everything)
    return file


def parts(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def rows(file: Path, table: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in parts(file)[member(table)].splitlines()]


@pytest.fixture
async def bare(template: Path, tmp_path: Path) -> AsyncIterator[Store]:
    """Another database, without any row."""
    store = await Store.open(f"sqlite+aiosqlite:///{shutil.copy(template, tmp_path / 'bare.db')}")
    yield store
    await store.close()


async def count(store: Store) -> int:
    async with store.read() as c:
        tables = [table for table in metadata.sorted_tables if "guild_id" in table.c]
        return sum([(await c.scalar(select(func.count()).select_from(table))) or 0 for table in tables])


async def test_what_is_put_into_an_empty_database_comes_out_again_byte_for_byte(store: Store, bare: Store, tmp_path: Path) -> None:
    first = await taken(store, HOME, tmp_path / "first.zip")
    assert all(rows(first, name) for name in whole.TABLES), "a table without rows proves nothing"
    restored = await restoring.restore(bare, HOME, first, NOW)
    second = await taken(bare, HOME, tmp_path / "second.zip")
    assert (restored.chapters, restored.checkins, restored.same_server, restored.complete) == (ROWS, ROWS, True, True)
    assert first.read_bytes() == second.read_bytes()


async def test_every_column_of_every_table_is_told_in_some_row(store: Store, tmp_path: Path) -> None:
    file = await taken(store, HOME, tmp_path / "a.zip")
    never = {"chapter": {"loosens_to", "loosens_at"}, "standing_fact": {"branch_id"}}
    for name in whole.TABLES:
        told = set().union(*(row.keys() for row in rows(file, name)))
        assert set(whole.columns(name)) - told == never.get(name, set()), name


def test_every_column_that_names_something_of_one_server_is_known() -> None:
    numbers = {
        column.name
        for name in whole.TABLES
        for column in metadata.tables[name].c
        if isinstance(column.type, BigInteger) and column.name not in {"guild_id", "id"} and not column.foreign_keys
    }
    assert numbers - whole.PLACES == {"branch_id", "goal_id"}, "say in db/whole.py whether this means anything in another server"


async def test_beside_other_organisations_the_ids_are_moved_and_everything_still_points_to_its_own(store: Store, tmp_path: Path) -> None:
    file = await taken(store, HOME, tmp_path / "home.zip")
    await restoring.restore(store, ELSEWHERE, file, NOW)
    again = await taken(store, ELSEWHERE, tmp_path / "again.zip")
    by = {name: rows(again, name)[0]["id"] - rows(file, name)[0]["id"] for name in whole.TABLES if whole.numbered(name)}
    assert min(by.values()) >= ROWS
    for name in whole.TABLES:
        assert [moved(name, row, by) for row in rows(file, name)] == rows(again, name), name


def moved(name: str, row: Mapping[str, Any], by: Mapping[str, int]) -> dict[str, Any]:
    """A row as it must look in another server beside the first: ids of rows moved, ids of channels, roles and posts gone."""
    made = {column: value for column, value in row.items() if column not in whole.PLACES}
    targets = dict(whole._ids(name))
    for column in made:
        if column in targets:
            made[column] += by[targets[column]]
    if name == "checkin_version":
        made["fields"] = {**made["fields"], "partners": [each + by["chapter"] for each in made["fields"]["partners"]]}
    if name == "composition_sum":
        made["sources"] = {str(int(of) + by["chapter"]): each + by["composition"] for of, each in made["sources"].items()}
    return made


async def test_the_roles_and_channels_of_the_new_servers_own_set_up_stay(store: Store, tmp_path: Path) -> None:
    file = await taken(store, HOME, tmp_path / "home.zip")
    async with store.write() as c:
        await organisations.create(c, ELSEWHERE, NOW)
        await organisations.change(c, ELSEWHERE, {"coordinator_role": 7, "reports_channel": 8})
    restored = await restoring.restore(store, ELSEWHERE, file, NOW)
    async with store.read() as c:
        found = await organisations.find(c, ELSEWHERE)
    assert found is not None
    assert (found.coordinator_role, found.reports_channel, found.timezone) == (7, 8, "Europe/London")
    assert any("another server" in line.msgid for line in restored.lines())


async def test_an_archive_into_a_server_that_has_chapters_is_refused_and_nothing_changes(store: Store, tmp_path: Path) -> None:
    file, before = await taken(store, HOME, tmp_path / "home.zip"), await count(store)
    with pytest.raises(Refusal, match="has chapters or branches already"):
        await restoring.restore(store, HOME, file, NOW)
    assert await count(store) == before


def rewritten(file: Path, change: Callable[[dict[str, bytes]], None], *, proven: bool = True) -> Path:
    """The archive with something changed in it and, if `proven`, a manifest that vouches for what stands there now."""
    held = parts(file)
    original = held[MANIFEST]
    change(held)
    if proven and held.get(MANIFEST) == original:
        manifest = json.loads(original)
        for name, told in manifest["tables"].items():
            if member(name) in held:
                told["sha256"] = hashlib.sha256(held[member(name)]).hexdigest()
        held[MANIFEST] = json.dumps(manifest).encode()
    made = file.with_name("rewritten.zip")
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, written in held.items():
            opened.writestr(name, written)
    return made


def replacing(table: str, old: str, new: str) -> Callable[[dict[str, bytes]], None]:
    def change(held: dict[str, bytes]) -> None:
        assert old.encode() in held[member(table)]
        held[member(table)] = held[member(table)].replace(old.encode(), new.encode(), 1)

    return change


def in_manifest(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, bytes]], None]:
    def apply(held: dict[str, bytes]) -> None:
        manifest = json.loads(held[MANIFEST])
        change(manifest)
        held[MANIFEST] = json.dumps(manifest).encode()

    return apply


FORGED: Mapping[str, tuple[Callable[[dict[str, bytes]], None], str]] = {
    "newer version": (in_manifest(lambda told: told.update(version=2)), "newer Chapterhouse"),
    "unknown table": (in_manifest(lambda told: told["tables"].update(dance={"rows": 0, "columns": []})), "newer Chapterhouse"),
    "unknown column": (in_manifest(lambda told: told["tables"]["chapter"]["columns"].append("anthem")), "newer Chapterhouse"),
    "other kind": (in_manifest(lambda told: told.update(kind="diary")), "no archive of Chapterhouse"),
    "no manifest": (lambda held: held.pop(MANIFEST), "no archive of Chapterhouse"),
    "manifest that is no list": (lambda held: held.update({MANIFEST: b"[]"}), "no archive of Chapterhouse"),
    "manifest cut short": (lambda held: held.update({MANIFEST: held[MANIFEST][:50]}), "damaged"),
    "rows left out": (lambda held: held.update({member("admin"): b""}), "damaged"),
    "table left out": (lambda held: held.pop(member("admin")), "damaged"),
    "file too many": (lambda held: held.update({"../evil": b"x"}), "damaged"),
    "line without end": (lambda held: held.update({member("policy"): b'{"key": "' + b"a" * (2 << 20)}), "damaged"),
    "unknown kind of check-in": (replacing("checkin", '"kind":"meeting"', '"kind":"dancing"'), "damaged"),
    "unknown zone": (replacing("chapter", "Asia/Kolkata", "../../etc/passwd"), "damaged"),
    "day that is none": (replacing("composition", '"day":"2026-02-20"', '"day":"2026-02-30"'), "damaged"),
    "number instead of text": (replacing("branch", '"name":"', '"name":7,"x":"'), "damaged"),
    "id out of range": (replacing("admin", '"chapter_id":1,', '"chapter_id":-5,'), "damaged"),
    "id of nobody": (replacing("admin", '"chapter_id":1,', '"chapter_id":99999,'), "damaged"),
    "forged log id": (replacing("change", '"chapter_id":1,', '"chapter_id":true,'), "damaged"),
    "two of one name": (replacing("chapter", '"folded":"', '"folded":"x","y":"'), "damaged"),
    "moment without zone": (replacing("policy", "Z", ""), "damaged"),
}


@pytest.mark.parametrize("case", FORGED)
async def test_a_damaged_or_newer_archive_is_refused_in_one_sentence_and_nothing_is_stored(case: str, store: Store, tmp_path: Path) -> None:
    file, before = await taken(store, HOME, tmp_path / "home.zip"), await count(store)
    change, says = FORGED[case]
    with pytest.raises(Refusal, match=says):
        await restoring.restore(store, ELSEWHERE, rewritten(file, change), NOW)
    assert await count(store) == before


async def test_an_archive_that_was_cut_short_or_changed_on_its_way_is_refused(store: Store, tmp_path: Path) -> None:
    file = await taken(store, HOME, tmp_path / "home.zip")
    written, bad = file.read_bytes(), tmp_path / "bad.zip"
    with zipfile.ZipFile(file) as opened:
        places = [each.header_offset + 30 + len(each.filename) + each.compress_size // 2 for each in opened.infolist()]
    changed = [written[:place] + bytes([written[place] ^ 0xFF]) + written[place + 1 :] for place in places[::5]]
    for broken in (b"", written[:1000], written[:-1], *changed):
        bad.write_bytes(broken)
        with pytest.raises(Refusal, match="damaged"):
            await restoring.restore(store, ELSEWHERE, bad, NOW)
    async with store.read() as c:
        assert await organisations.find(c, ELSEWHERE) is None


async def test_a_changed_word_is_noticed_by_its_sum(store: Store, tmp_path: Path) -> None:
    file = rewritten(await taken(store, HOME, tmp_path / "home.zip"), replacing("goal_revision", "zero", "hero"), proven=False)
    with pytest.raises(Refusal, match="damaged"):
        await restoring.restore(store, ELSEWHERE, file, NOW)


async def test_an_archive_that_would_unpack_to_far_too_much_is_refused_unread(store: Store, tmp_path: Path) -> None:
    line = b'{"key":"a","value":1}\n'
    bomb = rewritten(
        await taken(store, HOME, tmp_path / "home.zip"), lambda held: held.update({member("policy"): line * (12_000_000 // len(line))})
    )
    assert bomb.stat().st_size < 200_000
    with pytest.raises(Refusal, match="unpacks to far more"):
        await restoring.restore(store, ELSEWHERE, bomb, NOW)


async def test_nothing_is_exported_of_a_server_that_is_not_known(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="knows no server"):
        await taken(store, ELSEWHERE, tmp_path / "home.zip")
    assert list(tmp_path.glob("*zip*")) == []


# What coordinators get


async def test_an_archive_for_coordinators_holds_no_hidden_chapter_private_note_small_count_or_dues(store: Store, tmp_path: Path) -> None:
    async with store.write() as c:
        hidden = (await c.scalars(select(chapter.c.id).order_by(chapter.c.id))).all()[3]
        await c.execute(update(chapter).where(chapter.c.id == hidden).values(visibility="hidden", name="Secret Cell"))
        words = {"private_note": "we are afraid", "dues": "declined", "hard": "the room"}
        await c.execute(update(report_part).where(report_part.c.part == "words").values(answers=words))
    file = await taken(store, HOME, tmp_path / "part.zip", everything=False)
    everything = b"".join(parts(file).values()).decode()
    assert "Secret Cell" not in everything
    assert "we are afraid" not in everything
    assert "declined" not in {row["answers"].get("dues") for row in rows(file, "report_part")}
    assert "the room" in everything
    assert not [row for row in rows(file, "standing_fact") if row["key"] == "dues"]
    assert all(min(row["counts"].values()) > 4 and row["method"] == "" for row in rows(file, "composition"))
    assert "summary" not in json.loads(parts(file)[MANIFEST])["tables"]
    for name in whole.TABLES:
        if member(name) in parts(file) and "chapter_id" in metadata.tables[name].c:
            assert hidden not in {row.get("chapter_id") for row in rows(file, name)}, name
    assert hidden not in {each for row in rows(file, "checkin_version") for each in row["fields"]["partners"]}
    assert str(hidden) not in {of for row in rows(file, "composition_sum") for of in row["sources"]}
    assert json.loads(parts(file)[MANIFEST])["left_out"] == list(archive.LEFT_OUT)


async def test_what_coordinators_got_can_be_restored_and_says_what_is_missing(store: Store, tmp_path: Path) -> None:
    async with store.write() as c:
        await c.execute(update(chapter).where(chapter.c.id == 3).values(visibility="hidden"))
    file = await taken(store, HOME, tmp_path / "part.zip", everything=False)
    restored = await restoring.restore(store, ELSEWHERE, file, NOW)
    assert not restored.complete
    assert any("private notes" in line.msgid for line in restored.lines())
    async with store.read() as c:
        assert await whole.count(c, ELSEWHERE, "summary") == await whole.count(c, ELSEWHERE, "chapter") == ROWS - 1
