"""How far apart places are, and the boxes in which the near ones are looked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.distance import ALL_ROUND, Box, Point, box, farthest, kilometres, rounded

LONDON, LEEDS, SYDNEY, SUVA, APIA = Point(51.5, -0.1), Point(53.8, -1.5), Point(-33.9, 151.2), Point(-18.1, 178.4), Point(-13.8, -171.8)
points = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))


def holds(within: Box, center: Point, place: Point) -> bool:
    turn = abs(place.longitude - center.longitude)
    return within.south <= place.latitude <= within.north and (turn <= within.width or turn >= 360 - within.width)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [(LONDON, LONDON, 0), (LONDON, LEEDS, 272), (LONDON, SYDNEY, 16_990), (SUVA, APIA, 1150), (Point(90, 0), Point(-90, 50), 20_015)],
)
def test_distances_are_those_of_the_atlas(one: Point, other: Point, expected: int) -> None:
    assert round(kilometres(one, other)) == pytest.approx(expected, abs=12)


@given(points, points)
def test_it_is_as_far_there_as_back_and_no_farther_than_half_round(one: Point, other: Point) -> None:
    assert kilometres(one, other) == pytest.approx(kilometres(other, one), abs=1e-6)
    assert 0 <= kilometres(one, other) <= 20_016


@given(points, points, st.floats(0, 20_100))
def test_a_box_holds_whatever_is_so_near(center: Point, place: Point, km: float) -> None:
    if kilometres(center, place) <= km:
        assert holds(box(center, km), center, place)


@given(points, points, st.floats(1, 20_100))
def test_nothing_in_a_box_is_farther_than_its_farthest_place(center: Point, place: Point, km: float) -> None:
    within = box(center, km)
    if holds(within, center, place):
        assert kilometres(center, place) <= farthest(center, within) + 1e-3


def test_a_box_over_a_pole_goes_all_round_and_one_over_the_date_line_does_not() -> None:
    assert box(Point(89.9, 20), 100).width == ALL_ROUND
    assert box(SUVA, 100).width < 2


@pytest.mark.parametrize(("km", "told"), [(0, 0), (4.9, 0), (5.1, 10), (14, 10), (272, 250), (187, 190), (1147, 1100), (16_990, 17_000)])
def test_the_nearer_the_finer_it_is_told(km: float, told: int) -> None:
    assert rounded(km) == told
