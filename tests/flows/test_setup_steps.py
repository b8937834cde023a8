"""The set-up step by step, as somebody walks it who has never seen the bot: one click each, and nothing that cannot be done by hand."""

import discord
import pytest
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot.domain.permissions import NEEDED, number
from db import asking, chapters, organisations
from tests.flows.rig import Server


@pytest.fixture
async def fred(server: Server) -> MemberActor:
    """Somebody who manages the other server, where nobody has set the bot up yet."""
    manager = server.elsewhere.create_role("Founders", permissions=discord.Permissions(manage_guild=True))
    fred = server.elsewhere.add_member(server.world.create_user("fred", global_name="Fred"), roles=[manager])
    server.people["fred"] = fred
    return fred


def only_needed(server: Server) -> None:
    """Leaves the bot in the other server with what the invite link asks for."""
    guild = server.world.backend.guilds[server.elsewhere.id]
    role = next(each for each in guild.roles.values() if each.managed)
    role.permissions = number(NEEDED)
    cached = server.bot.get_guild(server.elsewhere.id)
    assert cached is not None
    for each in cached.roles:
        each._permissions = role.permissions if each.id == role.id else each._permissions


async def stored(server: Server) -> organisations.Organisation:
    async with server.store.read() as c:
        found = await organisations.find(c, server.elsewhere.id)
    assert found is not None
    return found


async def test_each_missing_thing_is_repaired_with_one_click_in_order(server: Server, fred: MemberActor) -> None:
    card = await server.slash(fred, "setup")
    assert "**Next: Coordinators**" in server.text_of(card)
    card = await server.press(fred, card, "Make the role, and give it to me")
    here = await stored(server)
    assert here.coordinator_role in {role.id for role in server.bot.get_guild(server.elsewhere.id).roles}  # type: ignore[union-attr]
    assert here.coordinator_role in server.world.backend.guilds[server.elsewhere.id].members[fred.id].role_ids
    assert "was deleted" not in server.text_of(card)
    card = await server.press(fred, card, "Make the role")
    card = await server.press(fred, card, "Make it, private to both roles")
    here = await stored(server)
    room = server.bot.get_channel(here.facilitators_channel or 0)
    assert isinstance(room, discord.TextChannel)
    assert not room.permissions_for(room.guild.default_role).view_channel
    assert {here.coordinator_role, here.facilitator_role} <= {each.id for each in room.overwrites}
    assert "**Next: Time zone**" in server.text_of(card)
    form = await server.press(fred, card, "Set the time zone")
    card = await server.fill(fred, form, zone="Europe/Lisbon")
    assert "Time zone: Europe/Lisbon" in server.text_of(card)
    assert "**Next: Chapters**" in server.text_of(card)


async def test_two_clicks_make_one_role(server: Server, fred: MemberActor) -> None:
    card = await server.slash(fred, "setup")
    await server.press(fred, card, "Make the role, and give it to me")
    again = await server.send(fred, "su.make:coordinators")
    assert "This is set already." in server.text_of(again)
    made = [each for each in server.world.backend.guilds[server.elsewhere.id].roles.values() if each.name == "Coordinators"]
    assert len(made) == 1


async def test_what_the_bot_may_not_make_is_explained_and_then_chosen(server: Server, fred: MemberActor) -> None:
    only_needed(server)
    card = await server.slash(fred, "setup")
    shown = server.text_of(card)
    assert "Make the role" not in shown
    assert "under Roles, press Create Role, call it Coordinators" in shown
    refused = await server.send(fred, "su.make:coordinators")
    assert "does not have the permission Manage Roles" in server.text_of(refused)
    theirs = server.elsewhere.create_role("Team")
    card = await server.choose(fred, card, "Or choose a role", theirs)
    assert f"Coordinators: <@&{theirs.id}>" in server.text_of(card)
    assert "You do not have" in server.text_of(card)


async def test_a_community_gets_a_forum_with_a_tag_for_each_branch_and_one_for_others(server: Server) -> None:
    await server.press(server.cora, await server.slash(server.cora, "setup"), "Look again")
    guild = server.bot.get_guild(server.guild.id)
    assert guild is not None
    guild.features.append("COMMUNITY")
    async with server.store.write() as c:
        await organisations.change(c, server.guild.id, {"reports_channel": None})
        for country, name in {"GB": "United Kingdom", "VC": "Saint Vincent and the Grenadines"}.items():
            await chapters.add_branch(c, server.guild.id, country, name)
    card = await server.choose(server.cora, await server.slash(server.cora, "setup"), "Another step", "reports")
    await server.press(server.cora, card, "Make a forum")
    async with server.store.read() as c:
        here = await organisations.find(c, server.guild.id)
    assert here is not None
    forum = server.bot.get_channel(here.reports_channel or 0)
    assert isinstance(forum, discord.ForumChannel)
    assert [tag.name for tag in forum.available_tags] == ["Saint Vincent and th", "United Kingdom", "Other"]


async def test_the_text_for_the_chapters_is_read_before_it_is_posted(server: Server) -> None:
    card = await server.choose(server.cora, await server.slash(server.cora, "setup"), "Another step", "tell")
    preview = await server.choose(server.cora, card, "Where to post it", server.general)
    for said in ("Why I am here", "What I ask", "What I never store", "This would be posted in #general"):
        assert said in server.text_of(preview)
    answer = await server.press(server.cora, preview, "Post it")
    assert "Posted in #general." in server.text_of(answer)
    (posted,) = server.messages(server.general)
    assert "**What I never store.** Who attended" in server.text_of(posted)
    assert posted.mentions == []


async def test_coordinators_see_whom_a_pilot_reaches_before_they_agree(server: Server) -> None:
    await server.send(server.cora, "as.stop")
    card = await server.slash(server.cora, "setup")
    assert "Your yes to asking" in server.text_of(card)
    card = await server.choose(server.cora, card, "Another step", "asking")
    card = await server.press(server.cora, card, "Whom the bot asks")
    assert "The bot asks nobody yet" in server.text_of(card)
    choice = await server.press(server.cora, card, "Choose chapters for a pilot")
    preview = await server.choose(server.cora, choice, "Choose chapters", "London")
    shown = server.text_of(preview)
    assert "London → #london, to @Ana · next on 1 November 2026, about October 2026" in shown
    assert "Leeds" not in shown
    await server.restart()
    began = await server.press(server.cora, preview, "Yes, begin with 1 chapter")
    assert "A pilot: the bot asks 1 chapter" in server.text_of(began)
    async with server.store.read() as c:
        assert await asking.pilot(c, server.guild.id) == [server.chapters["London"]]
    everybody = await server.press(server.cora, began, "Ask all 2 chapters")
    assert "Leeds → #leeds, to @Lea" in server.text_of(everybody)
    assert "Hidden chapters are asked as well" in server.text_of(everybody)
    done = await server.press(server.cora, everybody, "Yes, ask all 2 chapters")
    assert "The bot asks all chapters" in server.text_of(done)


async def test_a_member_can_not_agree_for_the_chapters(server: Server) -> None:
    for address in ("as.yes", "as.stop", "as.show:0", "su.make:coordinators", "su.text"):
        refused = await server.send(server.mo, address)
        assert refused.ephemeral
        assert "Only coordinators and people who may manage this server" in server.text_of(refused)


async def test_chapters_are_made_from_roles_after_a_look_at_what_would_be_added(server: Server) -> None:
    for name in ("chapter-sao-paulo", "chapter-leeds", "chapter-", "chapter-" + "x" * 70, "Other"):
        server.guild.create_role(name)
    await server.world.settle()
    card = await server.choose(server.cora, await server.slash(server.cora, "setup"), "Another step", "chapters")
    form = await server.press(server.cora, card, "From the server's roles")
    plan = await server.fill(server.cora, form, prefix="chapter-")
    shown = server.text_of(plan)
    assert "This would add 1 chapter\nSao Paulo" in shown
    assert "chapter-leeds: There is a chapter Leeds already." in shown
    assert "3 would be left" in shown
    address = server.button(server.message(plan), "Add 1 chapter")["custom_id"]
    await server.press(server.cora, plan, "Add 1 chapter")
    again = await server.send(server.cora, address)
    assert "kept for a day only" in server.text_of(again)
    async with server.store.read() as c:
        made = await chapters.by_name(c, server.guild.id, "São Paulo")
    assert made is not None
    assert made.role_id == next(
        role.id for role in server.world.backend.guilds[server.guild.id].roles.values() if role.name == "chapter-sao-paulo"
    )


async def test_chapters_are_made_from_channels_and_a_channel_that_is_taken_is_left(server: Server) -> None:
    card = await server.choose(server.cora, await server.slash(server.cora, "setup"), "Another step", "chapters")
    form = await server.press(server.cora, card, "From the server's roles")
    plan = await server.fill(server.cora, form, kind="channels", prefix="l")
    assert "london: It belongs to London already." in server.text_of(plan)
    refused = await server.send(server.cora, "su.found", kind="channels", prefix="zzz")
    assert "Nothing here begins with “zzz”" in server.text_of(refused)


async def may(server: Server, *where: ChannelHandle, write: bool) -> None:
    """Somebody gives the bot its permission in channels, or takes it away."""
    for place in where:
        channel = server.bot.get_channel(place.id)
        assert isinstance(channel, discord.abc.GuildChannel)
        await channel.set_permissions(channel.guild.me, overwrite=discord.PermissionOverwrite(send_messages=write))
        await server.world.settle()
    await server.advance(minutes=6)


def told_of_losses(server: Server) -> list[str]:
    said = [server.text_of(each) for each in server.messages(server.facilitators)]
    return [each for each in said if "A permission was taken away" in each]


async def test_a_permission_that_is_taken_away_is_told_once_and_again_only_after_it_was_given_back(server: Server) -> None:
    await may(server, server.reports, write=True)
    assert not told_of_losses(server)
    await may(server, server.reports, write=False)
    assert len(told_of_losses(server)) == 1
    message = server.messages(server.facilitators)[-1]
    assert "In #reports the bot needs more permissions." in server.text_of(message)
    assert "Send Messages (in a forum: Create Posts)" in server.text_of(message)
    await server.restart()
    await may(server, server.reports, write=False)
    assert len(told_of_losses(server)) == 1
    await may(server, server.reports, write=True)
    await may(server, server.reports, write=False)
    assert len(told_of_losses(server)) == 2
    card = await server.press(server.cora, message, "Look at the set-up")
    assert "Something in this set-up needs you" in server.text_of(card)
    refused = await server.press(server.mo, message, "Look at the set-up")
    assert "Only coordinators" in server.text_of(refused)


async def test_chapters_channels_that_are_shut_to_the_bot_are_told_in_one_message_without_a_hidden_chapter(server: Server) -> None:
    await may(server, server.reports, write=True)
    await server.slash(server.lea, "chapter visibility", level="hidden")
    await server.add_chapter("Porto", channel_id=server.general.id)
    await may(server, server.reports, server.london, server.leeds, write=False)
    (said,) = told_of_losses(server)
    assert "In #reports the bot needs more permissions." in said
    assert "In the channel of London the bot cannot write: until it can, its admins are written to." in said
    assert "Leeds" not in said
    await may(server, server.london, server.leeds, server.general, write=False)
    assert "In the channel of Porto the bot cannot write" in told_of_losses(server)[-1]
    assert len(told_of_losses(server)) == 2
    card = server.text_of(await server.slash(server.cora, "setup", in_=server.facilitators))
    assert "In the channels of London and Porto the bot cannot write" in card


async def test_a_city_fills_in_place_zone_and_branch_and_says_which_it_is_taken_to_be(server: Server) -> None:
    shown = server.text_of(await server.slash(server.cora, "chapter add", name="Riverside", city="London"))
    assert "Taken to be London, United Kingdom. If that is another one, change it with /chapter edit." in shown
    assert "Time zone: Europe/London" in shown
    shown = server.text_of(await server.slash(server.cora, "chapter add", name="Forest", city="London", branch="Canada"))
    assert "Taken to be London, Canada." in shown
    assert "Time zone: America/Toronto" in shown
    shown = server.text_of(await server.slash(server.cora, "chapter add", name="Far", city="Nowhereville"))
    assert "Taken to be" not in shown
    async with server.store.read() as c:
        made = await chapters.by_name(c, server.guild.id, "Forest")
    assert made is not None
    assert (made.latitude, made.longitude) == (43.0, -81.2)
