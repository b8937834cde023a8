"""Prints how often forecasts were right: python -m tests.backtest [organisations of each kind]."""

import sys

from tests.backtest.looking_back import scores
from tests.backtest.organisations import WAYS

HEAD = ("organisations", "months before", "date named", "true date inside", "came sooner", "came later", "open end", "width")


def main() -> None:
    """Prints the table."""
    organisations = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print(f"{organisations} simulated organisations of each kind, seeds 0 to {organisations - 1}. Width: median, in months.\n")
    rows = [HEAD]
    for name, way in WAYS.items():
        for found in scores(name, organisations):
            never = way.growth <= 1
            shares = (found.named, found.inside, found.early, found.late, found.open_end)
            told = [f"{share:.0%}" for share in shares]
            if never:
                told[1:4] = ["never comes", "", ""]
            width = "" if found.width is None else f"{found.width:.1f}"
            rows.append((name, str(found.ahead), *told, width))  # type: ignore[arg-type]
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEAD))]
    for row in rows:
        print(
            "  ".join(cell.ljust(width) if n == 0 else cell.rjust(width) for n, (cell, width) in enumerate(zip(row, widths, strict=True)))
        )


main()
