"""What people write into cells: read where it can mean one thing only."""

from datetime import date

import pytest

from bot.domain.calendar import Month
from bot.domain.refusal import Refusal
from bot.locales import plain
from bot.services.taking import cells
from bot.services.taking.cells import Order

DAY = date(2026, 11, 14)


@pytest.mark.parametrize(
    "written",
    [
        *("2026-11-14", "2026/11/14", "2026.11.14", "2026-11-14T00:00:00", "2026-11-14 18:30", "14.11.2026", "14. 11. 2026", "14/11/2026"),
        *(
            "11/14/2026",
            "14-11-2026",
            "14 November 2026",
            "14th of November 2026",
            "Nov 14, 2026",
            "November 14 2026",
            "Sat, 14 Nov 2026",
        ),
        *("14 de noviembre de 2026", "14. November 2026", "14 novembre 2026", "14 ноября 2026"),
    ],
)
def test_a_day_is_read_in_many_forms(written: str) -> None:
    assert cells.day(written, None) == DAY


@pytest.mark.parametrize("written", ["03/04/2026", "3-4-2026"])
def test_a_day_that_could_be_two_is_refused_unless_the_column_shows_which(written: str) -> None:
    with pytest.raises(Refusal) as refused:
        cells.day(written, None)
    assert "could be 2026-04-03 or 2026-03-04" in plain(refused.value.reason, "en")
    assert cells.day(written, cells.order_of(["14/11/2026", written])) == date(2026, 4, 3)
    assert cells.day(written, cells.order_of(["11/14/2026", written])) == date(2026, 3, 4)


def test_a_column_that_writes_both_ways_shows_nothing() -> None:
    assert cells.order_of(["14/11/2026", "11/14/2026"]) is None
    assert cells.order_of(["01/02/2026"]) is None
    assert cells.order_of(["14/11/2026"]) is Order.DAY_FIRST


@pytest.mark.parametrize("written", ["", "31.2.2026", "14.11.26", "46340", "soon", "0001-01-01", "2026-13-01"])
def test_what_is_no_day_is_refused(written: str) -> None:
    with pytest.raises(Refusal):
        cells.day(written, None)


@pytest.mark.parametrize("written", ["2026-10", "2026/10", "10/2026", "10.2026", "October 2026", "Oct 2026", "2026-10-01", "octubre 2026"])
def test_a_month_is_read_in_many_forms(written: str) -> None:
    assert cells.month(written) == Month(2026, 10)


@pytest.mark.parametrize("written", ["", "2026", "13/2026", "2026-10-14", "October", "1010-2026"])
def test_what_is_no_month_is_refused(written: str) -> None:
    with pytest.raises(Refusal):
        cells.month(written)


@pytest.mark.parametrize(("written", "meant"), [("Yes", True), ("sí", True), ("x", True), ("FALSE", False), ("não", False), ("", None)])
def test_yes_and_no_in_several_languages(written: str, meant: bool | None) -> None:
    assert cells.yes_or_no(written) is meant


def test_maybe_is_neither() -> None:
    with pytest.raises(Refusal):
        cells.yes_or_no("maybe")
