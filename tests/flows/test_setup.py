"""Setting up as coordinators meet it: the first time, again, what is missing, and what the bot may not do."""

import discord
from simcord.actors import MemberActor

from bot.locales import pseudo
from db import organisations
from tests.flows.rig import Server


def founder(server: Server) -> MemberActor:
    """Somebody who manages the other server, which nobody has set up yet."""
    manager = server.elsewhere.create_role("Founders", permissions=discord.Permissions(manage_guild=True))
    return server.elsewhere.add_member(server.world.create_user("fred", global_name="Fred"), roles=[manager])


async def change(server: Server, **values: int | None) -> None:
    async with server.store.write() as c:
        await organisations.change(c, server.guild.id, values)


async def test_the_first_set_up_shows_what_is_missing_and_makes_five_goals(server: Server) -> None:
    fred = founder(server)
    answer = await server.slash(fred, "setup")
    shown = server.text_of(answer)
    assert answer.ephemeral
    assert "Chapterhouse works here; some things are not set yet" in shown
    assert "5 goals, due by 20 October 2028: /progress shows them" in shown
    for missing in ("coordinator_role", "facilitator_role", "facilitators_channel", "reports_channel", "timezone"):
        assert f"`/setup {missing}`" in shown
    assert "Your yes to asking" in shown
    assert "**Next: Coordinators**" in shown


async def test_each_thing_that_is_given_is_set_and_what_was_set_stays(server: Server) -> None:
    fred = founder(server)
    reports = server.elsewhere.create_forum_channel("health")
    coordinators = server.elsewhere.create_role("Coordination")
    await server.slash(fred, "setup", coordinator_role=coordinators, reports_channel=reports)
    shown = server.text_of(await server.slash(fred, "setup", timezone="europe/lisbon", language="English"))
    assert f"Coordinators: <@&{coordinators.id}>" in shown
    assert f"Reports are posted in <#{reports.id}>" in shown
    assert "Time zone: Europe/Lisbon · Language: English" in shown


async def test_reports_may_be_posted_in_a_text_channel_too(server: Server) -> None:
    assert "Reports are posted in #general" in server.text_of(await server.slash(server.cora, "setup", reports_channel=server.general))


async def test_a_complete_set_up_says_so(server: Server) -> None:
    shown = server.text_of(await server.slash(server.mia, "setup"))
    assert "### Chapterhouse is set up\n" in shown
    assert "Coordinators: @Coordinators" in shown
    assert "Facilitators' channel: #facilitators" in shown
    assert "2 chapters" in shown


async def test_what_the_bot_may_not_do_is_named_with_its_remedy(server: Server) -> None:
    nobody = discord.PermissionOverwrite(send_messages=False, read_message_history=False)
    closed = server.guild.create_text_channel("closed", overwrites={server.guild.default_role: nobody})
    shown = server.text_of(await server.slash(server.cora, "setup", facilitators_channel=closed))
    assert "Something in this set-up needs you" in shown
    assert f"In <#{closed.id}> the bot needs more permissions." in shown
    assert "add the bot and allow: Send Messages (in a forum: Create Posts), Read Message History." in shown


async def test_a_role_that_the_bot_cannot_mention_is_named_with_its_remedy(server: Server) -> None:
    nobody = discord.PermissionOverwrite(mention_everyone=False)
    me = server.guild.create_role("Deaf **Friends**")
    quiet = server.guild.create_text_channel("quiet", overwrites={server.guild.default_role: nobody})
    sentence = (
        "cannot be mentioned, so those who have it will not be notified. In the server's settings, under Roles, allow anyone to mention"
    )
    shown = server.text_of(await server.slash(server.cora, "setup", facilitators_channel=quiet, facilitator_role=me))
    assert f"The role Deaf \\*\\*Friends\\*\\* {sentence}" in shown
    assert f"The role Coordinators {sentence}" in shown
    heard = server.guild.create_role("Heard", mentionable=True)
    shown = server.text_of(await server.slash(server.cora, "setup", facilitator_role=heard))
    assert "Heard cannot" not in shown


async def test_what_was_deleted_is_named_with_its_remedy(server: Server) -> None:
    await change(server, coordinator_role=1, facilitator_role=2, facilitators_channel=3, reports_channel=4)
    shown = server.text_of(await server.slash(server.mia, "setup"))
    for gone in (
        "The coordinator role was deleted",
        "The facilitator role was deleted",
        "channel is gone",
        "The channel for reports is gone",
    ):
        assert gone in shown


async def test_members_and_admins_are_told_who_may_set_up(server: Server) -> None:
    for person in (server.mo, server.ana, server.fay, server.eve):
        answer = await server.slash(person, "setup", timezone="UTC")
        assert answer.ephemeral
        assert server.text_of(answer) == "Only coordinators and people who may manage this server can do this. Ask one of them."


async def test_the_role_that_everybody_has_makes_nobody_coordinator(server: Server) -> None:
    answer = await server.slash(server.cora, "setup", coordinator_role=server.guild.default_role)
    assert "Choose a role that only the right people have." in server.text_of(answer)
    assert "Coordinators: @Coordinators" in server.text_of(await server.slash(server.cora, "setup"))


async def test_a_zone_or_language_that_is_none_is_answered_with_the_next_step(server: Server) -> None:
    assert "Did you mean Europe/London" in server.text_of(await server.slash(server.cora, "setup", timezone="Lundon"))
    assert "It speaks English." in server.text_of(await server.slash(server.cora, "setup", language="x" * 5000))


async def test_zones_and_languages_are_offered_while_typing(server: Server) -> None:
    assert await server.suggest(server.cora, "setup", "timezone", "lond") == ["Europe/London"]
    assert await server.suggest(server.cora, "setup", "language", "eng") == ["English"]
    assert len(await server.suggest(server.cora, "setup", "timezone", "")) == 25


async def test_look_again_works_after_a_restart_and_for_nobody_else(server: Server) -> None:
    card = await server.slash(server.cora, "setup")
    await server.restart()
    await change(server, reports_channel=None)
    assert "`/setup reports_channel`" in server.text_of(await server.press(server.cora, card, "Look again"))
    refused = await server.send(server.mo, "su.look")
    assert refused.ephemeral
    assert "Only coordinators" in server.text_of(refused)


async def test_the_card_leads_to_the_chapters_and_to_help(server: Server) -> None:
    card = await server.slash(server.cora, "setup")
    assert "### 2 chapters" in server.text_of(await server.press(server.cora, card, "Chapters"))
    assert "What you can do here" in server.text_of(await server.press(server.cora, card, "Help"))


async def test_every_word_of_the_set_up_comes_from_a_catalogue(server: Server) -> None:
    await change(server, reports_channel=None, facilitator_role=2)
    with pseudo.everywhere():
        server.assert_translated(await server.slash(server.cora, "setup"), "Europe/London", "English")
