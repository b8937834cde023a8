"""The demo: the real bot and a sample organisation on a simulated Discord, in the browser of this computer."""

from pathlib import Path


async def main(port: int, keep: Path | None) -> None:
    """Shows the demo on 127.0.0.1 until it is told to stop; `keep` names a new file for its database. Raises DemoFault."""
    from bot.demo.show import show

    await show(port, keep)
