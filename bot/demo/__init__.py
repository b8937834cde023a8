"""The demo: the real bot and a sample organisation on a simulated Discord, in the browser of this computer."""

from pathlib import Path


async def main(port: int, keep: Path | None, *, empty: bool = False) -> None:
    """Shows the demo, or an `empty` server, on 127.0.0.1 until told to stop; `keep` names its database, a new file. Raises DemoFault."""
    from bot.demo.show import show

    await show(port, keep, empty=empty)
