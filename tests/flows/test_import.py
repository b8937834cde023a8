"""/import as a coordinator meets it: a file, a preview, a button that outlives restarts, and everything taken back."""

import csv
import io
import json
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from bot.services.sheets import LARGEST_FILE
from db.tables import change, chapter, checkin, goal_figure, intake, intake_row, report
from tests.flows.rig import Server, Shown

CHECKINS = "chapter,date,kind,people\nLondon,2026-10-14,meeting,14\nLeeds,2026-10-15,education,\n"
BRIGADES = Path(__file__).parents[1] / "data" / "brigades.csv"


async def send(server: Server, written: str | bytes, who: str = "cora", name: str = "list.csv", **more: Any) -> Shown:
    content = written.encode() if isinstance(written, str) else written
    return await server.slash(server.people[who], "import file", file=(name, content), **more)


async def count(server: Server, table: Any) -> int:
    async with server.store.read() as c:
        return (await c.execute(select(func.count()).select_from(table))).scalar_one()


async def kinds(server: Server) -> list[str]:
    async with server.store.read() as c:
        return list(await c.scalars(select(change.c.kind).where(change.c.kind.startswith("import.")).order_by(change.c.id)))


async def test_a_file_is_shown_then_stored_once_and_taken_back(server: Server) -> None:
    shown = await send(server, CHECKINS)
    said = server.text_of(shown)
    assert "Would be added: 2 check-ins (London, meeting on 14 October 2026, Leeds, education on 15 October 2026)." in said
    assert await count(server, checkin) == 0
    done = await server.press(server.cora, shown, "Import it")
    assert "Added: 2 check-ins." in server.text_of(done)
    assert await count(server, checkin) == 2
    again = await server.send(server.cora, f"im.go:{await _intake(server)}:0")
    assert "imported already" in server.text_of(again)
    assert await count(server, checkin) == 2
    back = await server.slash(server.cora, "import undo")
    assert "Taken away again: 2 check-ins." in server.text_of(back)
    assert (await count(server, checkin), await kinds(server)) == (0, ["import.checkins", "import.undo"])
    nothing = await server.slash(server.cora, "import undo")
    assert "There is no import of the last 7 days" in server.text_of(nothing)


async def _intake(server: Server) -> int:
    async with server.store.read() as c:
        return (await c.execute(select(func.max(intake.c.id)))).scalar_one()


async def test_the_button_works_after_a_restart_and_for_a_day(server: Server) -> None:
    shown = await send(server, CHECKINS)
    await server.restart()
    assert "Added: 2 check-ins." in server.text_of(await server.press(server.cora, shown, "Import it"))
    late = await send(server, "chapter,date,kind\nLondon,2026-10-01,social\n")
    await server.advance(hours=24, minutes=1)
    assert "waited for a day" in server.text_of(await server.press(server.cora, late, "Import it"))
    assert await count(server, checkin) == 2


async def test_only_a_coordinator_may(server: Server) -> None:
    refused = await send(server, CHECKINS, who="ana")
    assert "Only coordinators can do this." in server.text_of(refused)
    assert await count(server, intake) == 0
    await send(server, CHECKINS)
    pressed = await server.send(server.ana, f"im.go:{await _intake(server)}:0")
    assert "Only coordinators can do this." in server.text_of(pressed)
    assert "Only coordinators can do this." in server.text_of(await server.slash(server.ana, "import undo"))
    assert await count(server, checkin) == 0


async def test_another_servers_file_is_not_there(server: Server) -> None:
    await send(server, CHECKINS)
    elsewhere = await server.send(server.eve, f"im.go:{await _intake(server)}:0")
    assert "Chapterhouse is not set up here yet" in server.text_of(elsewhere)
    assert await count(server, checkin) == 0


async def test_bad_rows_come_back_as_a_file_that_can_be_mended_and_sent_again(server: Server) -> None:
    shown = await send(server, CHECKINS + "Londn,2026-10-16,meeting,3\nLeeds,03/04/2026,meeting,=3\n")
    said = server.text_of(shown)
    assert "2 rows cannot be taken" in said
    assert "Line 4: chapter: There is no chapter “Londn”. Did you mean London?" in said
    (attached,) = server.message(shown).attachments
    assert attached.filename == "list-to-mend.csv"
    bad = list(csv.DictReader(io.StringIO((await attached.read()).decode("utf-8-sig"))))
    assert [(row["line"], row["chapter"]) for row in bad] == [("4", "Londn"), ("5", "Leeds")]
    assert bad[1]["reason"] == "date: “03/04/2026” could be 2026-04-03 or 2026-03-04. Write it one of these ways."
    assert bad[1]["people"] == "'=3"
    done = await server.press(server.cora, shown, "Import the other 2 rows")
    said = server.text_of(done)
    assert "Added: 2 check-ins." in said
    assert "2 rows were left out." in said
    assert "/progress shows where you stand now" in said
    assert "taken back for 7 days, with /import undo" in said
    assert [each.filename for each in server.message(done).attachments] == ["list-to-mend.csv"]
    for row in bad:
        row |= {"chapter": row["chapter"].replace("Londn", "London"), "date": "2026-10-16", "people": "3"}
    mended = io.StringIO()
    writer = csv.DictWriter(mended, list(bad[0]))
    writer.writeheader()
    writer.writerows(bad)
    again = await send(server, mended.getvalue())
    assert "Column" not in server.text_of(again)
    assert "Would be added: 2 check-ins" in server.text_of(again)


async def test_bad_rows_come_back_in_the_form_in_which_they_came(server: Server) -> None:
    shown = await send(server, json.dumps([{"chapter": "Nowhere", "date": "2026-10-14", "kind": "meeting"}]), name="list.json")
    (attached,) = server.message(shown).attachments
    (bad,) = json.loads(await attached.read())
    assert bad["line"] == "1"
    assert bad["reason"].startswith("chapter: There is no chapter “Nowhere”")
    book = await send(server, _workbook([["chapter", "date", "kind"], ["Nowhere", "2026-10-14", "meeting"]]), name="list.xlsx")
    (attached,) = server.message(book).attachments
    rows = list(load_workbook(io.BytesIO(await attached.read())).active.values)
    assert rows[0] == ("line", "chapter", "date", "kind", "reason")
    assert rows[1][:4] == ("2", "Nowhere", "2026-10-14", "meeting")


def _workbook(rows: list[list[str]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


async def test_what_changed_since_it_was_shown_is_shown_anew_before_it_is_stored(server: Server) -> None:
    shown = await send(server, CHECKINS)
    await server.slash(server.ana, "checkin", kind="meeting", date="2026-10-14", people=9)
    anew = await server.press(server.cora, shown, "Import it")
    said = server.text_of(anew)
    assert "Something was changed here since this was shown" in said
    assert "Would be changed: 1 check-in" in said
    assert await count(server, checkin) == 1
    assert "Changed: 1 check-in." in server.text_of(await server.press(server.cora, anew, "Import it"))


async def test_nothing_tells_a_coordinator_of_a_hidden_chapter(server: Server) -> None:
    await server.slash(server.lea, "chapter visibility", level="hidden")
    said = server.text_of(await send(server, CHECKINS))
    assert "Line 3: chapter: There is no chapter “Leeds” here." in said
    said = server.text_of(await send(server, "name\nLeeds\nPorto\n"))
    assert "Line 2: This name cannot be used here. Choose another one." in said


async def test_past_reports_goals_and_figures_come_in_the_same_way(server: Server) -> None:
    reports = "chapter,period,published_on,members\nLondon,2026-08,2026-09-04,40\n"
    await server.press(server.cora, await send(server, reports), "Import it")
    goals = "metric,name,target\nmanual,Flats,12\n"
    await server.press(server.cora, await send(server, goals), "Import it")
    figures = "goal,date,value\nFlats,2020-01-01,3\n"
    await server.press(server.cora, await send(server, figures), "Import it")
    assert (await count(server, goal_figure), await kinds(server)) == (1, ["import.reports", "import.goals", "import.figures"])
    async with server.store.read() as c:
        assert str((await c.execute(select(report.c.first_published_on).where(report.c.members == 40))).scalar_one()) == "2026-09-04"


async def test_181_real_chapters_come_in_and_a_second_time_nothing_changes(server: Server) -> None:
    shown = await send(server, BRIGADES.read_bytes(), name="brigades.csv")
    assert "Would be added: 181 chapters" in server.text_of(shown)
    await server.press(server.cora, shown, "Import it")
    assert await count(server, chapter) == 181 + len(server.chapters)
    again = server.text_of(await send(server, BRIGADES.read_bytes(), name="brigades.csv"))
    assert "Nothing would change." in again
    assert "There already and left as it is: 181 chapters." in again
    assert "Taken away again: 181 chapters." in server.text_of(await server.slash(server.cora, "import undo"))
    assert await count(server, chapter) == len(server.chapters)


async def test_a_file_put_aside_is_not_kept(server: Server) -> None:
    shown = await send(server, CHECKINS)
    assert "put aside" in server.text_of(await server.press(server.cora, shown, "Put it aside"))
    assert await count(server, intake) == 0


async def test_what_cannot_be_read_is_refused_in_a_sentence_and_not_kept(server: Server) -> None:
    assert "It cannot be told what this file holds" in server.text_of(await send(server, "a,b\n1,2\n"))
    assert "The file has no column target" in server.text_of(await send(server, "metric\nmembers\n", holds="goals"))
    assert "cannot be read. Save the list as" in server.text_of(await send(server, "x", name="list.pdf"))
    assert "larger than 10 megabytes" in server.text_of(await send(server, b"x" * (LARGEST_FILE + 1)))
    assert await count(server, intake) == 0


async def test_what_is_kept_of_an_import_goes_after_a_week(server: Server) -> None:
    await server.press(server.cora, await send(server, CHECKINS), "Import it")
    assert await count(server, intake_row) == 2
    await server.advance(days=9)
    await server.run_due()
    assert (await count(server, intake), await count(server, intake_row)) == (0, 0)
    assert await count(server, checkin) == 2
