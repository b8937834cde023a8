"""A chapter's activity drawn as a table: how often each kind of it was recorded in each month, in figures; the shade repeats them."""

from matplotlib.patches import FancyBboxPatch

from bot.charts.card import FAINT, INK, MARGIN, PALE, SMALL, WIDTH, Sheet, width
from bot.charts.values import ActivityPicture

HEAD, MONTHS, ROW, FOOT = 34.0, 34.0, 25.0, 26.0
LARGEST_NAME, LEAST_CELL = 120.0, 18.0
SHADES = ("#dbe6f3", "#a9c4e4", "#6e9bd0", "#2f66a8")
FROM = (2, 4, 8)
"""From how many on the next shade stands for it."""
LIGHT_FROM = 3
"""From this shade on figures are written in white."""


def draw(picture: ActivityPicture) -> Sheet:
    """The picture on its card."""
    sheet = Sheet(HEAD + MONTHS + ROW * len(picture.rows) + FOOT)
    names = min(max(width(row.called, SMALL) for row in picture.rows), LARGEST_NAME) + 10
    cell = (WIDTH - 2 * MARGIN - names) / len(picture.months)
    left = MARGIN + names
    sheet.write(MARGIN, 20, picture.title, bold=True, room=WIDTH - 2 * MARGIN)
    for place, (month, year) in enumerate(zip(picture.months, picture.years, strict=True)):
        middle = left + (place + 0.5) * cell
        # Every second one, the newest among them: there is no room for more.
        if place % 2 == (len(picture.months) - 1) % 2:
            sheet.write(middle, HEAD + 24, month, size=SMALL, ink=FAINT, to="center", room=2 * cell)
        if year:
            sheet.write(left + place * cell + 2, HEAD + 9, year, size=SMALL, ink=FAINT, room=60)
    for place, row in enumerate(picture.rows):
        middle = HEAD + MONTHS + (place + 0.5) * ROW
        sheet.write(MARGIN, middle, row.called, size=SMALL, room=names - 10)
        for column, count in enumerate(row.counts):
            _cell(sheet, left + column * cell, middle, cell, count)
    sheet.write(MARGIN, HEAD + MONTHS + ROW * len(picture.rows) + 11, picture.none, size=SMALL, ink=FAINT, room=WIDTH - 2 * MARGIN)
    return sheet


def _cell(sheet: Sheet, left: float, middle: float, wide: float, count: int) -> None:
    if not count:
        sheet.axes.plot([left + wide / 2], [middle], marker="o", markersize=3, color=PALE)
        return
    shade = sum(count >= least for least in FROM)
    corner, shape = (left + 2.5, middle - ROW / 2 + 3), "round,pad=0,rounding_size=3.5"
    box = FancyBboxPatch(corner, wide - 5, ROW - 6, boxstyle=shape, facecolor=SHADES[shade], linewidth=0)
    sheet.axes.add_patch(box)
    ink = "#ffffff" if shade >= LIGHT_FROM else INK
    words = str(count) if count < 100 else "99+"
    sheet.write(left + wide / 2, middle, words, size=SMALL if len(words) < 3 else SMALL - 2.5, ink=ink, bold=True, to="center")
