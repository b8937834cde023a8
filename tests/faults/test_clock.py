"""Sleep, a clock that is set back, changes to and from summer time, and odd days: everybody is asked once, and in sending hours."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults import summertime, times
from tests.faults.rig import Rig, new_rig


async def test_after_three_days_of_sleep_across_a_months_end_each_is_asked_once_and_nobody_at_night(rig: Rig) -> None:
    await rig.start()
    await times.asleep_across_a_months_end(rig)
    assert (rig.discord.gateway.identified, await rig.child.stop()) == (2, 0)


async def test_a_sleep_that_begins_in_the_middle_of_the_prompts_neither_loses_nor_doubles_one(rig: Rig) -> None:
    await rig.start()
    await times.asleep_in_the_middle_of_the_prompts(rig)
    assert await rig.child.stop() == 0


@pytest.mark.parametrize("discord_too", [True, False], ids=["Discord's too", "this machine's only"])
async def test_a_clock_set_back_an_hour_repeats_nothing_and_holds_nothing_up(rig: Rig, discord_too: bool) -> None:
    await rig.start()
    await times.set_back_an_hour(rig, discord_too=discord_too)


async def test_december_is_asked_about_on_new_years_day_and_the_week_across_the_year_has_its_digest(rig: Rig) -> None:
    await rig.start()
    await times.the_years_end(rig)


async def test_a_day_that_most_years_do_not_have_is_like_any_other(tmp_path: Path) -> None:
    async with new_rig(tmp_path, datetime(2027, 12, 20, 10, tzinfo=UTC)) as rig:
        await rig.start()
        await times.the_29th_of_february(rig)


async def test_where_clocks_jump_or_repeat_an_hour_each_is_told_once_at_the_hour_that_clocks_show(tmp_path: Path) -> None:
    # The other change of each zone, in 2027, is in `make faults`.
    async with new_rig(tmp_path, summertime.IN_2026.begins) as rig:
        await rig.start()
        await summertime.live_through(rig, summertime.IN_2026)
        assert rig.discord.api.breaches == []
        assert await rig.child.stop() == 0
