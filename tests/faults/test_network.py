"""What the network and Discord do to the bot, one trouble each; `make faults` has all of them."""

from pathlib import Path

import pytest

from tests.faults.network import ROWS, suffer


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.in_short])
async def test_a_trouble_loses_nothing_and_doubles_nothing(name: str, tmp_path: Path) -> None:
    result = await suffer(tmp_path, ROWS[name])
    assert (result.prompts.lost, result.prompts.doubled) == ([], [])
    assert (result.posts.lost, result.posts.doubled) == ([], [])
    assert result.faults == []
    assert (result.entries.owed, result.entries.lost, result.entries.doubled) == (2, [], [])
