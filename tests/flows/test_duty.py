"""/duty as a chapter's admins use it: whose turn it is, passing it on with a note, being away; and what the month does with it."""

from datetime import UTC, datetime

import pytest

from bot.locales.pseudo import everywhere
from tests.flows.rig import Server

NOTE = "The figures are in, only the words are missing."
ASKED = datetime(2026, 11, 1, 9, 1, tzinfo=UTC)


def letters(server: Server, who: str) -> list[str]:
    return [server.text_of(each) for each in server.messages(server.people[who])]


async def test_an_admin_passes_the_turn_on_with_a_note_across_a_restart_and_only_the_next_one_reads_it(server: Server) -> None:
    form = await server.slash(server.ana, "duty pass")
    assert "Pass London's turn on" in server.text_of(form)
    await server.restart()
    done = await server.fill(server.ana, form, note=NOTE)
    assert "It is @Ben's turn in London now. They are told by direct message." in server.text_of(done)
    await server.run_due()
    (letter,) = letters(server, "ben")
    assert "It is your turn in London" in letter
    assert f"Their note: {NOTE}" in letter
    assert "How was September 2026 in London?" in server.text_of(await server.press(server.ben, server.last(server.ben), "Report"))
    assert f"with this note: {NOTE}" in server.text_of(await server.slash(server.ben, "duty show"))
    for who in ("ana", "lea", "fay", "cora", "mo"):
        shown = await server.slash(server.people[who], "duty show", chapter="London")
        assert "Ben" in server.text_of(shown)
        assert "words are missing" not in server.text_of(shown)
        assert "words are missing" not in server.text_of(await server.slash(server.people[who], "log"))
    for place in (server.general, server.london, server.facilitators):
        assert not any("words are missing" in server.text_of(each) for each in server.messages(place))


async def test_two_who_have_the_form_open_pass_it_on_once_and_the_second_is_told(server: Server) -> None:
    first, second = await server.slash(server.ana, "duty pass"), await server.slash(server.ben, "duty pass", chapter="London")
    assert "It is @Ben's turn in London now." in server.text_of(await server.fill(server.ana, first))
    assert "It is @Ben's turn in London already, so nothing changed." in server.text_of(await server.fill(server.ben, second))
    await server.deliver_again()
    await server.run_due()
    assert len(letters(server, "ben")) == 1


async def test_whoever_may_not_pass_it_on_or_be_away_is_told_who_may(server: Server) -> None:
    may = "Only London's admins and coordinators can do this."
    assert may in server.text_of(await server.slash(server.mo, "duty pass", chapter="London"))
    assert may in server.text_of(await server.send(server.fay, f"du.pass:{server.chapters['London']}:{server.ana.id}", note="Hello"))
    away = await server.slash(server.cora, "duty away", until="2026-11-20", chapter="London")
    assert server.text_of(away) == "Only London's admins can do this: @Ana and @Ben."
    alone = await server.slash(server.lea, "duty pass")
    assert server.text_of(alone) == "Nobody else can take Leeds's turn now. /chapter admins add makes somebody an admin."


async def test_a_note_that_is_too_long_is_kept_and_offered_again(server: Server) -> None:
    await server.slash(server.ana, "duty pass")
    refused = await server.send(server.ana, f"du.pass:{server.chapters['London']}:{server.ana.id}", note="x" * 701)
    assert "The note is 1 character too long: at most 700." in server.text_of(refused)
    assert server.offered(await server.press(server.ana, refused, "Open it again"))["note"] == "x" * 700


@pytest.mark.parametrize(
    ("until", "why"),
    [
        ("2027-02-01", "The day can be from 20 October 2026 to 12 January 2027. You gave 1 February 2027."),
        ("2026-10-01", "You gave 1 October 2026."),
        ("in a while", "is not a day that I can read"),
    ],
)
async def test_a_day_that_is_gone_or_too_far_off_is_refused(server: Server, until: str, why: str) -> None:
    assert why in server.text_of(await server.slash(server.ana, "duty away", until=until))
    assert "1. @Ana, on duty" in server.text_of(await server.slash(server.ben, "duty show"))


async def test_who_is_away_is_neither_asked_nor_nudged_and_nobody_else_is_told(server: Server) -> None:
    done = server.text_of(await server.slash(server.ana, "duty away", until="2026-11-20"))
    assert "You are away until 20 November 2026." in done
    assert "It is @Ben's turn now." in done
    assert letters(server, "ben") == [], "the turn passes silently"
    assert "1. @Ana, away until 20 November 2026\n2. @Ben, on duty" in server.text_of(await server.slash(server.ben, "duty show"))
    for who in ("mo", "cora", "fay", "lea"):
        assert server.text_of(await server.slash(server.people[who], "duty show", chapter="London")).splitlines()[1] == "@Ben is on duty."
        assert "away" not in server.text_of(await server.slash(server.people[who], "chapter status", chapter="London"))
        assert "away" not in server.text_of(await server.slash(server.people[who], "chapter admins list", chapter="London"))
    await server.advance_to(ASKED)
    assert server.notified(server.last(server.london)) == ["Ben"]
    await server.advance_to(datetime(2026, 11, 10, 12, tzinfo=UTC))
    assert [len(letters(server, who)) for who in ("ana", "ben")] == [0, 2]


async def test_who_is_back_on_their_day_is_nudged_again(server: Server) -> None:
    await server.slash(server.ana, "duty away", until="2026-11-09")
    await server.advance_to(datetime(2026, 11, 5, 12, tzinfo=UTC))
    assert [len(letters(server, who)) for who in ("ana", "ben")] == [0, 1]
    await server.advance_to(datetime(2026, 11, 9, 12, tzinfo=UTC))
    assert [len(letters(server, who)) for who in ("ana", "ben")] == [1, 2], "the second nudge is for all who are there"


async def test_if_all_are_away_whoever_is_back_first_is_asked_alone(server: Server) -> None:
    await server.slash(server.ana, "duty away", until="2026-12-10")
    done = await server.slash(server.ben, "duty away", until="2026-12-01")
    assert "Nobody else is there in London, and you are back first: so you are asked even so." in server.text_of(done)
    await server.advance_to(datetime(2026, 11, 10, 12, tzinfo=UTC))
    assert [len(letters(server, who)) for who in ("ana", "ben")] == [0, 2]
    assert "Welcome back. You take turns in London again." in server.text_of(await server.slash(server.ana, "duty away", until="today"))
    assert "1. @Ana, on duty\n2. @Ben, away until 1 December 2026" in server.text_of(await server.slash(server.ana, "duty show"))


async def test_days_within_twelve_weeks_are_offered(server: Server) -> None:
    offered = await server.suggest(server.ana, "duty away", "until")
    assert (offered[0], offered[1], offered[-1]) == ("today", "2026-10-27", "2027-01-12")


async def test_every_word_of_it_comes_from_a_catalogue(server: Server) -> None:
    with everywhere():
        form = await server.slash(server.ana, "duty pass")
        server.assert_translated(form)
        server.assert_translated(await server.fill(server.ana, form, note=NOTE))
        server.assert_translated(await server.slash(server.ben, "duty show"), NOTE)
        server.assert_translated(await server.slash(server.mo, "duty show", chapter="London"))
        for until in ("2026-11-20", "2026-11-20", "today", "today"):
            server.assert_translated(await server.slash(server.ben, "duty away", until=until))
        await server.slash(server.ana, "duty away", until="2026-11-20")
        server.assert_translated(await server.slash(server.ben, "duty away", until="2026-11-25"))
        server.assert_translated(await server.slash(server.ana, "duty show"))
