"""Branches as people meet them: their list, adding and changing one, and a gathering from its record to /progress."""

import pytest
from simcord.results import InteractionResult

from bot.locales.pseudo import everywhere
from bot.services import goals
from db import chapters
from tests.flows.rig import ADDED, Server

COORDINATORS_ONLY = "Only coordinators can do this. Ask one of them."
HOSTILE = "**[x](https://e.example)** @everyone <@1> \u202eolleh"


async def britain(server: Server) -> None:
    """The branch of the United Kingdom with London and Leeds, and a goal that counts gatherings."""
    await server.slash(server.cora, "branch add", country="UK")
    async with server.store.write() as c:
        branch = (await chapters.branches(c, server.guild.id))[0]
        for chapter_id in server.chapters.values():
            await chapters.change(c, server.guild.id, chapter_id, branch_id=branch.id)
        await goals.create_first_goals(c, server.guild.id, ADDED.date(), ADDED, server.cora.id)


async def gathered(server: Server, **options: object) -> InteractionResult:
    """What Cora is answered who records a gathering."""
    given = {"branch": "United Kingdom", "date": "2026-10-17", "chapters": "London, Leeds"} | options
    answer = await server.slash(server.cora, "branch gathering", **given)
    await server.run_due()
    return answer


# A gathering, all the way


async def test_a_gathering_goes_from_its_record_over_two_yeses_to_progress(server: Server) -> None:
    await britain(server)
    recorded = await gathered(server, people=60, delegates=12)
    assert recorded.ephemeral
    said = server.text_of(recorded)
    assert "Gathering of United Kingdom, 17 October 2026" in said
    assert "Stored. These chapters are asked whether they took part: London and Leeds." in said
    assert "60 people, 12 delegates" in said
    assert "0 of 2 chapters have confirmed it so far. It counts from 2 on." in said
    assert "@Ana, did you take part?" in server.text_of(server.last(server.london))
    await server.restart()
    await server.press(server.ana, server.last(server.london), "Yes, we took part")
    assert "1 of 2 chapters have confirmed it so far." in server.text_of(await server.press(server.cora, recorded, "Look again"))
    waiting = server.text_of(await server.slash(server.mo, "branch list"))
    assert "A gathering on 17 October 2026 is waiting: 1 of 2 chapters have confirmed it, and it counts from 2 on." in waiting
    assert "Branches that gathered**: 0 of 5" in server.text_of(await server.slash(server.mo, "progress"))
    await server.press(server.lea, server.last(server.leeds), "Yes, we took part")
    assert "Branches that gathered**: 1 of 5" in server.text_of(await server.slash(server.mo, "progress"))
    assert "Newest gathering: 17 October 2026" in server.text_of(await server.slash(server.mo, "branch list"))
    await server.restart()
    assert "It counts: enough of its chapters have confirmed it." in server.text_of(await server.press(server.cora, recorded, "Look again"))


async def test_a_chapter_without_a_channel_is_asked_by_direct_message(server: Server) -> None:
    await britain(server)
    async with server.store.write() as c:
        await chapters.change(c, server.guild.id, server.chapters["London"], channel_id=None)
    await gathered(server)
    asked = server.last(server.ana)
    assert "@Ana, did you take part?" in server.text_of(asked)
    await server.press(server.ana, asked, "Not us")
    assert "@Ana said that London did not take part." in server.text_of(server.last(server.ana))


async def test_the_same_form_delivered_twice_is_stored_and_asked_once(server: Server) -> None:
    await britain(server)
    await gathered(server)
    await server.deliver_again()
    await server.run_due()
    assert len(server.messages(server.leeds)) == 1
    assert "This is recorded already, and nothing changed." in server.text_of(await gathered(server))


async def test_a_mistaken_gathering_is_withdrawn_after_a_second_look(server: Server) -> None:
    await britain(server)
    recorded = await gathered(server)
    asks = await server.press(server.cora, recorded, "Withdraw")
    await server.restart()
    kept = await server.press(server.cora, asks, "Leave it")
    assert "0 of 2 chapters" in server.text_of(kept)
    asks = await server.press(server.cora, kept, "Withdraw")
    assert "It is withdrawn and counts for nothing." in server.text_of(await server.press(server.cora, asks, "Yes, withdraw it"))
    late = await server.press(server.lea, server.last(server.leeds), "Yes, we took part")
    assert "This gathering is not recorded any more." in server.text_of(late)
    assert "This gathering is not recorded any more." in server.text_of(await server.send(server.cora, "ga.look:1"))
    assert "waits" not in server.text_of(await server.slash(server.mo, "branch list"))


async def test_only_coordinators_record_look_and_withdraw(server: Server) -> None:
    await britain(server)
    await gathered(server)
    refused = await server.slash(server.ana, "branch gathering", branch="UK", date="today", chapters="London, Leeds")
    assert refused.ephemeral
    assert server.text_of(refused) == COORDINATORS_ONLY
    for address in ("ga.look:1", "ga.drop:1", "ga.gone:1"):
        for person in (server.ana, server.mo, server.fay):
            assert server.text_of(await server.send(person, address)) == COORDINATORS_ONLY


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"branch": "Spain"}, "There is no branch “Spain” here. /branch list shows those that are."),
        ({"date": "2027-01-01"}, "The day can be from"),
        ({"date": "some day"}, "“some day” is not a day that I can read."),
        ({"chapters": "London"}, "Name at least 2 chapters that took part"),
        ({"chapters": "London, Lundon"}, "There is no chapter “Lundon”. Did you mean London?"),
        ({"chapters": "London, Porto"}, "Porto is not a chapter of United Kingdom."),
        ({"chapters": "London, Secret"}, "There is no chapter “Secret” here. /chapter list shows those that are."),
        ({"chapters": "😀" * 3000}, "There is no chapter"),
    ],
)
async def test_what_cannot_be_recorded_is_refused_to_the_asker_only(server: Server, options: dict[str, str], said: str) -> None:
    await britain(server)
    await server.add_chapter("Porto")
    await server.add_chapter("Secret", visibility="hidden", branch_id=1)
    refused = await gathered(server, **options)
    assert refused.ephemeral
    assert said in server.text_of(refused)
    assert server.messages(server.leeds) == []


async def test_chapters_of_the_chosen_branch_are_offered_one_after_another(server: Server) -> None:
    await britain(server)
    await server.add_chapter("Lisboa")
    await server.add_chapter("Secret", visibility="hidden", branch_id=1)
    assert await server.suggest(server.cora, "branch gathering", "chapters", "", branch="UK", date="today") == ["Leeds", "London"]
    assert await server.suggest(server.cora, "branch gathering", "chapters", "London, le", branch="UK", date="today") == ["London, Leeds"]
    assert await server.suggest(server.cora, "branch gathering", "chapters", "l", branch="Nowhere", date="today") == []
    assert await server.suggest(server.cora, "branch gathering", "branch", "king") == ["United Kingdom"]
    assert "2026-10-19" in await server.suggest(server.cora, "branch gathering", "date", "2026")


# Adding and changing


async def test_a_coordinator_adds_a_branch_and_changes_it(server: Server) -> None:
    added = await server.slash(server.cora, "branch add", country="Brasil", currency="USD (US Dollar)")
    assert added.ephemeral
    said = server.text_of(added)
    assert "Brazil is added" in said
    assert "Currency: USD" in said
    changed = server.text_of(
        await server.slash(server.cora, "branch edit", branch="br", name="Brasil", currency="brl", money="cash_box", dues="agreed")
    )
    assert "Brasil is changed" in changed
    assert "Name: Brazil → Brasil" in changed
    assert "Currency: USD → BRL" in changed
    assert "A way to hold money: not known → Cash box" in changed
    assert "Dues: not known → Agreed, not collecting yet" in changed
    same = server.text_of(await server.slash(server.cora, "branch edit", branch="Brasil", currency="BRL", dues="agreed"))
    assert "Brasil: nothing changed" in same
    assert "Dues: Agreed, not collecting yet, confirmed on 20 October 2026" in same
    await server.advance(days=1)
    again = server.text_of(await server.slash(server.cora, "branch edit", branch="Brasil", dues="agreed", money="bank_account"))
    assert "Dues: Agreed, not collecting yet, confirmed again" in again
    assert "A way to hold money: Cash box → Bank account" in again


@pytest.mark.parametrize(
    ("command", "options", "said"),
    [
        ("branch add", {"country": "Lundon"}, "There is no country “Lundon”. Write its name"),
        ("branch add", {"country": "Great Britain"}, "This country has a branch already: United Kingdom. Change it with /branch edit."),
        ("branch add", {"country": "France", "name": "united kingdom"}, "There is a branch United Kingdom already."),
        ("branch add", {"country": "France", "currency": "pebbles"}, "There is no currency “pebbles”. Write its three letters"),
        ("branch edit", {"branch": "France"}, "There is no branch “France” here. /branch list shows those that are."),
        ("branch edit", {"branch": "UK", "name": "a, b"}, "The branch's name cannot have a comma or a line break"),
        ("branch edit", {"branch": "UK", "currency": "😀" * 2000}, "There is no currency"),
    ],
)
async def test_what_cannot_be_is_refused_to_the_asker_only(server: Server, command: str, options: dict[str, str], said: str) -> None:
    await britain(server)
    refused = await server.slash(server.cora, command, **options)
    assert refused.ephemeral
    assert said in server.text_of(refused)


async def test_who_is_no_coordinator_is_told_who_is_asked(server: Server) -> None:
    await britain(server)
    for person in (server.ana, server.fay, server.mo, server.mia):
        for command, options in (("branch add", {"country": "France"}), ("branch edit", {"branch": "UK", "name": "x"})):
            refused = await server.slash(person, command, **options)
            assert refused.ephemeral
            assert server.text_of(refused) == COORDINATORS_ONLY


async def test_countries_and_currencies_are_offered(server: Server) -> None:
    await britain(server)
    assert await server.suggest(server.cora, "branch add", "country", "united k") == []
    assert "France" in await server.suggest(server.cora, "branch add", "country", "fran")
    assert await server.suggest(server.cora, "branch add", "currency", "zloty", country="PL") == ["PLN (Polish Zloty)"]
    assert "GBP (British Pound)" in await server.suggest(server.cora, "branch edit", "currency", "pound", branch="UK")
    assert await server.suggest(server.cora, "branch edit", "branch", "") == ["United Kingdom"]


# The list


async def test_everybody_sees_the_list_and_the_chapters_behind_it_after_a_restart_too(server: Server) -> None:
    await britain(server)
    shown = await server.slash(server.mo, "branch list")
    assert shown.ephemeral
    assert "1 branch" in server.text_of(shown)
    assert "United Kingdom** · 2 chapters, GBP" in server.text_of(shown)
    assert "/branch edit" not in server.text_of(shown)
    assert "To change one: /branch edit." in server.text_of(await server.slash(server.cora, "branch list"))
    await server.restart()
    behind = await server.choose(server.mo, shown, "See the chapters of", "United Kingdom")
    assert "London" in server.text_of(behind)


async def test_its_pages_are_turned_after_a_restart_too(server: Server) -> None:
    countries = ("Albania", "Bhutan", "Chad", "Denmark", "Egypt", "Fiji", "Gabon", "Haiti", "India", "Japan", "Kenya")
    async with server.store.write() as c:
        for n, name in enumerate(countries):
            await chapters.add_branch(c, server.guild.id, f"{n:02}", name)
    first = await server.slash(server.mo, "branch list")
    assert "Kenya" not in server.text_of(first)
    await server.restart()
    second = await server.press(server.mo, first, "Next page")
    assert "Page 2 of 2." in server.text_of(second)
    assert "Kenya" in server.text_of(second)
    assert "Albania" in server.text_of(await server.press(server.mo, second, "Previous page"))


async def test_without_branches_it_says_how_they_come(server: Server) -> None:
    assert "There are no branches yet." in server.text_of(await server.slash(server.mo, "branch list"))
    assert "not set up here yet" in server.text_of(await server.slash(server.eve, "branch list"))


async def test_a_hidden_chapter_is_not_counted_where_it_could_be_told(server: Server) -> None:
    await britain(server)
    await server.slash(server.cora, "branch add", country="France")
    france = 2
    await server.add_chapter("Paris", branch_id=france)
    await server.add_chapter("Secret", server.lea, branch_id=france, visibility="hidden")
    assert "France** · 1 chapter, EUR" in server.text_of(await server.slash(server.mo, "branch list"))
    assert "France** · 2 chapters, EUR" in server.text_of(await server.slash(server.lea, "branch list"))


async def test_a_hostile_name_stays_plain_words_and_raw_payloads_get_a_sentence(server: Server) -> None:
    await britain(server)
    answer = await server.slash(server.cora, "branch edit", branch="UK", name=HOSTILE)
    for shown in (answer, await server.slash(server.mo, "branch list"), await gathered(server, branch="UK")):
        said = "\n".join(part["content"] for part in server.parts(shown) if "content" in part)
        assert "[x](https" not in said
        assert "@everyone" not in said
    for address in ("br.page:-1", "br.page:99999999999", "br.open", "ga.look:77", "ga.gone:0"):
        sent = await server.send(server.cora, address)
        assert "reference" not in server.text_of(sent)


async def test_every_word_of_it_can_be_translated(server: Server) -> None:
    await britain(server)
    await gathered(server, people=1, delegates=0)
    with everywhere():
        own = ("United Kingdom", "GBP", "EUR", "France", "Frankreich")
        for shown in (
            await server.slash(server.mo, "branch list"),
            await server.slash(server.cora, "branch list"),
            await server.slash(server.cora, "branch add", country="France"),
            await server.slash(server.cora, "branch edit", branch="UK", name="GBP", currency="EUR", money="none", dues="declined"),
            await server.slash(server.cora, "branch edit", branch="UK"),
            await server.send(server.cora, "ga.look:1"),
            await server.send(server.cora, "ga.drop:1"),
            await gathered(server, branch="UK", date="2026-10-18"),
            await server.send(server.cora, "ga.gone:1"),
        ):
            server.assert_translated(shown, *own)
