"""What forecasts name for organisations whose future is known: a small run of `make backtest` keeps a floor."""

import pytest

from tests.backtest.looking_back import scores

ORGANISATIONS = 30


@pytest.mark.parametrize("name", ["growing", "growing fast", "growing and reporting better"])
def test_the_day_that_came_lay_mostly_in_the_range_that_was_named(name: str) -> None:
    for found in scores(name, ORGANISATIONS):
        assert found.named >= 0.75
        assert found.inside >= 0.75 * found.named


@pytest.mark.parametrize("name", ["flat", "shrinking", "reporting better, not growing", "losing chapters"])
def test_where_the_goal_is_never_reached_a_date_is_seldom_named(name: str) -> None:
    for found in scores(name, ORGANISATIONS):
        assert found.named <= 0.25
