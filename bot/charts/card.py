"""The card that every picture is drawn on: one neutral ground that both a dark and a light Discord frame well, and words on it.

A unit is a pixel where the picture is 400 wide, which is what a phone shows.
"""

import unicodedata
from io import BytesIO

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patches import FancyBboxPatch
from matplotlib.patheffects import Normal, Stroke
from matplotlib.textpath import text_to_path

WIDTH = 400
MARGIN = 16
SHARPNESS = 2.5
"""Pixels of the file to a unit: phones show about so many to a point."""
DPI = 72 * SHARPNESS

GROUND, EDGE, INK, FAINT, PALE = "#fbfaf7", "#b9b6ad", "#22252b", "#5a5e66", "#d9d6cd"
HISTORY, TARGET, AHEAD, AHEAD_EDGE = "#1b4f8f", "#9a3412", "#f0c987", "#8a5a00"

TEXT, SMALL = 13.0, 10.5
_FILE = {bold: findfont(FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")) for bold in (False, True)}
"""They come with matplotlib."""
_GLYPHS = {bold: frozenset(get_font(file).get_charmap()) for bold, file in _FILE.items()}
_DRAWN_AS_WRITTEN = frozenset({"L", "EN", "ES", "ET", "CS", "ON", "WS", "NSM", "AN"})


class Sheet:
    """A card of a height, with its origin at the top left."""

    def __init__(self, height: float) -> None:
        self.height = height
        self.figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=DPI, facecolor="none")
        FigureCanvasAgg(self.figure)
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.axes.set_xlim(0, WIDTH)
        self.axes.set_ylim(height, 0)
        card = FancyBboxPatch(
            (1.5, 1.5), WIDTH - 3, height - 3, boxstyle="round,pad=0,rounding_size=10", facecolor=GROUND, edgecolor=EDGE, linewidth=1.2
        )
        self.axes.add_patch(card)

    def write(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = TEXT,
        bold: bool = False,
        ink: str = INK,
        to: str = "left",
        room: float = WIDTH,
        halo: bool = False,
    ) -> None:
        """Words with their middle at a height; what is longer than its room is cut, and says so by a sign.

        With a `halo` they can be read over lines.
        """
        shown = fitted(words, room, size, bold=bold)
        font = FontProperties(fname=_FILE[bold], size=size)
        # Nothing that somebody called a goal is a formula.
        put = self.axes.text(x, y, shown, fontproperties=font, color=ink, ha=to, va="center_baseline", parse_math=False, zorder=5)
        if halo:
            put.set_path_effects([Stroke(linewidth=2.5, foreground=GROUND), Normal()])

    def png(self) -> bytes:
        """The picture as a file."""
        made = BytesIO()
        self.figure.savefig(made, format="png", dpi=DPI, facecolor="none", metadata={"Software": None})
        return made.getvalue()


def width(words: str, size: float = TEXT, *, bold: bool = False) -> float:
    """How wide these words are in units."""
    font = FontProperties(fname=_FILE[bold], size=size)
    wide: float = text_to_path.get_text_width_height_descent(words, font, False)[0]
    return wide


def fitted(words: str, room: float, size: float, *, bold: bool = False) -> str:
    """The words, or as many letters of them as there is room for."""
    tidy = " ".join(words.split())
    if width(tidy, size, bold=bold) <= room:
        return tidy
    least, most = 0, len(tidy)
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if width(tidy[:middle].rstrip() + "…", size, bold=bold) <= room else (least, middle - 1)
    return tidy[:least].rstrip() + "…"


def drawable(words: str, *, bold: bool = True) -> bool:
    """Whether there is a shape for each letter, in the order in which they are written."""
    tidy = unicodedata.normalize("NFC", " ".join(words.split()))
    return bool(tidy) and all(ord(letter) in _GLYPHS[bold] and unicodedata.bidirectional(letter) in _DRAWN_AS_WRITTEN for letter in tidy)
