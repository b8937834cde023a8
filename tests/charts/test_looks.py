"""What pictures look like: compared with the ones in `looks`, which somebody looked at. `--mpl-generate-path=tests/charts/looks` makes
them anew.
"""

import warnings

import pytest
from matplotlib.figure import Figure

from bot.charts import activity, goals
from bot.charts.card import drawable, fitted, width
from bot.charts.values import read, written
from tests.charts import samples

HOSTILE = ["$\\frac{1}{0}$ _^{} \\", "Line\nbreak", "مرحبا بكم", "🎉" * 60, "W" * 60, "<b>&amp;</b> %s {x}"]


def looks(name: str) -> pytest.MarkDecorator:
    """Compared at the size that a phone shows; letters may be a little different from one machine to another."""
    return pytest.mark.mpl_image_compare(
        baseline_dir="looks", filename=name, tolerance=4, style="default", savefig_kwargs={"dpi": 72, "facecolor": "none"}
    )


@looks("board.png")
def test_all_goals_stand_one_below_the_other_on_one_line_of_time() -> Figure:
    drawn = samples.goals(samples.MEMBERS, samples.FUNCTIONING, samples.REACHED, samples.ONE_POINT, samples.UNKNOWN, more="4 more goals")
    return goals.draw(drawn).figure


@looks("goal.png")
def test_one_goal_shows_what_may_lie_ahead_by_two_readings() -> Figure:
    return goals.draw(samples.goals(samples.MEMBERS)).figure


@looks("nothing.png")
def test_where_nothing_is_known_the_target_and_the_deadline_are_there() -> Figure:
    return goals.draw(samples.goals(samples.UNKNOWN)).figure


@looks("activity.png")
def test_a_chapters_activity_is_a_table_of_figures_by_month_and_kind() -> Figure:
    return activity.draw(samples.ACTIVITY).figure


@looks("hostile.png")
def test_what_somebody_called_a_goal_is_drawn_as_it_is_written_or_not_at_all() -> Figure:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return goals.draw(samples.hostile(HOSTILE)).figure


@pytest.mark.parametrize(
    ("name", "there"),
    [("übers Jahr", True), ("Члены", True), ("$x$", True), ("会員", False), ("مرحبا", False), ("שלום", False), ("🎉", False), (" ", False)],
)
def test_a_name_is_drawn_only_if_there_is_a_shape_for_each_letter_in_its_order(name: str, there: bool) -> None:
    assert drawable(name) is there


def test_what_is_too_long_for_its_place_is_cut_and_shows_that_it_was() -> None:
    assert fitted("Members", 200, 13) == "Members"
    cut = fitted("W" * 60, 200, 13)
    assert cut.endswith("…")
    assert width(cut, 13) <= 200 < width(cut[:-1] + "W…", 13)


@pytest.mark.parametrize("picture", [samples.goals(samples.MEMBERS, samples.UNKNOWN), samples.ACTIVITY, samples.hostile(HOSTILE)])
def test_the_process_beside_draws_exactly_what_was_wanted(picture: object) -> None:
    assert read(written(picture)) == picture  # type: ignore[arg-type]
    assert "\n" not in written(picture)  # type: ignore[arg-type]
