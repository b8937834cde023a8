"""The open log as people read it: who changed what, and nothing of what they wrote."""

from datetime import timedelta

import pytest

from bot.domain.changes import Kind, Topic, of_topic
from bot.domain.chapters import State, Visibility
from bot.domain.rights import Caller
from bot.services import log
from cogs.cards.log import FIELDS, TOPICS, WORDS
from db import changes, chapters, summaries
from db.tables import change
from tests.conftest import Statements
from tests.flows.rig import Server


async def test_every_member_reads_who_changed_what_and_nothing_of_what_they_wrote(server: Server) -> None:
    await server.slash(server.ana, "checkin", kind="meeting", people=14, note="a secret plan")
    await server.slash(server.cora, "goal add", metric="delegates", target=5)
    answer = await server.slash(server.mo, "log")
    assert answer.ephemeral
    said = server.text_of(answer)
    assert "<20 October 2026 13:00> · @Ana checked in for London (day, kind, note, people)" in said
    assert "@Cora adopted the goal Chapters with a delegate (deadline, target)" in said
    assert said.index("adopted") < said.index("checked in")
    assert "secret plan" not in said


async def test_the_log_is_narrowed_by_chapter_kind_and_day(server: Server) -> None:
    await server.slash(server.ana, "checkin", kind="meeting", people=14)
    await server.slash(server.lea, "checkin", kind="meeting", people=4)
    await server.slash(server.ana, "chapter edit", city="Camden")
    of_london = server.text_of(await server.slash(server.mo, "log", chapter="london"))
    assert "checked in for London" in of_london
    assert "settings of London" in of_london
    assert "Leeds" not in of_london
    check_ins = server.text_of(await server.slash(server.mo, "log", kind="checkin"))
    assert ("checked in for London" in check_ins, "checked in for Leeds" in check_ins, "settings" in check_ins) == (True, True, False)
    both = server.text_of(await server.slash(server.mo, "log", chapter="leeds", kind="chapter"))
    assert "settings of London" not in both
    today = server.text_of(await server.slash(server.mo, "log", since="today", kind="checkin"))
    assert "checked in for London" in today
    assert "since" in today


async def test_a_chapter_or_a_day_that_cannot_be_read_is_answered_with_what_can(server: Server) -> None:
    assert "There is no chapter “Nowhere” here" in server.text_of(await server.slash(server.mo, "log", chapter="Nowhere"))
    assert "is not a day that I can read" in server.text_of(await server.slash(server.mo, "log", since="soon"))


async def test_pages_go_back_to_the_beginning_and_outlive_a_restart(server: Server) -> None:
    async with server.store.write() as c:
        for n in range(20):
            await changes.log(c, server.guild.id, "chapter.edit", server.now + timedelta(minutes=n // 2), server.ana.id, fields=["city"])
    answer = await server.slash(server.mo, "log", kind="chapter")
    assert server.buttons(answer) == ["Older"]
    await server.restart()
    seen = server.text_of(answer).count("changed the settings")
    while "Older" in server.buttons(answer):
        answer = await server.press(server.mo, answer, "Older")
        seen += server.text_of(answer).count("changed the settings")
    assert seen == 20
    assert server.buttons(answer) == ["Newest"]
    assert server.buttons(await server.press(server.mo, answer, "Newest")) == ["Older"]


async def test_lines_of_a_hidden_chapter_are_its_own_peoples_and_an_archived_one_is_not_named(server: Server) -> None:
    await server.slash(server.ana, "checkin", kind="meeting", people=14)
    await server.slash(server.lea, "checkin", kind="meeting", people=4)
    async with server.store.write() as c:
        await chapters.change(c, server.guild.id, server.chapters["London"], visibility=Visibility.HIDDEN.value)
    assert "London" not in server.text_of(await server.slash(server.cora, "log", kind="checkin"))
    assert server.text_of(await server.slash(server.cora, "log", kind="checkin")).count("checked in") == 1
    assert "checked in for London" in server.text_of(await server.slash(server.ana, "log", kind="checkin"))
    async with server.store.write() as c:
        leeds = server.chapters["Leeds"]
        await chapters.set_state(c, server.guild.id, leeds, State.ARCHIVED, server.now.date(), None, server.now, None)
        await summaries.refresh(c, server.guild.id, [leeds], server.now)
    archived = server.text_of(await server.slash(server.mo, "log"))
    assert "Leeds" not in archived
    assert "checked in for an archived chapter" in archived


async def test_what_was_made_by_nobody_says_so(server: Server) -> None:
    async with server.store.write() as c:
        await changes.log(c, server.guild.id, "visibility.loosen", server.now, None, chapter_id=server.chapters["London"])
        await changes.log(c, server.guild.id, "chapter.edit", server.now, server.mo.id, chapter_id=server.chapters["London"])
        gone = change.update().where(change.c.made_by == server.mo.id).values(made_by=None, nameless=True)
        await c.execute(gone)
    said = server.text_of(await server.slash(server.ana, "log"))
    assert "London is open to more people, as its admins chose the day before" in said
    assert "Somebody whose name was taken out changed the settings of London" in said


async def test_a_page_costs_what_it_shows_however_long_the_log_is(server: Server, statements: Statements) -> None:
    caller = Caller(server.mo.id, server.guild.id)
    async with server.store.write() as c:
        lines = [changes.Line("chapter.edit", server.now - timedelta(minutes=n), 5, server.chapters["London"]) for n in range(3000)]
        await changes.log_lines(c, server.guild.id, lines)
    statements.clear()
    for topic in (None, Topic.CHAPTER):
        await log.listed(server.store, caller, None, topic, None, server.now)
    plans = await statements.plans(server.store)
    pages = [plan for (sql, _), plan in zip(statements, plans, strict=True) if "FROM change" in sql]
    assert len(pages) == 1 + len(of_topic(Topic.CHAPTER))
    for plan in pages:
        assert "SCAN" not in plan
        assert "TEMP B-TREE" not in plan
        assert "SEARCH change USING INDEX ix_change_guild_id" in plan


def test_every_kind_of_change_and_every_topic_has_words() -> None:
    assert set(WORDS) == set(Kind), "say in cogs/cards/log.py what it means that this changed"
    assert set(TOPICS) == set(Topic)
    assert len([topic for topic in Topic if of_topic(topic)]) <= 25
    assert "private_note" not in FIELDS


async def test_a_kind_without_words_cannot_be_logged(server: Server) -> None:
    with pytest.raises(ValueError, match=r"secret\.deal"):
        async with server.store.write() as c:
            await changes.log(c, server.guild.id, "secret.deal", server.now, None)
