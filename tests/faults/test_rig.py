"""The rig itself: the real bot, on real sockets, does what it does on Discord."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.discord.trouble import Act, Trouble, cut, lost
from tests.faults.people import text_of
from tests.faults.rig import Rig


async def test_a_check_in_is_answered_and_a_prompt_goes_out(rig: Rig) -> None:
    await rig.start()
    await rig.set_up()
    recorded = await rig.check_in("ana", "London", people=12, note="At the library")
    assert "Checked in for London: meeting" in recorded.text
    assert "12 people took part" in recorded.text
    rig.clock.move_to(datetime(2026, 11, 1, 9, 0, 5, tzinfo=UTC))
    await rig.settle()
    assert [text_of(each).count("how was October 2026 in London?") for each in rig.seen("london")] == [1]
    assert [text_of(each).count("how was October 2026 in York?") for each in rig.seen(rig.people["yan"])] == [1]
    form = await rig.people["ana"].press(rig.seen("london")[0], "People")
    await rig.people["ana"].fill(form, members="40", met="12")
    thanks = await rig.people["ana"].press(rig.seen("london")[0], "Publish")
    assert "London's October 2026 is published." in thanks.text
    await rig.settle()
    assert [each["name"] for each in rig.discord.world.threads(rig.places["reports"])] == ["London · October 2026"]
    assert "Published by" in text_of(rig.seen("london")[0])
    assert await rig.child.stop() == 0


async def test_a_killed_bot_is_there_again_with_all_it_was_told(rig: Rig) -> None:
    await rig.start()
    await rig.set_up()
    await rig.check_in("ana", "London", people=12)
    rig.child.kill()
    assert await rig.child.end() == -9
    rig.clock.move(timedelta(days=1))
    await rig.start()
    listed = await rig.people["ana"].slash("checkins", rig.places["general"])
    assert "12" in listed.text


@pytest.mark.parametrize("act", [lost, cut])
async def test_an_answer_that_discord_does_not_take_is_no_error_of_ours(rig: Rig, act: Act) -> None:
    await rig.start()
    await rig.set_up()
    rig.discord.api.troubles.append(Trouble("POST", r"/interactions/.+/callback", act))
    told = await rig.check_in("ana", "London", people=12, note="A long talk about the winter market, and soup.")
    assert "Discord had trouble just now. It may be done already" in told.text
    assert "soup" in told.text
    assert rig.rows("SELECT count(*) FROM checkin") == [(1,)]
    assert await rig.child.stop() == 0
    printed = rig.child.log.read_text()
    assert "Discord did not take the answer" in printed
    assert "Traceback" not in printed
    assert " error " not in printed
