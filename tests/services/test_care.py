"""What is set of a chapter, changed field by field; and a rhythm whose change moves nothing of the past."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.delivery import planner
from bot.domain.calendar import Month
from bot.domain.chapters import Visibility
from bot.domain.owed import Owed, overdue_at
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.domain.reports import Part, People
from bot.locales import plain
from bot.services import care, reports
from bot.services.care import Detail, Edited, Wanted
from bot.services.facts import Key
from db import chapters, facts, outbox, people, summaries
from db.facts import Fact
from db.store import Store
from db.tables import change, summary
from db.tables import outbox as outbox_table
from tests.domain.test_owed import Life, days_of, is_overdue, unanswered
from tests.services.growing import GUILD, Growing, admin, cora, mo, noon

TODAY = date(2026, 11, 22)
NOVEMBER = Month(2026, 11)
FACILITATOR = 40


@pytest.fixture
async def town(store: Store) -> Growing:
    """An organisation without chapters."""
    growing = Growing(store)
    await growing.set_up()
    return growing


async def edit(town: Growing, on: date = TODAY, by: object = admin, chapter: str | None = "London", **wanted: object) -> Edited:
    """An edit at noon of a day, read in English."""
    return await care.edit(town.store, by, chapter, Wanted(**wanted), "en", noon(on))  # type: ignore[arg-type]


async def refusal(awaited: object) -> str:
    """The words with which something is refused."""
    with pytest.raises(Refusal) as refused:
        await awaited  # type: ignore[misc]
    return plain(refused.value.reason, "en")


async def owed_by(town: Growing, chapter_id: int) -> Owed:
    """What is stored of the chapter's periods."""
    async with town.store.read() as c:
        (history,) = await summaries.read(c, GUILD, [chapter_id], Policy())
    return history.owed


async def logged(town: Growing) -> list[tuple[str, list[str]]]:
    """The lines of the open log: kind and fields."""
    async with town.store.read() as c:
        rows = await c.execute(select(change.c.kind, change.c.fields).order_by(change.c.id))
        return [(row.kind, row.fields) for row in rows]


# Field by field


async def test_each_fact_is_stored_and_said_before_and_after(town: Growing) -> None:
    await town.chapter("London")
    await town.branch("GB")
    done = await edit(
        town,
        branch="gb",
        city="  Big   Town ",
        coordinates="51,5 -0,1",
        timezone="europe/london",
        founded="2020-02-03",
        languages="English, pt-BR",
    )
    after = done.after.chapter
    assert (done.after.branch, after.city, after.latitude, after.longitude) == ("GB", "Big Town", 51.5, -0.1)
    assert (after.timezone, after.founded, after.languages) == ("Europe/London", date(2020, 2, 3), ("en", "pt_BR"))
    assert done.before.chapter.city is None
    assert done.changed == (Detail.BRANCH, Detail.CITY, Detail.COORDINATES, Detail.TIMEZONE, Detail.FOUNDED, Detail.LANGUAGES)
    assert await logged(town) == [("chapter.edit", ["branch", "city", "coordinates", "founded", "languages", "timezone"])]


async def test_the_same_again_changes_nothing_and_leaves_no_line_in_the_log(town: Growing) -> None:
    await town.chapter("London")
    given = {
        "city": "London",
        "languages": "en",
        "channel": 7,
        "role": 8,
        "rhythm": 3,
        "prompt_hour": 18,
        "discreet": True,
        "dues": "agreed",
    }
    first = await edit(town, **given)
    lines = await logged(town)
    again = await edit(town, **given)
    assert (again.changed, again.confirmed) == ((), ())
    assert set(again.same) == {Detail(name) for name in given}
    assert again.before == again.after == first.after
    assert await logged(town) == lines


@pytest.mark.parametrize("nothing", ["", "none", "None", " - ", "–"])
async def test_what_may_be_unknown_can_be_emptied_again(town: Growing, nothing: str) -> None:
    await town.chapter("London", branch_id=await town.branch("GB"))
    await edit(town, city="London", coordinates="51.5 -0.1", founded="2020-02-03", languages="en")
    done = await edit(town, branch=nothing, city=nothing, coordinates=nothing, founded=nothing, languages=nothing)
    after = done.after.chapter
    assert (after.branch_id, after.city, after.latitude, after.longitude, after.founded, after.languages) == (
        None,
        None,
        None,
        None,
        None,
        (),
    )


async def test_channel_and_role_are_taken_off_again_and_nothing_else_is(town: Growing) -> None:
    london = await town.chapter("London")
    await edit(town, channel=7, role=8)
    assert (await care.clear(town.store, admin, london, Detail.CHANNEL, noon(TODAY))).after.chapter.channel_id is None
    assert (await care.clear(town.store, admin, london, Detail.ROLE, noon(TODAY))).after.chapter.role_id is None
    assert (await care.clear(town.store, admin, london, Detail.ROLE, noon(TODAY))).same == (Detail.ROLE,)
    assert await refusal(care.clear(town.store, admin, london, Detail.TIMEZONE, noon(TODAY))) == "This cannot be left empty."


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"branch": "Atlantis"}, "There is no branch “Atlantis” here. /branch list shows those that are."),
        ({"city": "x" * 61}, "The city is 1 character too long: at most 60."),
        ({"coordinates": "London"}, "Coordinates are written as latitude and longitude, such as 51.5, -0.1."),
        ({"coordinates": "91, 0"}, "The latitude is a number from -90 to 90"),
        ({"timezone": "Lundon"}, "There is no time zone “Lundon”. Did you mean"),
        ({"timezone": "none"}, "There is no time zone “none”."),
        ({"founded": "long ago"}, "The founding date is written as year, month and day"),
        ({"founded": "2026-11-23"}, "The founding date must be between 1 January 1800 and today."),
        ({"languages": "English, Englsh"}, "There is no language “Englsh”. Did you mean English"),
        ({"languages": "en,es,fr,de,pt,it,ar,zh,hi,ru,bn"}, "At most 10 languages can be named."),
        ({"languages": "🙂" * 5000}, "There is no language “🙂🙂"),
        ({"city": "🙂" * 5000}, "The city is 4,940 characters too long"),
        ({"role": GUILD}, "Choose one that only this chapter's members have."),
        ({"money": "gold"}, "Choose one of the answers that are offered."),
        ({"dues": "maybe"}, "Choose one of the answers that are offered."),
        ({"rhythm": 0}, "A chapter is asked for a report every 1 to 4 months."),
        ({"rhythm": 5}, "A chapter is asked for a report every 1 to 4 months."),
        ({"prompt_hour": 7}, "The hour can be 8 to 20, on the chapter's own clock."),
        ({"prompt_hour": 21}, "The hour can be 8 to 20, on the chapter's own clock."),
    ],
)
async def test_what_cannot_be_set_is_refused_with_the_next_step_and_nothing_is_stored(
    town: Growing, wanted: dict[str, object], says: str
) -> None:
    await town.chapter("London", branch_id=await town.branch("GB"))
    before = await care.look(town.store, admin, "London")
    assert says in await refusal(edit(town, discreet=True, **wanted))
    assert await care.look(town.store, admin, "London") == before


async def test_a_chapter_was_founded_by_the_day_of_its_first_check_in(town: Growing) -> None:
    london = await town.chapter("London")
    await town.does(london, date(2026, 10, 5))
    assert "London has a check-in of 5 October 2026" in await refusal(edit(town, founded="2026-10-06"))
    assert (await edit(town, founded="2026-10-05")).after.chapter.founded == date(2026, 10, 5)


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("Deutsch", ("de",)),
        ("español; Français", ("es", "fr")),
        ("日本語", ("ja",)),
        ("bengali/Farsi", ("bn", "fa")),
        ("EN, english", ("en",)),
    ],
)
async def test_languages_may_be_called_as_they_call_themselves(town: Growing, written: str, codes: tuple[str, ...]) -> None:
    await town.chapter("London")
    assert (await edit(town, languages=written)).after.chapter.languages == codes


async def test_languages_may_be_named_in_the_askers_language(town: Growing) -> None:
    await town.chapter("London")
    done = await care.edit(town.store, admin, "London", Wanted(languages="Englisch, Niederländisch"), "de", noon(TODAY))
    assert done.after.chapter.languages == ("en", "nl")


# Standing facts


async def test_a_standing_fact_said_again_is_confirmed_anew_once_a_day(town: Growing) -> None:
    london = await town.chapter("London")
    first = await edit(town, date(2026, 3, 1), delegate=True, money="bank_account", dues="collecting")
    assert first.changed == (Detail.DELEGATE, Detail.MONEY, Detail.DUES)
    again = await edit(town, dues="collecting", delegate=False)
    assert (again.changed, again.confirmed) == ((Detail.DELEGATE,), (Detail.DUES,))
    assert again.after.facts[Detail.DUES] == Fact("collecting", TODAY)
    assert (await edit(town, dues="collecting")).same == (Detail.DUES,)
    async with town.store.read() as c:
        assert await facts.newest(c, GUILD, Key.MONEY, chapter_id=london) == Fact("bank_account", date(2026, 3, 1))
        row = (await c.execute(select(summary.c.delegate, summary.c.collecting_on).where(summary.c.chapter_id == london))).one()
    assert tuple(row) == (False, date(2026, 3, 1))


# Who may


async def test_admins_and_coordinators_may_and_the_refusal_names_them(town: Growing) -> None:
    london = await town.chapter("London")
    await edit(town, by=cora, city="London")
    async with town.store.write() as c:
        await people.add_facilitator(c, GUILD, london, FACILITATOR, noon(TODAY))
    for stranger in (mo, replace(mo, user_id=FACILITATOR)):
        assert "Only London's admins and coordinators can do this." in await refusal(edit(town, by=stranger, city="York"))
        assert "Only London's admins and coordinators can do this." in await refusal(care.look(town.store, stranger, "London"))
        assert "Only London's admins" in await refusal(care.clear(town.store, stranger, london, Detail.CHANNEL, noon(TODAY)))


async def test_a_hidden_chapter_is_not_there_for_a_coordinator(town: Growing) -> None:
    london = await town.chapter("London")
    await town.chapter("York")
    async with town.store.write() as c:
        await chapters.change(c, GUILD, london, visibility=Visibility.HIDDEN.value)
    assert await refusal(edit(town, by=cora, city="x")) == "There is no chapter “London” here. /chapter list shows those that are."
    assert (await edit(town, city="London")).changed == (Detail.CITY,)


async def test_only_its_own_people_are_told_of_money_and_dues(town: Growing) -> None:
    await town.chapter("London")
    assert (await care.look(town.store, admin, "London")).sees_private
    assert not (await care.look(town.store, cora, "London")).sees_private


# Rhythm, hour and zone


async def test_a_rhythm_changed_on_the_first_before_the_prompt_leaves_the_month_owed_that_is_over(town: Growing) -> None:
    """Three months was chosen and July reported: October is over on 1 November, though nobody has planned anything yet that day."""
    london = await town.chapter("London", date(2026, 7, 1))
    await edit(town, date(2026, 7, 2), rhythm=3)
    await town.reports(london, Month(2026, 7), date(2026, 8, 3))
    early = datetime(2026, 11, 1, 0, 1, tzinfo=UTC)
    done = await care.edit(town.store, admin, "London", Wanted(rhythm=1), "en", early)
    owed = await owed_by(town, london)
    assert (owed.asked_for, done.next_period) == (Month(2026, 10), NOVEMBER)
    await planner.plan(town.store, datetime(2026, 11, 1, 9, tzinfo=UTC))
    async with town.store.read() as c:
        asked = list(await c.scalars(select(outbox_table.c.period).where(outbox_table.c.kind == "prompt")))
    assert asked == [Month(2026, 10)]


async def test_a_rhythm_changed_back_and_forth_asks_for_no_month_that_is_over(town: Growing) -> None:
    london = await town.chapter("London", date(2026, 7, 1))
    await edit(town, date(2026, 7, 2), rhythm=4)
    await town.reports(london, Month(2026, 7), date(2026, 8, 3))
    assert (await edit(town, date(2026, 10, 14), rhythm=1)).next_period == Month(2026, 10)
    assert (await edit(town, date(2026, 10, 15), rhythm=4)).next_period == NOVEMBER
    assert (await edit(town, date(2026, 10, 16), rhythm=1)).next_period == Month(2026, 10)
    assert (await owed_by(town, london)).unanswered == ()


async def test_a_rhythm_changed_while_a_draft_is_open_leaves_it_asked_for(town: Growing) -> None:
    london = await town.chapter("London", date(2026, 10, 1))
    await planner.plan(town.store, noon(date(2026, 11, 2)))
    await reports.save_part(town.store, admin, london, Month(2026, 10), Part.PEOPLE, People(12, 3), 0, None, noon(date(2026, 11, 2)))
    assert (await edit(town, date(2026, 11, 3), rhythm=4)).next_period == Month(2027, 2)
    assert (await owed_by(town, london)).asked_for == Month(2026, 10)
    await reports.publish(town.store, admin, london, Month(2026, 10), noon(date(2026, 11, 4)))
    assert (await owed_by(town, london)).unanswered == ()


@pytest.mark.parametrize("seed", range(3))
async def test_over_a_year_of_changes_the_stored_periods_are_those_of_the_rules(town: Growing, seed: int) -> None:
    chance = random.Random(seed)
    added = date(2026, 1, 5)
    days = [added + timedelta(days=n) for n in range(40, 330)]
    life = Life(added, (), {day: chance.randint(1, 4) for day in chance.sample(days, 6)}, dict.fromkeys(chance.sample(days, 8), 0))
    london, policy = await town.chapter("London", added), Policy()
    for now in days_of(life, 335):
        at = noon(now.day)
        if now.day.day in (1, 11) and now.day not in life.rhythms:
            await planner.plan(town.store, at)
        if now.day in life.rhythms:
            await edit(town, now.day, rhythm=life.rhythms[now.day])
        if now.day in life.answers:
            period = Month.of(now.day).plus(-1)
            await reports.save_part(town.store, admin, london, period, Part.PEOPLE, People(now.day.day, None), 0, None, at)
            await reports.publish(town.store, admin, london, period, at)
        if now.day.day in (1, 12, 20) or now.day in life.rhythms or now.day in life.answers:
            owed = await owed_by(town, london)
            assert owed.unanswered == unanswered(now), now.day
            since = overdue_at(owed, policy, ZoneInfo("UTC"))
            assert (since is not None and since <= at) == is_overdue(life, now), now.day


async def test_a_new_zone_keeps_what_came_to_be_owed_by_the_old_one_and_the_days_of_past_entries(town: Growing) -> None:
    """At noon UTC on 31 October it is 1 November in Kiritimati: October is over there, and stays owed when the chapter moves to London."""
    london = await town.chapter("London", date(2026, 10, 1), zone="Pacific/Kiritimati")
    await town.does(london, date(2026, 10, 20))
    done = await edit(town, date(2026, 10, 31), timezone="Europe/London")
    assert done.changed == (Detail.TIMEZONE,)
    assert (await owed_by(town, london)).asked_for == Month(2026, 10)
    async with town.store.read() as c:
        together_on = await c.scalar(select(summary.c.together_on).where(summary.c.chapter_id == london))
    assert together_on == date(2026, 10, 20)


@pytest.mark.parametrize(("hour", "sends"), [(None, 9), (8, 8), (20, 20)])
async def test_the_prompt_comes_at_the_hour_that_the_chapter_chose(town: Growing, hour: int | None, sends: int) -> None:
    await town.chapter("London", date(2026, 10, 1))
    if hour is not None:
        await edit(town, date(2026, 10, 5), prompt_hour=hour)
    moment = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    while not (asked := await _prompts(town)):
        due = await planner.next_due(town.store, moment)
        assert due is not None
        moment = due
        await planner.plan(town.store, moment)
    assert (moment, asked) == (datetime(2026, 11, 1, sends, tzinfo=UTC), [datetime(2026, 11, 1, sends, tzinfo=UTC)])


async def _prompts(town: Growing) -> list[datetime]:
    async with town.store.read() as c:
        return list(await c.scalars(select(outbox_table.c.due_at).where(outbox_table.c.kind == "prompt")))


async def test_hours_follow_the_policy_in_force(town: Growing) -> None:
    await town.chapter("London")
    await town.set_policy("closes", 18, TODAY)
    assert "8 to 17" in await refusal(edit(town, prompt_hour=20))


# Discretion


async def test_messages_that_are_out_already_are_covered_when_a_chapter_turns_discreet(town: Growing) -> None:
    london = await town.chapter("London", date(2026, 9, 1))
    async with town.store.write() as c:
        for key, kind, period in (
            ("a", "prompt", Month(2026, 9)),
            ("b", "prompt", Month(2026, 10)),
            ("c", "first_nudge", Month(2026, 10)),
            ("d", "rest", None),
        ):
            await outbox.put(c, GUILD, kind, key, noon(TODAY), noon(TODAY), chapter_id=london, period=period)
        for claimed in await outbox.claim(c, "me", noon(TODAY), noon(TODAY) + timedelta(minutes=1), 10):
            await outbox.finish(c, claimed, "me", "sent", noon(TODAY), channel_id=5, message_id=claimed.id)
    for wanted in (True, True, False):
        await edit(town, discreet=wanted)
    async with town.store.read() as c:
        rows = await c.execute(
            select(outbox_table.c.kind, outbox_table.c.period).where(outbox_table.c.state == "waiting").order_by(outbox_table.c.id)
        )
        assert [tuple(row) for row in rows] == [("refresh", Month(2026, 10)), ("refresh", Month(2026, 9)), ("cover", None)]


async def test_the_log_names_fields_and_never_values(town: Growing) -> None:
    await town.chapter("London")
    await edit(town, city="Secret Town", dues="declined")
    assert await logged(town) == [("chapter.edit", ["city"]), ("fact.confirm", ["dues"])]
