"""python -m bot.locales extract|check: keep the catalogues in agreement with the code."""

import sys

from bot.locales.extract import files, stale
from bot.locales.faults import faults


def main(arguments: list[str]) -> str | None:
    """What is wrong, one sentence a line; None when all is well."""
    match arguments:
        case ["extract"]:
            for path, wanted in files().items():
                path.write_text(wanted, encoding="utf-8")
            return None
        case ["check"]:
            return "\n".join([*faults(), *stale()]) or None
        case _:
            return "Say `python -m bot.locales extract` or `python -m bot.locales check`."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
