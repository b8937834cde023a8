"""Who else wrote of what a chapter finds hard: convincingly, or not at all."""

import pytest

from bot.demo.words import HARD
from bot.domain.calendar import Month
from bot.services.echoes import nearest
from db import echoes
from db.echoes import Shared
from db.store import Store
from tests.conftest import Statements

MONTH = Month(2026, 9)

TALK = (
    "We have more people than before and that makes us glad.",
    "There was nobody who could lead, but this month people want more.",
    "This month nobody came, and that was hard.",
    "We find that people want more time, and it is hard to find them.",
)
"""How people talk: what of it another text shares says nothing."""


def of(number: int, hard: str | None, changing: str | None = None, period: Month = MONTH) -> Shared:
    return Shared(number, f"Town {number}", period, changing, hard, None)


def others(*hard: str) -> list[Shared]:
    """An organisation of a dozen chapters that talk as people do, some of which find these things hard."""
    return [of(n, hard[n] if n < len(hard) else None, " ".join(TALK)) for n in range(12)]


@pytest.mark.parametrize(
    ("own", "theirs"),
    [
        ("Our room is small.", "The room that we have is too small."),
        ("Rooms are hard to find.", "It is hard to find a room in winter."),
        ("The hall costs more since September.", "Since September our hall costs twice as much."),
        ("Posters are torn down within a day.", "Our posters are torn down the next day."),
        ("Nous n'avons pas de salle fixe.", "Pas de salle fixe!"),
        ("Few came. The printer is broken again. Else fine.", "Our printer is broken."),
    ],
)
def test_the_same_difficulty_is_heard_in_other_words(own: str, theirs: str) -> None:
    heard = nearest(own, others(theirs))
    assert heard is not None
    assert heard.chapter == "Town 0"
    assert heard.passage in theirs


@pytest.mark.parametrize(
    ("own", "theirs"),
    [
        ("Our room is small.", "Our choir is small."),
        ("Our room is small.", "A small group of older members meets in a living room outside town and nobody drives."),
        ("This month nobody came.", "Nobody came this month."),
        ("It is hard to find people who have time.", "It is hard to find members with money."),
        ("There is nobody who can lead meetings.", "There is nobody who can drive."),
        ("Rooms.", "Rooms."),
        ("🙂" * 700, "🙂" * 700),
        ("部屋が小さい。", "部屋が小さい。"),
        ("Our room is small.", ""),
    ],
)
def test_in_doubt_nobody_is_heard(own: str, theirs: str) -> None:
    assert nearest(own, others(theirs)) is None


def test_two_who_know_only_each_other_hear_what_is_alike() -> None:
    heard = nearest("Our room is small.", [of(1, "The room that we have is too small.")])
    assert heard is not None
    assert heard.passage == "The room that we have is too small."


def test_what_many_chapters_complain_of_is_how_people_talk() -> None:
    assert nearest("Our room is small.", [of(n, "The room is too small.") for n in range(12)]) is None


def test_a_chapter_that_says_it_every_month_counts_once() -> None:
    months = [of(1, "The room is too small.", period=MONTH.plus(-back)) for back in range(6)]
    heard = nearest("Our room is small.", months)
    assert heard is not None
    assert heard.period == MONTH


def test_of_several_the_one_most_alike_is_heard() -> None:
    heard = nearest(
        "Our printer broke down in October.",
        others("Our printer broke down.", "The printer broke in October.", "Printer: broke down in October."),
    )
    assert heard is not None
    assert heard.chapter in {"Town 0", "Town 1", "Town 2"}
    assert heard == nearest(
        "Our printer broke down in October.",
        others("Our printer broke down.", "The printer broke in October.", "Printer: broke down in October."),
    )


def test_no_two_of_the_sample_organisations_difficulties_are_taken_for_one() -> None:
    for own in HARD:
        assert nearest(own, [of(n, hard) for n, hard in enumerate(HARD) if hard != own]) is None, own


def test_two_hundred_long_texts_of_awkward_signs_are_looked_through() -> None:
    awkward = [of(n, ("@everyone \u202eabc **x** 🙂 wörter " * 40)[:700], "é" * 700) for n in range(200)]
    assert nearest(("Räume fehlen. " * 60)[:700], awkward) is None


async def test_shared_reports_are_found_without_looking_at_the_others(store: Store, statements: Statements) -> None:
    async with store.read() as c:
        statements.clear()
        assert await echoes.quotable(c, 1, 2, MONTH, 200) == []
    (plan,) = await statements.plans(store)
    assert "ix_report_guild_id_shared" in plan
    assert "SCAN" not in plan
    assert "TEMP B-TREE" not in plan
