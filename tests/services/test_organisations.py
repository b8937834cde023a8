"""Setting an organisation up: what is given is set, the first goals are made once, and what is wrong is said with its remedy."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.domain.refusal import Refusal
from bot.domain.rights import Caller
from bot.locales import plain, say
from bot.services import helping, organisations
from bot.services.organisations import Overview, Room, Seen, SetUp, setup_faults
from cogs.cards.stuck import stuck_lines
from db import chapters, outbox, people, summaries
from db import organisations as stored
from db.organisations import Organisation
from db.store import Store
from db.tables import change, goal, goal_revision, organisation

GUILD = 1000
CORA, MIA, MO = 1, 2, 3
COORDINATORS, FACILITATORS = 70, 71
NOW = datetime(2026, 10, 20, 23, 30, tzinfo=UTC)

mia = Caller(MIA, GUILD, frozenset(), frozenset({COORDINATORS, FACILITATORS}), manages_server=True)
cora = Caller(CORA, GUILD, frozenset({COORDINATORS}), frozenset({COORDINATORS, FACILITATORS}))
mo = Caller(MO, GUILD, frozenset({FACILITATORS}), frozenset({COORDINATORS, FACILITATORS}))

ALL_SET = Organisation(GUILD, "Europe/London", "en", COORDINATORS, FACILITATORS, 80, 81, NOW, NOW, None, None)
SOUND = Seen(frozenset({COORDINATORS, FACILITATORS}), {80: Room(), 81: Room()})


async def set_up(store: Store, who: Caller = mia, now: datetime = NOW, **wanted: Any) -> Overview:
    return await organisations.set_up(store, who, SetUp(**wanted), now)


async def refusal(awaited: Any) -> str:
    with pytest.raises(Refusal) as refused:
        await awaited
    return plain(refused.value.reason, "en")


async def goals(store: Store) -> list[tuple[str, int, date, date]]:
    async with store.read() as c:
        columns = (goal.c.metric, goal_revision.c.target, goal_revision.c.starts, goal_revision.c.deadline)
        return [
            tuple(row)
            for row in await c.execute(select(*columns).join(goal_revision, goal_revision.c.goal_id == goal.c.id).order_by(goal.c.id))
        ]


async def test_the_first_set_up_makes_five_goals_due_in_24_months_of_the_organisations_own_day(store: Store) -> None:
    shown = await set_up(store, timezone="asia/tokyo")
    today, due = date(2026, 10, 21), date(2028, 10, 21)
    assert await goals(store) == [
        ("members", 5000, today, due),
        ("functioning_chapters", 100, today, due),
        ("gender_balance", 40, today, due),
        ("branch_gatherings", 5, today, due),
        ("dues_bodies", 10, today, due),
    ]
    assert (shown.organisation.timezone, shown.organisation.set_up_at, shown.deadlines) == ("Asia/Tokyo", NOW, (due,) * 5)


async def test_set_up_again_changes_only_what_is_given(store: Store) -> None:
    await set_up(store, coordinator_role=COORDINATORS, facilitators_channel=80, timezone="Europe/London")
    shown = await set_up(store, cora, NOW + timedelta(days=1), reports_channel=81)
    here = shown.organisation
    assert (here.coordinator_role, here.facilitators_channel, here.reports_channel, here.timezone) == (
        COORDINATORS,
        80,
        81,
        "Europe/London",
    )
    assert here.set_up_at == NOW
    assert len(await goals(store)) == 5


async def test_an_imported_organisation_gets_its_goals_at_its_first_set_up(store: Store) -> None:
    async with store.write() as c:
        await stored.create(c, GUILD, NOW)
    await set_up(store)
    assert len(await goals(store)) == 5


async def test_the_open_log_names_what_was_set_and_an_idle_look_leaves_no_line(store: Store) -> None:
    await set_up(store, coordinator_role=COORDINATORS, language="english")
    await set_up(store, cora)
    async with store.read() as c:
        rows = (await c.execute(select(change.c.fields, change.c.made_by).where(change.c.kind == "setup.change"))).all()
    assert [tuple(row) for row in rows] == [(["coordinator_role", "language"], MIA)]


async def test_a_new_zone_has_the_digest_planned_anew(store: Store) -> None:
    await set_up(store)
    async with store.write() as c:
        await stored.change(c, GUILD, {"next_at": NOW + timedelta(days=9)})
    later = NOW + timedelta(hours=1)
    await set_up(store, now=later, timezone="America/Lima")
    async with store.read() as c:
        assert await c.scalar(select(organisation.c.next_at)) == later


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"timezone": "Londn"}, "There is no time zone “Londn”. Did you mean "),
        ({"timezone": "x" * 5000}, "There is no time zone “xxx"),
        ({"language": "Klingon"}, "The bot does not speak “Klingon” yet. It speaks English."),
        ({"coordinator_role": GUILD}, "Everybody has the role "),
        ({"facilitator_role": GUILD}, "Everybody has the role "),
    ],
)
async def test_what_cannot_be_set_is_refused_and_nothing_else_is_set(store: Store, wanted: dict[str, Any], reason: str) -> None:
    assert (await refusal(set_up(store, reports_channel=81, **wanted))).startswith(reason)
    async with store.read() as c:
        assert await stored.find(c, GUILD) is None


async def test_only_coordinators_and_who_manages_the_server_set_up(store: Store) -> None:
    assert (await refusal(set_up(store, mo))).startswith("Only coordinators and people who may manage this server")
    await set_up(store, coordinator_role=COORDINATORS, facilitator_role=FACILITATORS)
    for who in (mia, cora):
        await set_up(store, who)
        await organisations.look(store, who, NOW)
    assert (await refusal(organisations.look(store, mo, NOW))).startswith("Only coordinators")
    assert await refusal(set_up(store, Caller(MIA, None))) == "This does not work in direct messages. Type /help in your server."


async def test_before_the_first_set_up_there_is_nothing_to_look_at(store: Store) -> None:
    assert (
        await refusal(organisations.look(store, mia, NOW))
        == "Chapterhouse is not set up here yet. Somebody who may manage this server can type /setup."
    )


async def test_without_a_facilitators_channel_what_coordinators_are_told_stands_here(store: Store) -> None:
    await set_up(store)
    async with store.write() as c:
        london = await chapters.add(c, GUILD, NOW, None, name="London", timezone="UTC", added_on=NOW.date())
        await summaries.refresh(c, GUILD, [london], NOW)
        await outbox.put(c, GUILD, "report", "report:1", NOW, NOW, chapter_id=london)
        (errand,) = await outbox.claim(c, "here", NOW, NOW, 1)
        await outbox.finish(c, errand, "here", "refused", NOW, reason="Discord 403/50001")
    assert [(stuck.kind, stuck.chapter) for stuck in (await organisations.look(store, mia, NOW)).stuck] == [("report", "London")]
    known = await organisations.find(store, GUILD)
    assert known is not None
    (line,) = stuck_lines(await organisations.stuck(store, GUILD, NOW))
    assert plain(line, "en") == (
        "Could not be delivered: the post of a report (London). The bot may not do that in its channel. "
        "In the channel's settings, under Permissions, let it view the channel and send messages."
    )
    shown = await set_up(store, facilitators_channel=80)
    assert shown.stuck == ()


def faults(organisation: Organisation | None, seen: Seen) -> list[str]:
    return [plain(fault, "en") for fault in setup_faults(organisation, seen)]


def test_a_sound_set_up_has_no_faults() -> None:
    assert faults(ALL_SET, SOUND) == []


def test_each_fault_is_said_with_what_mends_it() -> None:
    nothing = Seen(frozenset(), {})
    assert [fault.rpartition(" ")[0] for fault in faults(ALL_SET, nothing)] == [
        "The coordinator role was deleted: until there is another, whoever may manage this server is coordinator. Choose one with /setup",
        "The facilitator role was deleted. Choose another with /setup",
        "The facilitators' channel is gone. Choose another with /setup",
        "The channel for reports is gone. Choose another with /setup",
    ]
    assert faults(None, nothing) == ["Chapterhouse is not set up here yet. Somebody who may manage this server can type /setup."]


def test_what_the_bot_may_not_do_is_named_as_discord_names_it() -> None:
    lacking = Seen(SOUND.role_ids, {80: Room(("view_channel", "send_messages")), 81: Room(tagless=True)}, ("Friends",))
    said = [say(fault, "en") for fault in setup_faults(ALL_SET, lacking)]
    assert said == [
        (
            "The role Friends cannot be mentioned, so those who have it will not be notified. "
            "In the server's settings, under Roles, allow anyone to mention it."
        ),
        (
            "In <#80> the bot needs more permissions. In the channel's settings, under Permissions, add the bot and allow: "
            "View Channel, Send Messages (in a forum: Create Posts)."
        ),
        (
            "<#81> asks for a tag on every post and has no tags. "
            "In its settings, add tags named like your branches, or allow posts without a tag."
        ),
    ]


async def test_help_knows_what_somebody_is_here(store: Store) -> None:
    before = await helping.home(store, mia, NOW)
    assert (before.ready, before.may_set_up) == (False, True)
    await set_up(store, coordinator_role=COORDINATORS, facilitator_role=FACILITATORS)
    async with store.write() as c:
        london = await chapters.add(c, GUILD, NOW, None, name="London", timezone="UTC", added_on=NOW.date(), role_id=FACILITATORS)
        await people.add_admin(c, GUILD, london, CORA, NOW)
        await people.add_facilitator(c, GUILD, london, MO, NOW)
    as_cora, as_mo, as_mia = [await helping.home(store, who, NOW) for who in (cora, mo, mia)]
    assert ([chapter.name for chapter in as_cora.admin_of], as_cora.coordinator, as_cora.facilitator) == (["London"], True, False)
    assert (as_mo.member_of and as_mo.member_of.name, as_mo.facilitates, as_mo.facilitator, as_mo.may_set_up) == ("London", 1, True, False)
    assert (as_mia.coordinator, as_mia.may_set_up, as_mia.admin_of) == (False, True, ())
    assert (
        await refusal(helping.home(store, Caller(MO, None), NOW))
    ) == "This does not work in direct messages. Type /help in your server."
