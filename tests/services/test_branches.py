"""Branches: adding and changing them, and what their list shows to whom."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.domain.chapters import State
from bot.domain.refusal import Refusal
from bot.domain.rights import Caller
from bot.locales import plain
from bot.services import branches, gatherings, places
from bot.services.branches import BranchPage, Edited, Given
from bot.services.facts import Key
from db import chapters
from db.facts import Fact
from db.store import Store
from db.tables import change
from tests.conftest import Statements
from tests.services.growing import ADMIN, GUILD, Growing, admin, cora, mo, noon

TODAY = date(2026, 11, 22)


@pytest.fixture
async def town(store: Store) -> Growing:
    """An organisation without chapters."""
    growing = Growing(store)
    await growing.set_up()
    return growing


async def refusal(awaited: object) -> str:
    """The words with which something is refused."""
    with pytest.raises(Refusal) as refused:
        await awaited  # type: ignore[misc]
    return plain(refused.value.reason, "en")


async def edited(town: Growing, branch: str, on: date = TODAY, **given: str) -> Edited:
    """What Cora is told who changes a branch."""
    return await branches.edit(town.store, cora, branch, Given(**given), noon(on))


async def listed(town: Growing, caller: Caller = mo, page: int = 0) -> BranchPage:
    """A page of the list."""
    return await branches.listed(town.store, caller, page)


async def logged(town: Growing) -> list[tuple[str, list[str]]]:
    """Kinds and fields of the open log's lines about branches."""
    async with town.store.read() as c:
        rows = await c.execute(select(change.c.kind, change.c.fields).where(change.c.branch_id.isnot(None)).order_by(change.c.id))
        return [(row.kind, row.fields) for row in rows]


# Adding


@pytest.mark.parametrize(
    ("country", "given", "code", "name", "currency"),
    [
        ("UK", Given(), "GB", "United Kingdom", "GBP"),
        ("Türkiye", Given(), "TR", "Türkiye", "TRY"),
        ("deutschland", Given(name="Germany & friends"), "DE", "Germany & friends", "EUR"),
        ("Kosovo", Given(currency="usd"), "XK", "Kosovo", "USD"),
        ("Switzerland", Given(currency="EUR (Euro)"), "CH", "Switzerland", "EUR"),
        ("Antarctica", Given(), "AQ", "Antarctica", None),
    ],
)
async def test_a_branch_is_called_like_its_country_and_pays_with_its_currency(
    town: Growing, country: str, given: Given, code: str, name: str, currency: str | None
) -> None:
    added = (await branches.add(town.store, cora, country, given, noon(TODAY))).branch
    assert (added.country, added.name, added.currency) == (code, name, currency)
    async with town.store.read() as c:
        assert await chapters.branches(c, GUILD) == [added]
    assert await logged(town) == [("branch.add", ["country", "currency", "name"])]


async def test_a_name_that_another_branch_has_taken_gets_its_country_behind_it(town: Growing) -> None:
    await branches.add(town.store, cora, "ES", Given(name="Portugal"), noon(TODAY))
    added = await branches.add(town.store, cora, "Portugal", Given(), noon(TODAY))
    assert (added.branch.name, added.country) == ("Portugal (PT)", "Portugal")


async def test_what_cannot_be_added_is_refused(town: Growing) -> None:
    await branches.add(town.store, cora, "Spain", Given(), noon(TODAY))
    for country, given, said in (
        ("España", Given(), "This country has a branch already: Spain. Change it with /branch edit."),
        ("Lundon", Given(), "There is no country “Lundon”. Write its name"),
        ("France", Given(name="SPAIN "), "There is a branch Spain already. Choose another name."),
        ("France", Given(name="France, north"), "The branch's name cannot have a comma"),
        ("France", Given(name="x" * 61), "The branch's name is 1 character too long"),
        ("France", Given(name="😀" * 50), "The branch's name needs at least one letter or digit."),
        ("France", Given(currency="FRF"), "There is no currency “FRF”. Did you mean "),
        ("France", Given(currency="money"), "There is no currency “money”. Write its three letters"),
        ("😀" * 5000, Given(), "There is no country "),
    ):
        assert (await refusal(branches.add(town.store, cora, country, given, noon(TODAY)))).startswith(said)
    for caller in (mo, admin):
        assert (
            await refusal(branches.add(town.store, caller, "France", Given(), noon(TODAY)))
            == "Only coordinators can do this. Ask one of them."
        )
        assert "Only coordinators" in await refusal(branches.edit(town.store, caller, "Spain", Given(name="x"), noon(TODAY)))
    assert [entry.branch.name for entry in (await listed(town)).entries] == ["Spain"]


# Changing


async def test_a_branch_is_found_by_its_name_or_its_country_and_its_own_name_goes_first(town: Growing) -> None:
    await branches.add(town.store, cora, "Spain", Given(name="Iberia"), noon(TODAY))
    await branches.add(town.store, cora, "Portugal", Given(name="Spain"), noon(TODAY))
    assert [(await edited(town, wanted)).after.country for wanted in ("iberia", "spain", "España", "es", "pt")] == [
        "ES",
        "PT",
        "ES",
        "ES",
        "PT",
    ]
    assert await refusal(edited(town, "Spian")) == "There is no branch “Spian” here. Did you mean Spain?"


async def test_what_changed_is_told_from_what_to_what_and_the_same_again_changes_nothing(town: Growing) -> None:
    await branches.add(town.store, cora, "Spain", Given(), noon(TODAY))
    done = await edited(town, "Spain", name=" Iberia ", currency="usd")
    assert (done.before.name, done.after.name, done.before.currency, done.after.currency) == ("Spain", "Iberia", "EUR", "USD")
    for given in ({"name": "Iberia"}, {"currency": "USD"}, {}):
        again = await edited(town, "iberia", **given)
        assert (again.before, again.facts) == (again.after, again.facts_before)
    assert (await edited(town, "iberia", name="IBERIA")).after.name == "IBERIA"
    assert await logged(town) == [
        ("branch.add", ["country", "currency", "name"]),
        ("branch.edit", ["currency", "name"]),
        ("branch.edit", ["name"]),
    ]


async def test_a_standing_fact_said_again_is_confirmed_again_once_a_day_and_counts_for_a_year(town: Growing) -> None:
    await branches.add(town.store, cora, "Spain", Given(), noon(TODAY))
    await town.adopts("dues_bodies", TODAY)
    done = await edited(town, "Spain", money="bank_account", dues="collecting")
    assert done.facts == {Key.MONEY: Fact("bank_account", TODAY), Key.DUES: Fact("collecting", TODAY)}
    assert done.confirmed(Key.MONEY)
    assert not (await edited(town, "Spain", money="bank_account")).confirmed(Key.MONEY)
    assert (await town.measure("dues_bodies", TODAY)).value == 1
    a_year_later = TODAY + timedelta(days=364)
    assert (await town.measure("dues_bodies", a_year_later)).value == 1
    assert (await town.measure("dues_bodies", a_year_later + timedelta(days=1))).value is None
    later = await edited(town, "Spain", a_year_later, money="bank_account", dues="collecting")
    assert (later.confirmed(Key.DUES), later.facts[Key.DUES]) == (True, Fact("collecting", a_year_later))
    assert (await town.measure("dues_bodies", a_year_later + timedelta(days=1))).value == 1
    assert await town.measure("dues_bodies", a_year_later, TODAY) == await town.measure("dues_bodies", TODAY)
    assert [line for line in await logged(town) if line[0] == "fact.confirm"] == [("fact.confirm", [key]) for key in ("money", "dues")] * 2


async def test_an_answer_that_is_none_of_those_offered_is_refused_and_nothing_is_stored(town: Growing) -> None:
    await branches.add(town.store, cora, "Spain", Given(), noon(TODAY))
    assert await refusal(edited(town, "Spain", name="Iberia", dues="rich")) == "Choose one of the answers that are offered."
    assert (await edited(town, "Spain")).after.name == "Spain"


# The list


async def test_the_list_tells_chapters_currency_and_the_newest_gathering_that_counts(town: Growing) -> None:
    made = await town.branch("GB")
    await town.branch("PT")
    for name in ("London", "Leeds", "York"):
        await town.chapter(name, branch_id=made)
    await town.becomes(3, State.RESTING, TODAY, TODAY + timedelta(days=9))
    gone = await town.chapter("Gone", branch_id=made)
    await town.becomes(gone, State.ARCHIVED, TODAY)
    counts = await town.gathers(made, date(2026, 5, 2), "London", "Leeds")
    for chapter_id in (1, 2):
        await gatherings.answer(town.store, admin, counts, chapter_id, noon(TODAY), took_part=True)
    waits = await town.gathers(made, date(2026, 11, 7), "London", "Leeds", "York")
    await gatherings.answer(town.store, admin, waits, 3, noon(TODAY), took_part=True)
    older = await town.gathers(made, date(2026, 4, 7), "London", "Leeds")
    withdrawn = await town.gathers(made, date(2026, 11, 8), "London", "Leeds")
    await gatherings.withdraw(town.store, cora, withdrawn, noon(TODAY))
    assert older
    page = await listed(town)
    britain, portugal = page.entries
    assert (britain.branch.name, britain.country, britain.chapters, britain.gathered_on) == ("GB", "United Kingdom", 3, date(2026, 5, 2))
    assert britain.waiting is not None
    assert (britain.waiting.day, britain.waiting.confirmed, britain.waiting.asked) == (date(2026, 11, 7), 1, 3)
    assert (portugal.chapters, portugal.gathered_on, portugal.waiting) == (0, None, None)
    assert not page.may_change
    assert (await listed(town, cora)).may_change


@pytest.mark.parametrize(("named", "hidden", "told", "own"), [(0, 2, 0, 2), (1, 1, 1, 2), (2, 1, 3, 3), (0, 3, 3, 3), (2, 0, 2, 2)])
async def test_hidden_chapters_are_counted_only_in_sums_over_at_least_three(
    town: Growing, named: int, hidden: int, told: int, own: int
) -> None:
    made = await town.branch("GB")
    for n in range(named + hidden):
        chapter_id = await town.chapter(f"Town {n}", branch_id=made)
        if n >= named:
            await town.hides(chapter_id)
    assert [(await listed(town, caller)).entries[0].chapters for caller in (mo, cora, Caller(ADMIN, GUILD))] == [told, told, own]


async def test_what_a_chapter_said_that_has_hidden_itself_since_is_not_told(town: Growing) -> None:
    made = await town.branch("GB")
    for name in ("London", "Leeds", "York"):
        await town.chapter(name, branch_id=made)
    waits = await town.gathers(made, date(2026, 11, 7), "London", "Leeds", "York")
    await gatherings.answer(town.store, admin, waits, 3, noon(TODAY), took_part=True)
    await town.hides(3)
    waiting = (await listed(town)).entries[0].waiting
    assert waiting is not None
    assert (waiting.confirmed, waiting.asked) == (0, 2)
    await gatherings.answer(town.store, admin, waits, 1, noon(TODAY), took_part=True)
    assert (await listed(town)).entries[0].gathered_on == date(2026, 11, 7)


async def test_a_page_holds_ten_by_name_and_past_the_end_is_the_last(town: Growing) -> None:
    for country in ("Åland Islands", "Albania", "Zambia", "Bhutan", "Chad", "Denmark", "Egypt", "Fiji", "Gabon", "Haiti", "India"):
        await branches.add(town.store, cora, country, Given(), noon(TODAY))
    first, last = await listed(town), await listed(town, page=2**62)
    assert [entry.branch.name for entry in first.entries[:3]] == ["Åland Islands", "Albania", "Bhutan"]
    assert [entry.branch.name for entry in last.entries] == ["Zambia"]
    assert (first.page, last.page, last.pages, last.total) == (0, 1, 2, 11)


async def test_another_servers_branches_are_never_shown(town: Growing, store: Store) -> None:
    await town.branch("GB")
    with pytest.raises(Refusal):
        await branches.listed(store, Caller(ADMIN, 2), 0)


async def test_the_list_asks_as_much_of_the_database_for_ten_branches_as_for_one(town: Growing, statements: Statements) -> None:
    sizes = []
    for country in ("GB", "PT", "FR", "ES"):
        await town.chapter(f"Town of {country}", branch_id=await town.branch(country))
        statements.clear()
        await listed(town)
        sizes.append(len(statements))
    assert len(set(sizes)) == 1


# What is offered


async def test_currencies_and_countries_are_offered_by_code_and_name(town: Growing) -> None:
    await branches.add(town.store, cora, "Spain", Given(), noon(TODAY))
    assert (await branches.currencies(town.store, cora, "eur", noon(TODAY)))[0] == "EUR (Euro)"
    assert await branches.currencies(town.store, cora, "Zloty", noon(TODAY)) == ["PLN (Polish Zloty)"]
    assert len(await branches.currencies(town.store, cora, "", noon(TODAY))) == 25
    assert await branches.new_countries(town.store, cora, "spa", noon(TODAY)) == []
    assert await branches.new_countries(town.store, cora, "portu", noon(TODAY)) == ["Portugal"]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("eur", "EUR"),
        (" GBP ", "GBP"),
        ("EUR (Euro)", "EUR"),
        ("British pound", "GBP"),
        ("złoty polski", "PLN"),
        ("DEM", None),
        ("EURO!", None),
        ("", None),
    ],
)
def test_a_currency_is_known_by_code_or_name_while_it_is_in_use(written: str, code: str | None) -> None:
    assert places.currency_meant(written, "pl", TODAY) == code
