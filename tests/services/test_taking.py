"""Check-ins, reports, goals and figures from a file: all of it or nothing, a second time nothing, and taken back whole."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.domain.calendar import Month
from bot.domain.functioning import Criterion
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.locales import plain
from bot.services import checkins, deep
from bot.services.taking import bringing, plans, telling, undoing
from bot.services.taking.bringing import Brought
from bot.services.taking.kinds import Kind
from bot.services.taking.table import Chosen
from db import chapters, past, people, reports, summaries
from db.store import Store
from db.tables import change, chapter, checkin, checkin_partner, evidence, goal_figure, intake_row, outbox, report, standing_fact
from tests.services.growing import ADMIN, CORA, GUILD, Growing, admin, noon

TODAY = date(2026, 11, 22)
NOW = noon(TODAY)
CHECKINS = """chapter,date,kind,people,format,education,with_chapters,note
London,2026-11-14,meeting,14,in person,yes,Leeds,Great
LEEDS,2026-11-15,education,,online,,,
"""
REPORTS = """chapter,period,published_on,members,met,kinds,meetings,education,tried,worked,dues,changing,hard,help,may_share
London,2026-08,2026-09-04,40,14,"meeting, education",2,1,3,2,collecting,Growing,Rooms,,yes
Leeds,September 2026,3 October 2026,0,,,,,,,,,,A printer,
"""


@pytest.fixture
async def growing(store: Store) -> Growing:
    growing = Growing(store)
    await growing.set_up()
    for name in ("London", "Leeds"):
        await growing.chapter(name)
    return growing


async def bring(store: Store, folder: Path, written: str | bytes, kind: Kind | None = None, **options: Any) -> Brought:
    file = folder / options.pop("name", "file.csv")
    file.write_bytes(written.encode() if isinstance(written, str) else written)
    return await bringing.bring_in(store, GUILD, file, kind, options.pop("now", NOW), **options)


def said(brought: Brought) -> list[str]:
    preview = brought.plan.preview
    return [plain(line, "en") for line in (*telling.bad_lines(preview), *telling.did_lines(preview))]


DERIVED = {"summary", "stale"}
"""What follows from entries, or notes that it has to be worked out again."""


async def rows(store: Store, table: Any) -> int:
    async with store.read() as c:
        return (await c.execute(select(func.count()).select_from(table))).scalar_one()


async def everything(store: Store) -> dict[str, list[Any]]:
    """All that is stored but the open log and what imports keep of themselves."""
    async with store.read() as c:
        tables = [each for each in chapter.metadata.sorted_tables if each.name not in {"change", "intake", "intake_row", "outbox"}]
        return {each.name: [tuple(row) for row in (await c.execute(select(each))).all()] for each in tables}


async def newest_evidence(store: Store, chapter_id: int, criterion: Criterion) -> tuple[date, date]:
    async with store.read() as c:
        wanted = select(evidence.c.day, evidence.c.known_on).where(evidence.c.chapter_id == chapter_id, evidence.c.criterion == criterion)
        row = (await c.execute(wanted.order_by(evidence.c.day.desc()).limit(1))).one()
    return row.day, row.known_on


async def id_of(store: Store, name: str) -> int:
    async with store.read() as c:
        found = await chapters.by_name(c, GUILD, name)
    assert found is not None
    return found.id


async def is_sound(store: Store) -> bool:
    return not (await deep.compare(store, NOW)).faults


async def test_check_ins_come_in_with_what_they_count_for(store: Store, growing: Growing, tmp_path: Path) -> None:
    brought = await bring(store, tmp_path, CHECKINS)
    assert said(brought) == ["Added: 2 check-ins."]
    assert brought.plan.preview.kind is Kind.CHECKINS
    assert await newest_evidence(store, await id_of(store, "London"), Criterion.LEARNS) == (date(2026, 11, 14), date(2026, 11, 14))
    async with store.read() as c:
        state = (await c.execute(select(checkin_partner.c.chapter_id, checkin_partner.c.state))).one()
        asked = (await c.execute(select(outbox.c.kind, outbox.c.chapter_id))).all()
    leeds = await id_of(store, "Leeds")
    assert tuple(state) == (leeds, "asked")
    assert [tuple(row) for row in asked] == [("partner", leeds)]
    assert await is_sound(store)


async def test_the_same_check_ins_again_change_nothing(store: Store, growing: Growing, tmp_path: Path) -> None:
    await bring(store, tmp_path, CHECKINS)
    before = await everything(store), await rows(store, change)
    assert said(await bring(store, tmp_path, CHECKINS)) == ["Nothing has changed.", "There already and left as it is: 2 check-ins."]
    assert (await everything(store), await rows(store, change)) == before


async def test_what_a_file_says_otherwise_corrects_a_check_in_and_keeps_its_version(store: Store, growing: Growing, tmp_path: Path) -> None:
    await bring(store, tmp_path, CHECKINS)
    changed = await bring(store, tmp_path, "chapter,date,kind,people\nLondon,2026-11-14,meeting,1\n")
    assert said(changed) == ["Changed: 1 check-in."]
    london = await id_of(store, "London")
    async with store.read() as c:
        row = (await c.execute(select(checkin.c.people, checkin.c.note, checkin.c.version).where(checkin.c.people == 1))).one()
        told = (await c.execute(select(evidence.c.people).where(evidence.c.chapter_id == london).distinct())).scalars().all()
    assert tuple(row) == (1, "Great", 2)
    assert told == [1]
    assert await is_sound(store)


async def test_one_bad_row_keeps_all_out_and_each_is_named_with_its_reason(store: Store, growing: Growing, tmp_path: Path) -> None:
    bad = (
        "chapter,date,kind,people\nLondon,2026-11-14,meeting,3\n"
        "Londn,2026-11-14,meeting,3\nLeeds,2026-12-01,party,3\nLeeds,2026-12-01,meeting,\n"
    )
    brought = await bring(store, tmp_path, bad)
    assert not brought.stored
    assert await rows(store, checkin) == 0
    kinds = "meeting, education, outreach, recruitment, campaign, networking, fundraiser, project, social"
    assert said(brought)[:3] == [
        "Line 3: chapter: There is no chapter “Londn”. Did you mean London?",
        f"Line 4: kind: “party” is not known here. Write one of these: {kinds}.",
        "Line 5: The day can be from 18 October 2025 to 22 November 2026. You gave 1 December 2026.",
    ]
    assert not brought.stored
    assert (await bring(store, tmp_path, bad, skip_bad=True)).stored
    assert await rows(store, checkin) == 1


async def test_the_same_row_twice_in_one_file_is_bad(store: Store, growing: Growing, tmp_path: Path) -> None:
    twice = "chapter,date,kind\nLondon,2026-11-14,meeting\nlondon,14.11.2026,Meeting\n"
    assert said(await bring(store, tmp_path, twice))[0] == "Line 3: The same stands in line 2 already."


async def test_a_withdrawn_check_in_is_not_brought_back_by_its_file(store: Store, growing: Growing, tmp_path: Path) -> None:
    await bring(store, tmp_path, CHECKINS)
    london = await id_of(store, "London")
    async with store.read() as c:
        checkin_id = (await c.execute(select(checkin.c.id).where(checkin.c.chapter_id == london))).scalar_one()
    await checkins.withdraw(store, admin, london, checkin_id, 1, NOW)
    assert said(await bring(store, tmp_path, CHECKINS))[0] == "Nothing has changed."


async def test_a_past_report_counts_on_the_day_it_was_published(store: Store, growing: Growing, tmp_path: Path) -> None:
    assert said(await bring(store, tmp_path, REPORTS)) == ["Added: 2 reports."]
    london = await id_of(store, "London")
    assert await newest_evidence(store, london, Criterion.REPORTS) == (date(2026, 9, 4), date(2026, 9, 4))
    assert await newest_evidence(store, london, Criterion.TOGETHER) == (date(2026, 8, 31), date(2026, 9, 4))
    async with store.read() as c:
        stored = await reports.find(c, GUILD, london, Month(2026, 8))
        posts = (await c.execute(select(func.count()).select_from(outbox))).scalar_one()
        (history,) = await summaries.read(c, GUILD, [london], Policy())
    assert stored is not None
    assert stored.first_published_on == date(2026, 9, 4)
    assert stored.first_published_at == datetime(2026, 9, 4, 12, tzinfo=UTC)
    assert posts == 0
    assert history.members == 40
    assert history.dues_on == date(2026, 9, 4)
    assert await is_sound(store)


async def test_what_a_board_showed_in_the_past_learns_of_it_on_the_original_day(store: Store, growing: Growing, tmp_path: Path) -> None:
    await growing.adopts("members")
    await bring(store, tmp_path, REPORTS)
    before = await growing.measure("members", TODAY, date(2026, 9, 3))
    after = await growing.measure("members", TODAY, date(2026, 9, 4))
    assert (before.value, after.value) == (None, 40)


async def test_the_same_reports_again_change_nothing_and_others_are_not_overwritten(store: Store, growing: Growing, tmp_path: Path) -> None:
    await bring(store, tmp_path, REPORTS)
    before = await everything(store)
    assert said(await bring(store, tmp_path, REPORTS)) == ["Nothing has changed.", "There already and left as it is: 2 reports."]
    other = await bring(store, tmp_path, "chapter,period,published_on,members\nLondon,2026-08,2026-09-04,41\n")
    assert said(other)[-1] == "Line 2: London, August 2026 differs, not changed: members."
    assert await everything(store) == before


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("London,2026-08,2026-08-31,40", "August 2026 is not over yet: its report opens on 1 September 2026."),
        ("London,2026-10,2026-11-23,40", "23 November 2026 is still to come. A report is imported with the day on which it was published."),
        ("London,2026-10,,40", "published_on: “” is not a day that can be read. Write it like 2026-11-14."),
        ("London,2026-10,2026-11-03,", "Nothing is answered in this row."),
    ],
)
async def test_a_report_that_cannot_have_been_is_refused(store: Store, growing: Growing, tmp_path: Path, row: str, reason: str) -> None:
    assert said(await bring(store, tmp_path, f"chapter,period,published_on,members\n{row}\n"))[0] == f"Line 2: {reason}"


async def test_a_report_from_before_the_founding_is_refused(store: Store, growing: Growing, tmp_path: Path) -> None:
    london = await id_of(store, "London")
    async with store.write() as c:
        await chapters.change(c, GUILD, london, founded=date(2026, 9, 5))
    assert said(await bring(store, tmp_path, REPORTS))[0] == "Line 2: London was founded on 5 September 2026, after this report."


async def test_goals_are_adopted_and_changed(store: Store, growing: Growing, tmp_path: Path) -> None:
    goals = 'metric,name,target,start,deadline\nmembers,,"5,000",2026-01-01,2028-06-30\nmanual,Flats,12,,\n'
    assert said(await bring(store, tmp_path, goals)) == ["Added: 2 goals."]
    assert said(await bring(store, tmp_path, goals)) == ["Nothing has changed.", "There already and left as it is: 2 goals."]
    changed = await bring(store, tmp_path, "metric,target\nMembers,6000\n")
    assert said(changed) == ["Changed: 1 goal."]
    undone = await bringing.take_back(store, GUILD, NOW)
    assert [plain(line, "en") for line in undoing.said(undone)] == ["As before again: 1 goal."]
    assert said(await bring(store, tmp_path, goals))[0] == "Nothing has changed."


async def test_figures_of_any_day_of_the_past_come_in(store: Store, growing: Growing, tmp_path: Path) -> None:
    await bring(store, tmp_path, "metric,name,target\nmanual,Flats,12\n")
    figures = 'goal,date,value\nflats,2019-03-01,3\nFlats,2026-03-01,"1,200"\n'
    assert said(await bring(store, tmp_path, figures)) == ["Added: 2 figures."]
    assert said(await bring(store, tmp_path, figures)) == ["Nothing has changed.", "There already and left as it is: 2 figures."]
    assert said(await bring(store, tmp_path, "goal,date,value\nFlats,2019-03-01,4\n")) == ["Changed: 1 figure."]
    await bringing.take_back(store, GUILD, NOW)
    assert await rows(store, goal_figure) == 2
    assert said(await bring(store, tmp_path, figures))[0] == "Nothing has changed."


async def test_chapters_get_the_files_details_and_have_them_taken_back(store: Store, growing: Growing, tmp_path: Path) -> None:
    before = await everything(store)
    brought = await bring(store, tmp_path, "name,city,branch\nLondon,London,GB\nPorto,Porto,PT\n", Kind.CHAPTERS)
    assert said(brought) == ["Added: 1 chapter.", "Changed: 1 chapter."]
    undone = await bringing.take_back(store, GUILD, NOW)
    assert [plain(line, "en") for line in undoing.said(undone)] == ["Taken away again: 1 chapter.", "As before again: 1 chapter."]
    assert {name: found for name, found in (await everything(store)).items() if name not in DERIVED} == {
        name: found for name, found in before.items() if name not in DERIVED
    }
    assert await is_sound(store)


async def test_a_preview_says_of_which_new_chapters_the_town_cannot_be_told(store: Store, growing: Growing, tmp_path: Path) -> None:
    listed = "name,city\nRed,Leeds\nBlue,London\n"
    made = (await bring(store, tmp_path, listed, Kind.CHAPTERS, dry_run=True)).plan
    red, blue = (each.newcomer for each in made.added)
    assert (red.latitude, red.country, blue.latitude) == (53.8, "GB", None)
    unclear = "Line 3: there are 2 towns called London, so where Blue is stays open. Its branch, time zone or coordinates tell."
    assert [plain(line, "en") for line in telling.would_lines(made.preview)][1:] == [unclear]
    assert [plain(line, "en") for line in telling.would_lines(made.preview.shortened(0))][1:] == ["… and 1 more row."]


@pytest.mark.parametrize("file", [CHECKINS, REPORTS])
async def test_an_import_taken_back_leaves_what_was_there_before(store: Store, growing: Growing, tmp_path: Path, file: str) -> None:
    await growing.does(await id_of(store, "London"), date(2026, 11, 1))
    before = await everything(store)
    await bring(store, tmp_path, file)
    await bringing.take_back(store, GUILD, NOW)
    after = await everything(store)
    assert {name for name in before if before[name] != after[name]} <= DERIVED
    assert await is_sound(store)
    with pytest.raises(Refusal, match="There is no import"):
        await bringing.take_back(store, GUILD, NOW)


async def test_a_changed_check_in_gets_its_earlier_values(store: Store, growing: Growing, tmp_path: Path) -> None:
    await bring(store, tmp_path, CHECKINS)
    before = await everything(store)
    await bring(store, tmp_path, "chapter,date,kind,people\nLondon,2026-11-14,meeting,1\n", now=NOW + timedelta(minutes=1))
    await bringing.take_back(store, GUILD, NOW)
    after = await everything(store)
    assert after["checkin"] == before["checkin"]
    assert after["checkin_version"] == before["checkin_version"]
    # The newest import is now the first again.
    undone = await bringing.take_back(store, GUILD, NOW)
    assert undone.removed == 2
    assert await rows(store, checkin) == 0


async def test_what_people_changed_since_is_named_and_nothing_is_taken_back(store: Store, growing: Growing, tmp_path: Path) -> None:
    await bring(store, tmp_path, CHECKINS)
    london = await id_of(store, "London")
    async with store.read() as c:
        checkin_id = (await c.execute(select(checkin.c.id).where(checkin.c.chapter_id == london))).scalar_one()
    await checkins.set_education(store, admin, london, checkin_id, 1, False, NOW)
    with pytest.raises(Refusal) as refused:
        await bringing.take_back(store, GUILD, NOW)
    assert plain(refused.value.reason, "en") == (
        "London, meeting on 14 November 2026 was changed since this import, so nothing was taken back. Mend by hand what is wrong."
    )
    assert await rows(store, checkin) == 2


async def test_a_chapter_that_is_in_use_keeps_its_import(store: Store, growing: Growing, tmp_path: Path) -> None:
    await bring(store, tmp_path, "name\nPorto\n", Kind.CHAPTERS)
    await bring(store, tmp_path, "chapter,date,kind\nPorto,2026-11-14,meeting\n")
    await bringing.take_back(store, GUILD, NOW)
    await bringing.take_back(store, GUILD, NOW)
    await bring(store, tmp_path, "name\nPorto\n", Kind.CHAPTERS)
    porto = await id_of(store, "Porto")
    async with store.write() as c:
        await people.add_admin(c, GUILD, porto, ADMIN, NOW)
        await summaries.refresh(c, GUILD, [porto], NOW)
    await growing.does(porto, date(2026, 11, 14))
    with pytest.raises(Refusal, match="changed since"):
        await bringing.take_back(store, GUILD, NOW)


async def test_what_hides_by_now_is_not_named_where_an_import_cannot_be_taken_back(store: Store, growing: Growing, tmp_path: Path) -> None:
    await bring(store, tmp_path, "chapter,date,kind\nLondon,2026-11-14,meeting\nLeeds,2026-11-14,meeting\n")
    leeds = await id_of(store, "Leeds")
    async with store.write() as c:
        (entry,) = [each for each in await past.checkins_by_id(c, GUILD, [1, 2]) if each.chapter_id == leeds]
        await past.set_checkins(c, GUILD, [(entry, entry.entry, entry.version + 1)], NOW, ADMIN)
    await growing.hides(leeds)
    for by, said in ((CORA, "Something was changed since this import"), (ADMIN, "Leeds, meeting on 14 November 2026 was changed")):
        with pytest.raises(Refusal) as refused:
            await bringing.take_back(store, GUILD, NOW, by)
        assert plain(refused.value.reason, "en").startswith(said)


async def test_after_a_week_an_import_stays(store: Store, growing: Growing, tmp_path: Path) -> None:
    await bring(store, tmp_path, CHECKINS)
    with pytest.raises(Refusal, match="There is no import"):
        await bringing.take_back(store, GUILD, NOW + timedelta(days=7, minutes=1))


async def test_a_hidden_chapter_is_not_there_for_a_coordinator(store: Store, growing: Growing, tmp_path: Path) -> None:
    await growing.hides(await id_of(store, "Leeds"))
    file = tmp_path / "file.csv"
    for written in (CHECKINS, "name\nLeeds\n"):
        file.write_text(written)
        seen = (await plans.plan(store, GUILD, file, None, Chosen(), 12, NOW)).preview
        lines = [plain(line, "en") for line in telling.bad_lines(seen)]
        if seen.kind is Kind.CHAPTERS:
            assert lines == ["Line 2: This name cannot be used here. Choose another one."]
        else:
            assert lines == [
                "Line 2: with_chapters: There is no chapter “Leeds” here. Import the chapters first, or mend its name.",
                "Line 3: chapter: There is no chapter “LEEDS” here. Import the chapters first, or mend its name.",
            ]
        # Its own admins see it.
        assert (await plans.plan(store, GUILD, file, None, Chosen(), ADMIN, NOW)).preview.refused <= 1


async def test_a_file_that_could_hold_anything_is_asked_about(store: Store, growing: Growing, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="cannot be told what this file holds"):
        await bring(store, tmp_path, "a,b\n1,2\n")


async def test_what_is_kept_to_take_an_import_back_names_no_words(store: Store, growing: Growing, tmp_path: Path) -> None:
    await bring(store, tmp_path, CHECKINS)
    await bring(store, tmp_path, REPORTS)
    async with store.read() as c:
        assert {row.before for row in await c.execute(select(intake_row.c.before))} == {None}
        lines = (await c.execute(select(change.c.kind, change.c.fields).order_by(change.c.id.desc()).limit(2))).all()
    assert [line.kind for line in lines] == ["import.reports", "import.checkins"]
    assert await rows(store, report) == 2
    assert await rows(store, standing_fact) == 1
