"""A walk past every place where a chapter can be named: of a hidden one, and of an archived one, nobody else learns anything there.

Whoever adds a command or a button is told here: name it in one of the tables of entrances.py, and it is walked past.
"""

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from simcord.actors import MemberActor, _dispatch_actor_interaction
from simcord.results import InteractionResult
from sqlalchemy import select

from bot.domain.chapters import State
from bot.services import handovers
from bot.services.handovers import Candidate
from db import chapters, summaries
from db.tables import absence, change, checkin, gathering, handover, proposal
from tests.flows.entrances import CHAPTER_OPTIONS, NAMING, OTHERS, commands, forged, walked
from tests.flows.rig import COMPONENT, Server

NAME = "Zanzibar"
SECRETS = (NAME, "Stonetown", "Zed", "secret note", "secretly hard", "secret wish")
"""Its name, its town, its admin, and what it wrote. Its branch is the coordinators', and stays in the list of branches."""

STRANGERS = ("mo", "lea", "fay", "cora")
"""A member, another chapter's admin, a facilitator that is not its own, a coordinator."""

RESTORES = ("cora", "chapter restore", "chapter")
"""Who brings archived chapters back is told which there are."""

HERS = {("fay", "ab.yes"), ("fay", "ab.no")}
"""Cora asked Fay to stand in for her: that is Fay's to answer, in direct messages too."""


class Walk:
    """One server with a chapter that shall be nobody's business, and what is said of it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.zed: MemberActor = server.guild.add_member(server.world.create_user("zed", global_name="Zed"))
        server.people["zed"] = self.zed
        self.ids: dict[str, int] = {}

    async def build(self) -> None:
        """The chapter with everything that can be said of one: check-ins, a partner, a report, a gathering, an offer, a count."""
        server = self.server
        den = server.guild.create_text_channel("den")
        server.places["den"] = den
        chapter_id = await server.add_chapter(
            NAME, self.zed, channel_id=den.id, city="Stonetown", branch_id=self.ids["branch_id"], added_on=date(2026, 9, 1)
        )
        self.ids["chapter_id"] = self.ids["other_id"] = chapter_id
        await server.slash(self.zed, "checkin", kind="meeting", people=12, note="secret note", with_chapters="Leeds")
        await server.fill(self.zed, await server.send(self.zed, f"rp.part:{chapter_id}:2026-09:people"), members="40", met="12")
        await server.fill(
            self.zed, await server.send(self.zed, f"rp.part:{chapter_id}:2026-09:words"), hard="secretly hard", help="secret wish"
        )
        await server.send(self.zed, f"rp.pub:{chapter_id}:2026-09")
        await self._object(chapter_id)
        await self._gathering(chapter_id)
        await server.slash(server.cora, "facilitate claim", chapter=NAME)
        await self._offer(chapter_id)
        await server.slash(server.cora, "facilitate absent", until="2026-10-24", stand_in=server.fay)
        await server.slash(server.cora, "facilitate release", chapter=NAME)
        form = await server.slash(self.zed, "chapter composition")
        await server.fill(self.zed, form, women="6", men="2", another="1", rather_not_say="0", when="2026-10-20|show_of_hands")
        await server.run_due()
        async with server.store.read() as c:
            self.ids["checkin_id"] = await c.scalar(select(checkin.c.id).where(checkin.c.chapter_id == chapter_id)) or 0
            self.ids["gathering_id"] = await c.scalar(select(gathering.c.id)) or 0
            self.ids["absence_id"] = await c.scalar(select(absence.c.id)) or 0
            self.ids["handover_id"] = await c.scalar(select(handover.c.id)) or 0
        self.ids |= {
            "intake_id": 1,
            "channel_id": server.general.id,
            "user_id": self.zed.id,
            "page": 0,
            "seen": 1,
            "_seen": 1,
            "days": 30,
            "goal_id": 1,
            "proposal_id": self.ids["proposal_id"],
            "version": 1,
            "about": chapter_id,
            "revision_id": 1,
        }

    async def make_branches(self) -> None:
        """A branch of the other two, and one of its own; branches are the coordinators', and all may see their names."""
        async with self.server.store.write() as c:
            home = await chapters.add_branch(c, self.server.guild.id, "GB", "United Kingdom")
            for known in ("London", "Leeds"):
                await chapters.change(c, self.server.guild.id, self.server.chapters[known], branch_id=home)
            self.ids["branch_id"] = await chapters.add_branch(c, self.server.guild.id, "TZ", "Tanzania")

    async def _object(self, chapter_id: int) -> None:
        """A coordinator proposes a goal, and the chapter says why it objects."""
        server = self.server
        shown = await server.slash(server.cora, "goal propose", metric="reporting_chapters", target=5, deadline="2029-06-30")
        await server.press(server.cora, shown, "Post it")
        async with server.store.read() as c:
            self.ids["proposal_id"] = await c.scalar(select(proposal.c.id)) or 0
        form = await server.send(self.zed, f"gp.say:{self.ids['proposal_id']}:1:object")
        await server.fill(self.zed, form, reason="secretly hard")
        await server.advance(minutes=10)

    async def _gathering(self, chapter_id: int) -> None:
        """The chapter was in the United Kingdom's branch when that gathered."""
        await self._in_branch(chapter_id, "United Kingdom")
        await self.server.slash(
            self.server.cora, "branch gathering", branch="United Kingdom", date="2026-10-18", chapters=f"London, Leeds, {NAME}"
        )
        await self._in_branch(chapter_id, "Tanzania")

    async def _in_branch(self, chapter_id: int, name: str) -> None:
        async with self.server.store.write() as c:
            (branch,) = [each for each in await chapters.branches(c, self.server.guild.id) if each.name == name]
            await chapters.change(c, self.server.guild.id, chapter_id, branch_id=branch.id)

    async def _offer(self, chapter_id: int) -> None:
        """A coordinator, who is no facilitator of it any more when it hides, offers it to Fay."""
        server = self.server
        caller = handovers.Caller(server.cora.id, server.guild.id, frozenset({server.roles["Coordinators"].id}))
        to = Candidate(server.fay.id, frozenset({server.roles["Facilitators"].id}), is_bot=False)
        await handovers.offer(server.store, caller, chapter_id, to, server.now)

    async def hide(self) -> None:
        await self.server.slash(self.zed, "chapter visibility", level="hidden")
        await self.server.run_due()

    async def archive(self) -> None:
        async with self.server.store.write() as c:
            guild_id, chapter_id, now = self.server.guild.id, self.ids["chapter_id"], self.server.now
            await chapters.set_state(c, guild_id, chapter_id, State.ARCHIVED, now.date(), None, now, None)
            await summaries.refresh(c, guild_id, [chapter_id], now)
        await self.server.run_due()

    # What is said

    def said(self, shown: InteractionResult) -> str:
        return self.server.text_of(shown)

    async def named(self, but: tuple[str, str, str] | None = None) -> dict[tuple[str, str, str], str]:
        """What each stranger is answered who types the name, in each command and option that takes one, `but` in this."""
        found = {}
        for command, options in commands(self.server):
            for option in CHAPTER_OPTIONS & options.keys():
                for who in STRANGERS:
                    if (who, command, option) != but:
                        found[who, command, option] = self.said(await self._type(who, command, option))
        return found

    async def _type(self, who: str, command: str, option: str) -> InteractionResult:
        given = {name: getattr(self.server, value) if name == "user" else value for name, value in NAMING[command].items()}
        if option == "with_chapters":
            given |= {"with_chapters": f"Leeds, {NAME}", "chapter": "London"}
            return await self.server.slash(self.server.ana if who == "lea" else getattr(self.server, who), command, **given)
        given[option] = f"London, {NAME}" if option == "chapters" else NAME
        return await self.server.slash(getattr(self.server, who), command, **given)

    async def others(self) -> dict[tuple[str, str], str]:
        """What each stranger is answered to every other command."""
        found = {}
        for command, ways in OTHERS.items():
            for who in STRANGERS:
                for number, options in enumerate(ways):
                    found[who, f"{command} {number}"] = self.said(await self.server.slash(getattr(self.server, who), command, **options))
        return found

    async def suggested(self) -> dict[tuple[str, str, str, str], str]:
        """What is offered to each stranger who types into any option that offers something."""
        found = {}
        for command in walked(self.server):
            for option in (each.display_name for each in command.parameters if each.autocomplete):
                for who in STRANGERS:
                    for typed in ("", "zan", "ston", "Leeds, zan"):
                        offered = await self.server.suggest(getattr(self.server, who), command.qualified_name, option, typed)
                        found[who, command.qualified_name, option, typed] = str(offered)
        return found

    async def pressed(self, who: str, *, in_server: bool) -> dict[tuple[str, str], str]:
        """What somebody is answered to every button and select there is, pressed with the chapter's own numbers."""
        found = {}
        member = getattr(self.server, who)
        actor, place = (member, self.server.general) if in_server else (member.user, member.user.dm_channel)
        if member.guild.id != self.server.guild.id and in_server:
            place = next(iter(self.server.elsewhere.channels.values()))
        for action in self.server.bot.handlers:
            data = {"custom_id": forged(self.server.bot, action, self.ids), "component_type": 3, "values": [str(self.ids["chapter_id"])]}
            found[who, action] = self.said(await _dispatch_actor_interaction(actor, COMPONENT.value, place, data))
        return found

    def posted(self) -> dict[str, str]:
        """Everything that stands in a channel, a thread, or somebody's direct messages."""
        server = self.server
        places = {name: place for name, place in server.places.items() if name != "reports"}
        found = {name: str([server.text_of(message) for message in server.messages(place)]) for name, place in places.items()}
        for thread in [thread for place in server.places.values() for thread in place.threads]:
            found[f"thread {thread.id}"] = thread.name + str([server.text_of(message) for message in thread.history()])
        for name, person in server.people.items():
            if name != "zed":
                found[f"to {name}"] = str([server.text_of(message) for message in server.messages(person)])
        return found

    async def log_rows(self) -> str:
        async with self.server.store.read() as c:
            return str((await c.execute(select(change))).all())


def leaks(said: dict[Any, str]) -> list[tuple[Any, str]]:
    return [(where, words) for where, words in said.items() if any(secret in words for secret in SECRETS)]


@pytest.fixture
async def walk(server: Server) -> Walk:
    walk = Walk(server)
    await walk.make_branches()
    return walk


async def test_every_command_is_walked_past(server: Server) -> None:
    naming = {name for name, options in commands(server) if CHAPTER_OPTIONS & options.keys()}
    assert naming == set(NAMING), "a command that takes a chapter: name it in NAMING"
    assert {name for name, _ in commands(server)} - naming == set(OTHERS), "a command: name it in OTHERS"


async def test_every_number_in_an_address_can_be_forged(walk: Walk) -> None:
    await walk.build()
    for action in walk.server.bot.handlers:
        forged(walk.server.bot, action, walk.ids)


async def test_the_walk_would_see_a_leak(walk: Walk) -> None:
    await walk.build()
    assert leaks(await walk.others())
    assert leaks(await walk.suggested())
    assert leaks(await walk.pressed("mo", in_server=True))
    assert leaks(walk.posted())


@pytest.mark.parametrize("kept_back", ["hide", "archive", "both"])
async def test_whoever_types_the_name_is_answered_as_if_there_were_no_such_chapter(walk: Walk, kept_back: str) -> None:
    but = RESTORES if kept_back == "archive" else None
    before = await walk.named(but)
    assert sum(NAME in words for words in before.values()) > 30
    await walk.build()
    for way in ("hide", "archive") if kept_back == "both" else (kept_back,):
        await getattr(walk, way)()
    assert await walk.named(but) == before


@pytest.mark.parametrize("kept_back", ["hide", "archive"])
async def test_no_list_no_sum_and_no_suggestion_names_it(walk: Walk, kept_back: str) -> None:
    await walk.build()
    await getattr(walk, kept_back)()
    but = RESTORES if kept_back == "archive" else None
    assert [where for where, _ in leaks(await walk.suggested()) if where[:3] != but] == []
    assert leaks(await walk.others()) == []


@pytest.mark.parametrize("who", [*STRANGERS, "mia", "eve"])
@pytest.mark.parametrize("in_server", [True, False])
async def test_no_button_with_forged_numbers_names_it(walk: Walk, who: str, in_server: bool) -> None:
    await walk.build()
    await walk.hide()
    said = await walk.pressed(who, in_server=in_server)
    assert len(said) > 60
    assert leaks(said) == []
    if not in_server:
        assert {where for where, words in said.items() if "@" in words} <= HERS


async def test_in_direct_messages_a_former_admin_reads_nothing_of_it(walk: Walk) -> None:
    await walk.build()
    await walk.hide()
    await walk.server.slash(walk.zed, "chapter admins add", user=walk.server.mo)
    await walk.server.slash(walk.server.mo, "chapter admins remove", user=walk.server.mo)
    assert leaks(await walk.pressed("mo", in_server=False)) == []


async def test_what_the_bot_posts_from_then_on_and_what_it_had_posted_names_it_nowhere(walk: Walk) -> None:
    server = walk.server
    await server.slash(server.fay, "facilitate claim", chapter="Leeds")
    await walk.build()
    await server.advance_to(datetime(2026, 11, 16, 12, tzinfo=UTC))
    assert NAME in walk.posted()["facilitators"]
    await walk.hide()
    assert leaks(walk.posted()) == []
    await server.send(walk.zed, f"rp.skip:{walk.ids['chapter_id']}:2026-10")
    await server.advance(days=150)
    assert leaks(walk.posted()) == []
    await server.slash(server.fay, "overdue", scope="unassigned")


async def test_no_line_that_the_program_writes_about_itself_names_it(walk: Walk, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("bot", "cogs", "db"):
        caplog.set_level(logging.DEBUG, name)
    await walk.build()
    await walk.hide()
    for who in ("mo", "cora"):
        await walk.pressed(who, in_server=True)
    await walk.server.advance(days=40)
    ours = [f"{each.getMessage()} {each.exc_text or ''}" for each in caplog.records if each.name.split(".")[0] in ("bot", "cogs", "db")]
    assert leaks(dict(enumerate(ours))) == []
    assert leaks({"log": await walk.log_rows()}) == []


async def test_whoever_publishes_is_told_nothing_of_what_it_wrote_and_shared(walk: Walk) -> None:
    server = walk.server
    await walk.build()
    await server.send(walk.zed, f"rp.share:{walk.ids['chapter_id']}:2026-09:on")
    await walk.hide()
    await server.advance_to(datetime(2026, 11, 1, 10, tzinfo=UTC))
    leeds = server.chapters["Leeds"]
    await server.fill(server.lea, await server.send(server.lea, f"rp.part:{leeds}:2026-10:words"), hard="secretly hard")
    await server.send(server.lea, f"rp.share:{leeds}:2026-10:on")
    thanks = walk.said(await server.send(server.lea, f"rp.pub:{leeds}:2026-10"))
    assert "is published" in thanks
    assert NAME not in thanks
    assert "Zed" not in thanks


async def test_its_own_people_see_it_as_before(walk: Walk) -> None:
    server = walk.server
    await walk.build()
    await server.slash(server.fay, "facilitate claim", chapter=NAME)
    await walk.hide()
    for who in (walk.zed, server.fay):
        assert "Zanzibar" in server.text_of(await server.slash(who, "chapter status", chapter=NAME))
        assert "secretly hard" in server.text_of(await server.slash(who, "reports read", chapter=NAME))
        assert NAME in server.text_of(await server.slash(who, "chapter list"))
        assert NAME in await server.suggest(who, "chapter status", "chapter", "zan")
    await server.advance_to(datetime(2027, 3, 1, 12, tzinfo=UTC))
    assert NAME in server.text_of(server.last(server.fay))


async def test_who_adds_a_chapter_learns_of_a_hidden_one_only_that_its_name_is_not_free(walk: Walk) -> None:
    server = walk.server
    await walk.build()
    await walk.hide()
    refused = await server.slash(server.cora, "chapter add", name="zanzibár")
    assert server.text_of(refused) == "This name cannot be used here. Choose another one."
    await walk.archive()
    refused = await server.slash(server.cora, "chapter add", name="zanzibár")
    assert server.text_of(refused) == "This name cannot be used here. Choose another one."
    assert "Only coordinators can do this." in server.text_of(await server.slash(server.mo, "chapter add", name=NAME))


async def test_a_sum_over_fewer_than_three_chapters_leaves_it_out(walk: Walk) -> None:
    server = walk.server
    await server.slash(server.cora, "goal add", metric="members", target=100)
    await walk.build()
    await walk.hide()
    for shown in ({}, {"goal": "Members"}):
        assert "40" not in server.text_of(await server.slash(server.mo, "progress", **shown))
    for name, who in (("London", server.ana), ("Leeds", server.lea)):
        await server.advance_to(max(server.now, datetime(2026, 11, 1, 10, tzinfo=UTC)))
        await server.fill(who, await server.send(who, f"rp.part:{server.chapters[name]}:2026-10:people"), members="10")
        await server.send(who, f"rp.pub:{server.chapters[name]}:2026-10")
    await server.advance(seconds=timedelta(minutes=1).total_seconds())
    assert "60 of 100" in server.text_of(await server.slash(server.mo, "progress"))
