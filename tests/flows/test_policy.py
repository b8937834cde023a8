"""The policy in Discord: everybody sees it, coordinators change it after they have seen what that comes to."""

from bot.domain.settings import Group
from bot.locales import pseudo
from db import organisations
from tests.flows.rig import Server


async def together(server: Server) -> int:
    async with server.store.read() as c:
        return (await organisations.policy_in_force(c, server.guild.id)).together_days


async def test_everybody_sees_what_is_in_force_one_group_at_a_time(server: Server) -> None:
    answer = await server.slash(server.mo, "policy show")
    shown = server.text_of(answer)
    assert answer.ephemeral
    assert "Comes together: within how many days: **45 days**" in shown
    assert "Everything is as the rules were written." in shown
    assert "/policy set" not in shown
    report = await server.choose(server.mo, answer, "Show other settings", "The monthly report, and when it is asked for")
    shown = server.text_of(report)
    assert "The monthly question: at what hour: **9:00**" in shown
    assert "The report is due: on which day: **day 10**" in shown


async def test_a_change_is_shown_first_and_confirmed_after_a_restart_once(server: Server) -> None:
    await server.slash(server.ana, "checkin", kind="meeting", date="2026-10-05", people=12, education=True)
    asked = await server.slash(server.cora, "policy set", key="together_days", value="30 days")
    shown = server.text_of(asked)
    assert asked.ephemeral
    assert "45 days → **30 days**" in shown
    assert "No chapter would begin or stop to count as functioning by this." in shown
    assert await together(server) == 45
    await server.restart()
    done = await server.press(server.cora, asked, "Confirm")
    assert "This is in force now." in server.text_of(done)
    assert await together(server) == 30
    await server.deliver_again()
    again = server.text_of(await server.send(server.cora, server.delivered[-1]["data"]["custom_id"]))
    assert "Nothing was changed by this. In force is:" in again
    assert "**30 days** (instead of 45 days, since" in again
    listed = server.text_of(await server.slash(server.mo, "policy show"))
    assert "Comes together: within how many days: **30 days** (instead of 45 days, since" in listed
    assert "by <@" in listed or "@Cora" in listed


async def test_a_change_that_is_cancelled_is_not_made(server: Server) -> None:
    asked = await server.slash(server.cora, "policy set", key="Comes together: within how many days", value="30")
    assert "Nothing was changed. In force is:" in server.text_of(await server.press(server.cora, asked, "Cancel"))
    assert await together(server) == 45


async def test_kinds_are_typed_or_chosen_on_the_card(server: Server) -> None:
    asked = await server.slash(server.cora, "policy set", key="together_kinds", value="meeting, social")
    assert "all of them → **Meeting, Social**" in server.text_of(asked)
    chosen = await server.choose(server.cora, asked, "Choose which", "Meeting", "Education", "Project")
    assert "all of them → **Meeting, Education, Project**" in server.text_of(chosen)
    await server.press(server.cora, chosen, "Confirm")
    async with server.store.read() as c:
        assert (await organisations.policy_in_force(c, server.guild.id)).together_kinds == ("meeting", "education", "project")
    checked_in = await server.slash(server.ana, "checkin", kind="outreach", people=12)
    assert "Here this kind does not count as coming together" in server.text_of(checked_in)


async def test_who_is_no_coordinator_is_refused_and_what_cannot_be_is_answered(server: Server) -> None:
    refused = await server.slash(server.ana, "policy set", key="together_days", value="30")
    assert refused.ephemeral
    assert "Only coordinators can do this." in server.text_of(refused)
    asked = await server.slash(server.cora, "policy set", key="together_days", value="30")
    address = server.button(asked, "Confirm")["custom_id"]
    assert "Only coordinators can do this." in server.text_of(await server.send(server.ana, address))
    assert await together(server) == 45
    for value, said in (("0", "this can be from 7 days to 400 days"), ("many", "Write a whole number. You wrote “many”")):
        assert said in server.text_of(await server.slash(server.cora, "policy set", key="together_days", value=value))
    unknown = server.text_of(await server.slash(server.cora, "policy set", key="colour", value="red"))
    assert "There is no setting “colour”. /policy show shows them all." in unknown


async def test_settings_and_values_are_offered_while_they_are_typed(server: Server) -> None:
    assert "prompt_hour" in await server.suggest(server.cora, "policy set", "key", "at what hour")
    assert await server.suggest(server.cora, "policy set", "value", "", key="prompt_hour") == ["9", "9"]
    assert await server.suggest(server.cora, "policy set", "value", "", key="no such thing") == []


async def test_every_word_of_it_is_translated(server: Server) -> None:
    with pseudo.everywhere():
        answer = await server.slash(server.mo, "policy show")
        server.assert_translated(answer)
        for group in Group:
            server.assert_translated(await server.choose(server.mo, answer, "", group.value))
        for n, (key, value) in enumerate(
            (("together_kinds", "meeting"), ("questions", "members"), ("digest_weekday", "6"), ("prompt_day", "3"))
        ):
            asked = await server.slash(server.cora, "policy set", key=key, value=value)
            server.assert_translated(asked)
            server.assert_translated(await server.send(server.cora, f"po.yes:{key}:{n}"))


async def test_what_else_is_counted_is_offered_by_the_composition_and_shown_on_the_status(server: Server) -> None:
    asked = await server.slash(server.cora, "policy set", key="dimensions", value="age: under 26, 26 to 40, over 40")
    assert "nothing else → **age (under 26, 26 to 40, over 40)**" in server.text_of(asked)
    await server.press(server.cora, asked, "Confirm")
    choice = await server.slash(server.ana, "chapter composition")
    assert server.buttons(choice) == ["Gender", "age"]
    form = await server.press(server.ana, choice, "age")
    answers = {"=under 26": "7", "=26 to 40": "6", "=over 40": "0"}
    done = await server.fill(server.ana, form, **answers, when="2026-10-20|show_of_hands")
    assert "By age (20 October 2026, show of hands): under 26 7, 26 to 40 6, over 40 0" in server.text_of(done)
    again = await server.press(server.ana, done, "Correct")
    assert server.offered(again)["=under 26"] == "7"
    await server.fill(server.ana, again, **{**answers, "=over 40": "2"}, when="2026-10-20|show_of_hands")
    shown = server.text_of(await server.slash(server.mo, "chapter status", chapter="London"))
    assert "By age (20 October 2026, show of hands): 15 people; how many in each group is kept private" in shown
    old = await server.send(server.ana, f"co.open:{server.chapters['London']}:height")
    assert "“height” is not counted here." in server.text_of(old)
