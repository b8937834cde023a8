"""Names that are typed in part or spelt a little differently, and which chapters are offered for them."""

import pytest
from sqlalchemy import update

from bot.domain.chapters import Visibility, fold
from bot.domain.rights import Caller
from bot.services import access, options, spelling
from db import chapters, organisations, people
from db.store import Store
from db.tables import chapter
from tests.conftest import Statements
from tests.services.growing import FOUNDED, GUILD, noon

NOW = noon(FOUNDED)
MO, ANA = Caller(5, GUILD), Caller(20, GUILD)
TOWNS = ("London", "Londonderry", "Lund", "Lugdunum", "São Paulo", "Łódź", "Belém", "Stoke-on-Trent", "New York", "Newcastle", "Leeds")


async def offered(store: Store, typed: str, caller: Caller = MO) -> list[str]:
    return await options.chapters(store, caller, typed, NOW)


async def add(store: Store, *names: str) -> None:
    async with store.write() as c:
        await organisations.create(c, GUILD, NOW)
        await chapters.add_many(c, GUILD, [{"name": name, "timezone": "UTC", "added_on": FOUNDED} for name in names], NOW, None)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("lon", ["London", "Londonderry"]),
        ("LONDON", ["London", "Londonderry"]),
        ("sao", ["São Paulo"]),
        ("São P", ["São Paulo"]),
        ("paulo", ["São Paulo"]),
        ("lodz", ["Łódź"]),
        ("trent", ["Stoke-on-Trent"]),
        ("yor", ["New York"]),
        ("ew", ["New York", "Newcastle"]),
        ("on", ["Stoke-on-Trent", "London", "Londonderry"]),
    ],
)
async def test_a_name_is_offered_by_its_start_by_a_word_of_it_and_by_a_part_in_this_order(
    store: Store, typed: str, expected: list[str]
) -> None:
    await add(store, *TOWNS)
    assert await offered(store, typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("londn", ["London"]),
        ("lonodn", ["London"]),
        ("pondon", ["London"]),
        ("sao palo", ["São Paulo"]),
        ("palo", ["São Paulo"]),
        ("newcsa", ["Newcastle"]),
        ("stoke on trent", ["Stoke-on-Trent"]),
        ("Leedz", ["Leeds"]),
        ("xqzzw", []),
        ("xq", []),
        ("😀" * 5000, []),
        ("", sorted(TOWNS, key=fold)),
    ],
)
async def test_where_nothing_holds_what_is_typed_the_nearest_spelling_is_offered_if_it_is_near_enough(
    store: Store, typed: str, expected: list[str]
) -> None:
    await add(store, *TOWNS)
    assert await offered(store, typed) == expected


def test_names_that_begin_alike_are_meant_sooner() -> None:
    assert spelling.nearest("Lundon", TOWNS, 3) == ["London", "Lund", "Lugdunum"]
    assert spelling.nearest("Leedz", ["Łódź", "Belém"], 3) == []
    assert spelling.nearest("Lords", ["Fords", "Lorde"], 3) == ["Lorde", "Fords"]


async def test_a_chapter_that_nobody_could_mean_is_answered_with_where_all_of_them_are(store: Store) -> None:
    await add(store, "Łódź", "Belém")
    async with store.read() as c:
        with pytest.raises(access.Refusal) as refused:
            await access.named(c, MO, "Leedz")
    assert refused.value.reason.msgid == "There is no chapter “{name}” here. /chapter list shows those that are."


async def test_a_hidden_chapter_is_offered_to_its_own_people_only_and_an_archived_one_to_nobody(store: Store) -> None:
    await add(store, "London", "Londinium", "Lonely")
    async with store.write() as c:
        hidden = (await chapters.ids_of(c, GUILD, ["londinium"]))["londinium"]
        await chapters.change(c, GUILD, hidden, visibility=Visibility.HIDDEN.value)
        await people.add_admin(c, GUILD, hidden, ANA.user_id, NOW)
        await c.execute(update(chapter).where(chapter.c.folded == "lonely").values(archived_at=NOW))
    for typed in ("lon", "ondi", "lodninium", "lonley"):
        assert "Londinium" not in await offered(store, typed)
        assert "Lonely" not in await offered(store, typed, ANA)
    assert await offered(store, "lon", ANA) == ["Londinium", "London"]
    assert await offered(store, "ondi", ANA) == ["Londinium"]
    assert await offered(store, "lodninium", ANA) == ["Londinium"]


async def test_hidden_chapters_take_nobodys_place_among_what_is_offered(store: Store) -> None:
    await add(store, *(f"Old Town {n}" for n in range(150)), "Old Town Z")
    async with store.write() as c:
        await c.execute(update(chapter).where(chapter.c.folded != "old town z").values(visibility=Visibility.HIDDEN.value))
    assert await offered(store, "town") == ["Old Town Z"]
    assert await offered(store, "old twon") == ["Old Town Z"]


async def test_at_most_25_are_offered_and_a_few_indexed_reads_find_them(store: Store, statements: Statements) -> None:
    await add(store, *(f"Town {n}" for n in range(300)))
    for typed, reads in (("", 1), ("town", 1), ("own", 3), ("twon 12", 3), ("xqzzw", 2)):
        statements.clear()
        assert len(await offered(store, typed)) == (0 if typed == "xqzzw" else 25)
        assert len(statements) == reads
        assert not [plan for plan in await statements.plans(store) if "SCAN" in plan]


async def test_a_chapter_that_is_renamed_or_new_is_found_at_the_next_letter(store: Store) -> None:
    await add(store, "London")
    assert await offered(store, "leedz") == []
    async with store.write() as c:
        await c.execute(update(chapter).values(name="Leeds", folded="leeds"))
    assert await offered(store, "leedz") == ["Leeds"]
    assert await offered(store, "londn") == []


def test_few_names_are_matched_the_same_way() -> None:
    assert spelling.matching("fri", ["Africa", "Friends", "Nordic friends"], 9) == ["Friends", "Nordic friends", "Africa"]
    assert spelling.matching("Brasil", ["Brazil"], 9) == ["Brazil"]
    assert spelling.nearest("Lundon", ["Europe/London", "Europe/Lisbon"], 3) == ["Europe/London"]
    assert spelling.nearest("sao", ["America/Sao_Paulo"], 3) == ["America/Sao_Paulo"]
