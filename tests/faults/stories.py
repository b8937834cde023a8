"""What `make faults` tells of clocks and crowds: each story on a bot of its own, from its beginning."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults import within
from tests.faults.crowds import Outcome, all_at_once, second_by_second
from tests.faults.rig import BEGINS, Rig, new_rig
from tests.faults.summertime import IN_2026, IN_2027, live_through
from tests.faults.times import (
    Seen,
    asleep_across_a_months_end,
    asleep_in_the_middle_of_the_prompts,
    set_back_an_hour,
    the_29th_of_february,
    the_years_end,
)

Story = Callable[[Rig], Awaitable[list[Seen]]]
Crowd = Callable[[Rig], Awaitable[Outcome]]

STORIES: Mapping[str, tuple[datetime, Story]] = {
    "asleep for 3 days across a month's end": (BEGINS, asleep_across_a_months_end),
    "asleep from the middle of the prompts on": (BEGINS, asleep_in_the_middle_of_the_prompts),
    "set back an hour, Discord's too": (BEGINS, partial(set_back_an_hour, discord_too=True)),
    "set back an hour, this machine's only": (BEGINS, partial(set_back_an_hour, discord_too=False)),
    "five zones, autumn in the north": (IN_2026.begins, partial(live_through, season=IN_2026)),
    "five zones, spring in the north": (IN_2027.begins, partial(live_through, season=IN_2027)),
    "the year's end": (BEGINS, the_years_end),
    "29 February": (datetime(2027, 12, 20, 10, tzinfo=UTC), the_29th_of_february),
}
CROWDS: tuple[Crowd, ...] = (partial(all_at_once, count=500), partial(second_by_second, a_second=200, seconds=60))


async def told(begins: datetime, story: Story) -> tuple[list[Seen], list[str]]:
    """What people were told in the course of a story, and what of it was wrong."""
    with TemporaryDirectory() as folder:
        async with new_rig(Path(folder), begins) as rig:
            await rig.start()
            try:
                seen = await story(rig)
            except (AssertionError, TimeoutError) as wrong:
                return [], [str(wrong) or "not as it should be", *rig.discord.api.breaches]
            return seen, rig.discord.api.breaches


async def pressed(crowd: Crowd) -> Outcome:
    """What came of a crowd."""
    with TemporaryDirectory() as folder:
        async with new_rig(Path(folder)) as rig:
            rig.child.prepare = within.prepare
            await rig.start()
            await rig.set_up()
            return await crowd(rig)
