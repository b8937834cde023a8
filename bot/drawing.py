"""The process that draws: `python -m bot.drawing` is told one picture after the other, and answers each with a file."""

import os
from contextlib import suppress

from bot.services import beside

NICENESS = 5
MOST_MEMORY = 1 << 30
"""Bytes; a picture takes a tenth of it."""


def main() -> None:
    """Draws what is asked for until nobody asks any more."""
    _bound_memory()
    # One for each core of a large machine would take all of it before the first picture.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    lines = beside.asked(NICENESS)
    # These take longer to load than a picture to be drawn.
    from bot.charts import activity, goals
    from bot.charts.values import GoalsPicture, read

    for line in lines:
        try:
            picture = read(line)
            sheet = goals.draw(picture) if isinstance(picture, GoalsPicture) else activity.draw(picture)
            made = sheet.png()
        except Exception as error:  # noqa: BLE001 - one picture that cannot be drawn is not the last
            beside.answer(None, type(error).__name__)
        else:
            beside.answer(made)


def _bound_memory() -> None:
    # Not every system has it.
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
