"""Many at once, two at the same thing, and the same click twice: everybody is answered, and what they entered is there once."""

import re
import sys

from tests.faults import crowds, times, within
from tests.faults.rig import Rig

PATIENT = 60.0
"""Seconds: how soon people are answered is for a machine that has nothing else to do, and `make faults` prints it."""


def faultless(outcome: crowds.Outcome, pressed: int) -> None:
    sys.stdout.write(f"{dict(zip(crowds.HEADINGS, outcome.row, strict=True))}\n")
    assert (outcome.unanswered, outcome.lost, outcome.doubled) == ([], [], [])
    assert len(outcome.seconds) == pressed


async def test_a_hundred_people_who_press_at_once_are_all_answered_and_what_they_enter_is_there_once(rig: Rig) -> None:
    rig.child.prepare = within.prepare
    await rig.start()
    await rig.set_up()
    faultless(await crowds.all_at_once(rig, 100, PATIENT), 100)
    assert rig.rows("SELECT count(*) FROM checkin") == [(100,)]
    faultless(await crowds.second_by_second(rig, 100, 2, PATIENT), 200)


async def test_of_two_admins_who_save_the_same_part_one_is_shown_both_and_chooses(rig: Rig) -> None:
    await rig.start()
    await rig.set_up()
    await times.leap_to(rig, times.at("2026-11-01T09:00:05"))
    both = await crowds.the_same_part_twice(rig)
    assert rig.rows("SELECT count(*) FROM report_part") == [(1,)]
    (members,) = {"41", "42"} & set(re.findall(r"\d+", str(rig.rows("SELECT * FROM report_part"))))
    (who,) = [answer for answer in both if "was changed while you wrote" in answer.text]
    assert {"41", "42"} <= set(re.findall(r"\d+", who.text)), who.text
    late = {"41": "ben", "42": "ana"}[members]
    await rig.people[late].press(who, "Take mine")
    (chosen,) = {"41", "42"} & set(re.findall(r"\d+", str(rig.rows("SELECT * FROM report_part"))))
    assert chosen == {"41": "42", "42": "41"}[members]


async def test_a_click_that_discord_delivers_twice_counts_once_and_is_answered_once(rig: Rig) -> None:
    await rig.start()
    with crowds.everything_twice(rig):
        await rig.set_up()
        assert "Checked in for London" in (await rig.check_in("ana", "London", people=12)).text
        await times.leap_to(rig, times.at("2026-11-01T09:00:05"))
        form = await rig.people["ana"].press(rig.seen("london")[-1], "People")
        await rig.people["ana"].fill(form, members="41", met="11")
        await rig.people["ana"].fill(form, members="41", met="11")
        await rig.people["ana"].press(rig.seen("london")[-1], "Publish")
        await rig.people["bea"].press(rig.seen("bath")[-1], "Skip")
        await times.leap_to(rig, times.at("2026-11-01T09:30"))
    assert rig.rows("SELECT (SELECT count(*) FROM chapter), (SELECT count(*) FROM checkin), (SELECT count(*) FROM report_part)") == [
        (6, 1, 1)
    ]
    assert rig.rows("SELECT count(*), count(DISTINCT chapter_id) FROM outbox WHERE kind = 'prompt'") == [(6, 6)]
    assert [each["name"] for each in rig.discord.world.threads(rig.places["reports"])] == ["London · October 2026"]
    assert rig.rows("SELECT kind, count(*) FROM change WHERE kind IN ('checkin.record', 'report.publish') GROUP BY kind ORDER BY kind") == [
        ("checkin.record", 1),
        ("report.publish", 1),
    ]
    assert "Traceback" not in rig.child.log.read_text()
    assert await rig.child.stop() == 0
