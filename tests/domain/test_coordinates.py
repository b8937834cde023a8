"""Coordinates in the many ways in which people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.coordinates import parse
from bot.domain.refusal import Refusal

LONDON = (51.5, -0.1)


@pytest.mark.parametrize(
    "written",
    [
        "51.5, -0.1",
        "51.5,-0.1",
        "51.5;-0.1",
        "51.5 -0.1",
        "51,5 -0,1",
        "51,5, -0,1",
        "51,5;-0,1",
        "51,5,-0,1",
        "51.5N 0.1W",
        "51.5 N, 0.1 W",
        "n51.5 w0.1",
        "N 51.5 W 0.1",
        "0.1W 51.5N",
        "51.5° N, 0.1° W",
        "51°30'26\"N 0°07'39.9\"W",
        "51° 30′ N, 0° 7′ W",
        "(51.5074, −0.1278)",
        "  +51.5 ,  -0.1 ",
    ],
)
def test_the_same_place_is_meant_however_it_is_written(written: str) -> None:
    assert parse(written) == LONDON


def test_degrees_without_decimals_need_a_space_between_them() -> None:
    assert parse("51, 5") == parse("51 5") == (51.0, 5.0)
    assert parse("-33 151") == (-33.0, 151.0)
    with pytest.raises(Refusal):
        parse("51,5")


@pytest.mark.parametrize(
    "written",
    [
        "",
        "51.5",
        "London",
        "51.5 -0.1 3",
        "51.5N",
        "51.5N 0.1",
        "51.5N 0.1S",
        "51.5 -0.1W",
        "N51.5N W0.1",
        "51°75'N 0°1'W",
        "nan, inf",
        "1e5, 2",
        "51.5, -0.1" + " " * 5000 + "x",
        "🙂" * 5000,
        "@everyone",
    ],
)
def test_what_is_not_two_numbers_is_answered_with_an_example(written: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse(written)
    assert "such as {example}" in refused.value.reason.msgid


@pytest.mark.parametrize("written", ["91, 0", "-90.5 0", "0, 180.5", "0;-181"])
def test_what_lies_nowhere_is_answered_with_the_range(written: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse(written)
    assert "is a number from {least} to {most}" in refused.value.reason.msgid


@given(st.floats(-90, 90), st.floats(-180, 180), st.sampled_from([", ", ";", " ", ","]))
def test_what_is_kept_names_a_town_and_not_a_house(latitude: float, longitude: float, between: str) -> None:
    written = f"{latitude:.4f}{between}{longitude:.4f}"
    assert parse(written) == (round(round(latitude, 4), 1) + 0.0, round(round(longitude, 4), 1) + 0.0)
