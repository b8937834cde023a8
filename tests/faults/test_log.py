"""Nobody can read in the log who is there or what they wrote: a month of the real process, with errors wherever they can be."""

import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from tests.faults import people
from tests.faults.discord.http import TOKEN
from tests.faults.discord.trouble import Trouble, answer, error
from tests.faults.people import COMMAND, Answer, Unanswered, text_of
from tests.faults.rig import Rig

WORDS = ("Zanzibar", "Stonetown", "Xanthippe", "quince", "marmot", "ocelot", "pangolin", "axolotl", "Ylang", "capybara", "tapir", "numbat")
"""What is typed here and nowhere else: a name, a town, notes, texts, reasons, what is searched for, what was mistyped."""

REFERENCE = re.compile(r"tell a coordinator the reference ([A-Z2-9]{5})\.")


def break_database(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as database:
        for each in statements:
            database.execute(each)


async def echo(request: web.Request) -> web.StreamResponse:
    """Discord refuses, and says again what it was sent."""
    return answer(
        {"message": f"Invalid Form Body: {await request.text()}", "code": 50035, "errors": {"content": await request.text()}}, 400
    )


async def a_month(rig: Rig) -> list[str]:
    """Everything that people can type, typed; then the same while it cannot be done. The references that they were told."""
    ana, cora, general = rig.people["ana"], rig.people["cora"], rig.places["general"]
    await cora.slash("chapter add", general, name="Zanzibar", timezone="Europe/London", city="Stonetown", channel=rig.places["london"])
    await cora.slash("chapter admins add", general, user=ana.id, chapter="Zanzibar")
    await cora.slash("goal add", general, metric="manual", target=10, name="Ylang")
    await ana.slash("checkin", general, chapter="Zanzibar", kind="meeting", people=12, note="quince")
    await ana.slash("checkin", general, chapter="Zanzibar", kind="meeting", date="numbat")
    await ana.slash("chapter status", general, chapter="tapir")
    await ana.type("chapter status", general, "chapter", "tapir")
    rig.clock.move_to(datetime(2026, 11, 1, 9, 0, 5, tzinfo=UTC))
    await rig.settle()
    prompt = next(each for each in reversed(rig.seen("london")) if "Zanzibar" in text_of(each))
    await ana.fill(await ana.press(prompt, "People"), members="marmot")
    await ana.fill(await ana.press(prompt, "People"), members="40", met="12")
    words = {"changing": "ocelot", "hard": "pangolin", "help": "axolotl"}
    form = await ana.press(prompt, "words")
    await ana.fill(form, **words)
    references = await with_errors(rig, form, words)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "LONG_ENOUGH", 0.5)
        await while_discord_has_trouble(rig, prompt)
    await rig.settle()
    return references


async def with_errors(rig: Rig, form: Answer, words: dict[str, str]) -> list[str]:
    ana, general, told = rig.people["ana"], rig.places["general"], []
    break_database(rig.child.database, "ALTER TABLE report_part RENAME TO mislaid", "ALTER TABLE checkin RENAME TO lost")
    told.append(await ana.fill(form, **words))
    told.append(await ana.slash("checkin", general, chapter="Zanzibar", kind="meeting", people=7, note="capybara"))
    break_database(rig.child.database, "ALTER TABLE mislaid RENAME TO report_part", "ALTER TABLE lost RENAME TO checkin")
    break_database(rig.child.database, "ALTER TABLE summary RENAME TO mislaid")
    rig.clock.move(timedelta(minutes=3))
    await ana.slash("chapter list", general)
    break_database(rig.child.database, "ALTER TABLE mislaid RENAME TO summary")
    return [found[1] for each in told if (found := REFERENCE.search(each.text))]


async def while_discord_has_trouble(rig: Rig, prompt: dict[str, object]) -> None:
    ana, general = rig.people["ana"], rig.places["general"]
    everywhere = r"/(interactions|webhooks|channels)/.*"
    for act in (echo, error(404, 10062, "Unknown interaction Xanthippe"), error(500, 0, "Xanthippe"), error(403, 50013, "Xanthippe")):
        rig.discord.api.troubles[:] = [Trouble(method, everywhere, act, times=None) for method in ("POST", "PATCH")]
        rig.discord.api.patience = 0.5
        for command, options in (("chapter status", {"chapter": "Zanzibar"}), ("checkins", {"chapter": "Zanzibar"})):
            with pytest.raises(Unanswered):
                await ana.slash(command, general, **options)
    with pytest.raises(Unanswered):
        await ana._send(
            COMMAND, {"id": "1", "name": "Xanthippe", "type": 1, "options": [{"name": "numbat", "type": 3, "value": "x"}]}, general
        )
    with pytest.raises(Unanswered):
        await ana.send_component(prompt, "Xanthippe:numbat")
    rig.clock.move(timedelta(days=6))
    rig.discord.api.troubles.clear()


async def test_a_month_with_errors_leaves_no_name_no_text_and_no_secret_in_the_log(rig: Rig) -> None:
    rig.child.variables = {"CHAPTERHOUSE_LOG_LEVEL": "debug", "CHAPTERHOUSE_LOG_FORMAT": "json"}
    await rig.start()
    await rig.set_up()
    references = await a_month(rig)
    assert await rig.child.stop() == 0
    log = rig.child.log.read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    ids = {str(person.id) for person in rig.people.values()}
    secrets = {TOKEN, *ids, *rig.people, *rig.discord.api.interactions, *rig.chapters, "The organisation"}
    assert [each for each in (*WORDS, *secrets) if re.search(rf"(?<!\w){re.escape(each)}(?!\w)", log)] == []
    assert len(references) == 2
    for reference in references:
        (line,) = [line for line in lines if line.get("reference") == reference]
        assert reference in line["message"]
        assert line["outcome"] == "failed"
        assert line["guild"] == rig.server.id
        assert line["error"].startswith("OperationalError at db/driver.py:")
        assert "cogs/ui.py" in line["error"]
    assert {"answered", "refused", "failed", "late"} <= {line.get("outcome") for line in lines}
    assert {"autocomplete", "component", "modal_submit", "application_command"} <= {line.get("way") for line in lines}
