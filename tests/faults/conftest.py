"""The rig of the fault tests; each fails as well for a request that Discord does not document, where its document is at hand."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.rig import Rig, new_rig


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """An organisation that is not set up yet, with a bot that does not run yet."""
    async with new_rig(tmp_path) as made:
        yield made
        assert "\n".join(sorted(set(made.discord.api.breaches))) == ""
