"""kill -9, in short; `make faults` does it 200 times."""

from pathlib import Path

from tests.faults.kills import kill_again_and_again

SEED, DEATHS, A_DAY = 3, 10, 2


async def test_who_is_killed_again_and_again_loses_nothing_and_says_nothing_twice(tmp_path: Path) -> None:
    outcome = await kill_again_and_again(tmp_path, SEED, DEATHS, A_DAY)
    assert (outcome.lost, outcome.doubled, outcome.faults) == ([], [], [])
    assert sum(outcome.tried.values()) == DEATHS
    owed = {kind: count.owed for kind, count in outcome.counts.items()}
    assert owed["prompts"] == 6
    assert owed["check-ins"] > 0
    assert owed["digests"] >= 2
