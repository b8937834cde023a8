"""A month in London: asked, answered, published, read, corrected."""

from datetime import UTC, date, datetime, timedelta

import pytest
from simcord.results import InteractionResult

from bot.locales.pseudo import everywhere
from tests.flows.rig import Server

FIRST_OF_NOVEMBER = datetime(2026, 11, 1, 9, 5, tzinfo=UTC)


async def prompted(server: Server) -> None:
    await server.advance_to(FIRST_OF_NOVEMBER)


async def published(server: Server, **people: str) -> InteractionResult:
    await prompted(server)
    card = server.last(server.london)
    await server.fill(server.ana, await server.press(server.ana, card, "People"), **(people or {"members": "40", "met": "14"}))
    return await server.press(server.ana, server.last(server.london), "Publish")


async def test_on_the_first_at_nine_the_channel_is_asked_and_only_the_one_on_duty_is_mentioned(server: Server) -> None:
    await server.advance_to(datetime(2026, 11, 1, 8, 55, tzinfo=UTC))
    assert server.messages(server.london) == []
    await prompted(server)
    (prompt,) = server.messages(server.london)
    said = server.text_of(prompt)
    assert "@Ana, how was October 2026 in London?" in said
    assert "due 10 November 2026" in said
    assert [user.id for user in prompt.mentions] == [server.ana.id]


async def test_what_counts_as_no_meeting_is_named_by_its_kind(server: Server) -> None:
    await server.slash(server.ana, "checkin", kind="outreach", people=1)
    await prompted(server)
    assert "Known already: outreach." in server.text_of(server.last(server.london))


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ([14, 11], "2 meetings (14 and 11 people), none with an education part."),
        ([14], "1 meeting (14 people), none with an education part."),
        ([None, 11, None], "3 meetings (11 people, 2 times not counted), none with an education part."),
        ([None, 14, 11], "3 meetings (14 and 11 people, once not counted), none with an education part."),
        ([None], "1 meeting, none with an education part."),
        ([5, 6, 7, 8], "4 meetings (5, 6, 7 and 8 people), none with an education part."),
        ([5, 6, 7, 8, 9, 1000], "6 meetings (5, 6, 7, 8 and 2 more times, 1,035 people if each time is counted), none with an"),
    ],
)
async def test_what_is_known_already_says_how_many_came(server: Server, people: list[int | None], said: str) -> None:
    for day, number in enumerate(people, start=10):
        await server.slash(server.ana, "checkin", kind="meeting", date=f"2026-10-{day}", **({} if number is None else {"people": number}))
    await prompted(server)
    assert f"Known already: {said}" in server.text_of(server.last(server.london))


async def test_what_is_known_already_says_what_had_an_education_part(server: Server) -> None:
    await server.slash(server.ana, "checkin", kind="meeting", date="2026-10-10", people=14, education=True)
    await server.slash(server.ana, "checkin", kind="meeting", date="2026-10-17", people=11)
    await prompted(server)
    said = "Known already: 2 meetings (14 and 11 people), 1 with an education part."
    assert said in server.text_of(server.last(server.london))


async def test_an_answer_is_stored_at_once_and_the_card_shows_it(server: Server) -> None:
    await prompted(server)
    form = await server.press(server.ben, server.last(server.london), "People")
    await server.fill(server.ben, form, members="40", met="14")
    said = server.text_of(server.last(server.london))
    assert "40 members · 14 met face to face" in said
    assert "@Ben" in said
    assert "Open: Activity, In words" in said


async def test_publishing_thanks_posts_and_passes_duty_on(server: Server) -> None:
    thanks = server.text_of(await published(server))
    assert "Thank you. London's October 2026 is published." in thanks
    assert "Next month it is @Ben's turn." in thanks
    (post,) = server.reports.threads
    assert post.name == "London · October 2026"
    assert "40 members · 14 met face to face" in server.text_of(post.history()[0])
    assert "Published by @Ana" in server.text_of(server.last(server.london))
    await server.advance_to(datetime(2026, 12, 1, 9, 5, tzinfo=UTC))
    assert "@Ben, how was November 2026 in London?" in server.text_of(server.last(server.london))


async def test_publishing_twice_posts_once(server: Server) -> None:
    await prompted(server)
    card = server.last(server.london)
    await server.fill(server.ana, await server.press(server.ana, card, "People"), members="40")
    await server.press(server.ana, card, "Publish")
    again = await server.send(server.ana, f"rp.pub:{server.chapters['London']}:2026-10")
    assert "is published" in server.text_of(again)
    assert len(server.reports.threads) == 1
    assert len(server.reports.threads[0].history()) == 1


async def test_a_form_opened_before_a_restart_can_be_sent_after_it(server: Server) -> None:
    await prompted(server)
    form = await server.press(server.ana, server.last(server.london), "In words")
    await server.restart()
    await server.fill(server.ana, form, help="A printer")
    assert "Help wanted: A printer" in server.text_of(server.last(server.london))
    await server.press(server.ana, server.last(server.london), "Publish")
    assert "A printer" in server.text_of(server.reports.threads[0].history()[0])


async def test_what_two_admins_write_into_the_same_part_is_never_overwritten_unseen(server: Server) -> None:
    await prompted(server)
    card = server.last(server.london)
    anas, bens = await server.press(server.ana, card, "People"), await server.press(server.ben, card, "People")
    await server.fill(server.ana, anas, members="40")
    both = await server.fill(server.ben, bens, members="41", met="12")
    said = server.text_of(both)
    assert "@Ana saved: 40 members" in said
    assert "You wrote: 41 members · 12 met face to face" in said
    assert "40 members" in server.text_of(server.last(server.london))
    await server.restart()
    await server.press(server.ben, both, "Take mine")
    assert "41 members · 12 met face to face" in server.text_of(server.last(server.london))


async def test_keeping_the_others_answer_leaves_it(server: Server) -> None:
    await prompted(server)
    card = server.last(server.london)
    anas, bens = await server.press(server.ana, card, "People"), await server.press(server.ben, card, "People")
    await server.fill(server.ana, anas, members="40")
    await server.press(server.ben, await server.fill(server.ben, bens, members="41"), "Keep theirs")
    assert "40 members" in server.text_of(server.last(server.london))


async def test_the_same_form_sent_twice_changes_nothing_more(server: Server) -> None:
    await prompted(server)
    address = f"rp.save:{server.chapters['London']}:2026-10:people:0:1"
    await server.send(server.ana, address, members="40")
    again = await server.send(server.ana, address, members="40")
    assert "was changed while you wrote" not in server.text_of(again)


async def test_an_empty_report_is_not_published(server: Server) -> None:
    await prompted(server)
    answer = await server.press(server.ana, server.last(server.london), "Publish")
    assert "Nothing is answered yet. Answer one question, then press Publish." in server.text_of(answer)
    assert server.reports.threads == []


async def test_words_of_which_nothing_can_be_seen_are_no_answer(server: Server) -> None:
    await prompted(server)
    form = await server.press(server.ana, server.last(server.london), "In words")
    await server.fill(server.ana, form, changing="\u2060", help=" \u200b\u2060 ")
    answer = await server.press(server.ana, server.last(server.london), "Publish")
    assert "Nothing is answered yet." in server.text_of(answer)
    assert server.reports.threads == []


async def test_a_month_before_the_chapter_was_asked_has_no_day_on_which_it_is_due(server: Server) -> None:
    shown = server.text_of(await server.slash(server.ana, "report", month="2026-08"))
    assert "nobody asks for this month, but you can publish it" in shown
    assert "due" not in shown


async def test_only_the_chapters_own_admins_publish_and_the_refusal_names_them(server: Server) -> None:
    await prompted(server)
    for person in (server.mo, server.lea, server.fay, server.cora):
        answer = await server.press(person, server.last(server.london), "Publish")
        assert answer.ephemeral
        assert "Only London's admins can publish its report: @Ana and @Ben." in server.text_of(answer)
    assert server.reports.threads == []


async def test_a_member_cannot_open_a_part(server: Server) -> None:
    await prompted(server)
    answer = await server.press(server.mo, server.last(server.london), "People")
    assert answer.modal is None
    assert "Only London's admins and coordinators can do this" in server.text_of(answer)


async def test_a_button_of_another_server_reaches_nothing(server: Server) -> None:
    await prompted(server)
    for address in ("rp.pub", "rp.pre", "rp.card", "rp.edit", "rp.read", "rp.skip"):
        answer = await server.send(server.eve, f"{address}:{server.chapters['London']}:2026-10")
        if answer.modal is None:
            assert "London" not in server.text_of(answer)


@pytest.mark.parametrize(
    "address",
    [
        *("rp.pub", "rp.pub:x:2026-10", "rp.pub:1:2026-13", "rp.part:1:2026-10:soul", "rp.pub:1:2026-10:more", "nothing"),
        *("rp.edit:1:9999-12", "rp.edit:1:0001-01"),
    ],
)
async def test_a_malformed_button_is_answered(server: Server, address: str) -> None:
    assert "This button no longer works" in server.text_of(await server.send(server.ana, address))


async def test_a_number_that_is_none_is_refused_and_offered_again_as_typed(server: Server) -> None:
    await prompted(server)
    form = await server.press(server.ana, server.last(server.london), "People")
    refused = await server.fill(server.ana, form, members="about 40", met="7")
    assert "Members should be a whole number, such as 12. You wrote “about 40”." in server.text_of(refused)
    await server.restart()
    again = await server.press(server.ana, refused, "Open it again")
    assert server.offered(again) == {"members": "about 40", "met": "7"}
    await server.fill(server.ana, again, members="40")
    assert "40 members · 7 met face to face" in server.text_of(server.last(server.london))


async def test_a_text_that_is_too_long_is_refused_by_how_much_and_kept(server: Server) -> None:
    await prompted(server)
    form = await server.press(server.ana, server.last(server.london), "In words")
    refused = await server.fill(server.ana, form, hard="é" * 720)
    assert "What is hard is 20 characters too long: at most 700." in server.text_of(refused)
    again = await server.press(server.ana, refused, "Open it again")
    assert server.offered(again)["hard"] == "é" * 720


async def test_nobody_else_can_open_what_somebody_typed(server: Server) -> None:
    await prompted(server)
    form = await server.press(server.ana, server.last(server.london), "People")
    refused = await server.fill(server.ana, form, members="x")
    address = server.button(refused, "Open it again")["custom_id"]
    answer = await server.send(server.ben, address)
    assert "This is no longer kept" in server.text_of(answer)


async def test_more_people_met_than_there_are_members_is_refused(server: Server) -> None:
    await prompted(server)
    form = await server.press(server.ana, server.last(server.london), "People")
    answer = await server.fill(server.ana, form, members="10", met="14")
    assert "14 met face to face, but there are only 10 members." in server.text_of(answer)


async def test_the_private_note_stands_in_no_card_preview_post_or_reading(server: Server) -> None:
    await prompted(server)
    form = await server.press(server.ana, server.last(server.london), "In words")
    await server.fill(server.ana, form, changing="We grow", private_note="SECRET words")
    card = server.last(server.london)
    assert "Private note: written" in server.text_of(card)
    preview = await server.press(server.ana, card, "Preview")
    await server.press(server.ana, card, "Publish")
    read = await server.slash(server.mo, "reports read", chapter="London")
    shown = [server.text_of(each) for each in (card, preview, server.last(server.london), read, server.reports.threads[0].history()[0])]
    assert not any("SECRET" in said for said in shown)
    assert "We grow" in server.text_of(read)


async def test_hostile_words_are_shown_and_mention_nobody(server: Server) -> None:
    await prompted(server)
    form = await server.press(server.ana, server.last(server.london), "In words")
    await server.fill(server.ana, form, help=f"@everyone # big\n> quote <@{server.mo.id}> **bold** \u202eabc", hard="🙂" * 700)
    await server.press(server.ana, server.last(server.london), "Publish")
    post = server.reports.threads[0].history()[0]
    assert server.mo.id not in [user.id for user in post.mentions]
    assert not post.mention_everyone
    assert not any("\u202e" in word for word in server.words(post))
    assert "🙂" * 700 in server.text_of(post)


async def test_a_month_is_skipped_with_a_reason(server: Server) -> None:
    await prompted(server)
    form = await server.press(server.ana, server.last(server.london), "Skip")
    await server.fill(server.ana, form, reason="All of us were ill")
    assert "skipped. All of us were ill" in server.text_of(server.last(server.london))
    await server.advance_to(datetime(2026, 11, 9, 12, tzinfo=UTC))
    assert server.messages(server.ana) == []


async def test_skipping_without_a_reason_is_refused(server: Server) -> None:
    await prompted(server)
    answer = await server.send(server.ana, f"rp.skipped:{server.chapters['London']}:2026-10", reason="   ")
    assert "Write a few words why this month is skipped" in server.text_of(answer)


async def test_a_month_that_is_not_over_cannot_be_published(server: Server) -> None:
    answer = await server.slash(server.ana, "report", month="2026-10")
    assert "October 2026 is not over yet: its report opens on 1 November 2026." in server.text_of(answer)


async def test_nudges_go_by_direct_message_first_to_the_one_on_duty_then_to_all(server: Server) -> None:
    await prompted(server)
    await server.advance_to(datetime(2026, 11, 5, 9, 5, tzinfo=UTC))
    assert (len(server.messages(server.ana)), len(server.messages(server.ben))) == (1, 0)
    await server.advance_to(datetime(2026, 11, 9, 9, 5, tzinfo=UTC))
    assert (len(server.messages(server.ana)), len(server.messages(server.ben))) == (2, 1)
    assert len(server.messages(server.london)) == 1


async def test_a_nudges_buttons_work_in_direct_messages(server: Server) -> None:
    await prompted(server)
    await server.advance_to(datetime(2026, 11, 5, 9, 5, tzinfo=UTC))
    form = await server.press(server.ana, server.last(server.ana), "People")
    await server.fill(server.ana, form, members="40")
    await server.press(server.ana, server.last(server.ana), "Publish")
    assert len(server.reports.threads) == 1
    assert "Published by @Ana" in server.text_of(server.last(server.london))


async def test_later_sends_one_direct_message_and_drops_the_nudge_up_to_that_day(server: Server) -> None:
    await server.advance_to(datetime(2026, 11, 4, 12, tzinfo=UTC))
    answer = await server.press(server.ana, server.last(server.london), "Remind me tomorrow")
    assert "You will be reminded by direct message on <5 November 2026 09:00>" in server.text_of(answer)
    await server.press(server.ana, server.last(server.london), "Remind me tomorrow")
    await server.advance_to(datetime(2026, 11, 5, 22, tzinfo=UTC))
    assert len(server.messages(server.ana)) == 1
    await server.advance_to(datetime(2026, 11, 9, 9, 5, tzinfo=UTC))
    assert len(server.messages(server.ana)) == 2


async def test_a_reminder_that_would_come_too_late_is_not_promised(server: Server) -> None:
    await server.advance_to(datetime(2026, 11, 30, 12, tzinfo=UTC))
    for button in ("Remind me tomorrow", "Remind me in 3 days"):
        answer = await server.press(server.ana, server.last(server.london), button)
        assert "October 2026 is not asked for any more by then" in server.text_of(answer)


async def test_a_quiet_month_is_offered_once_something_was_reported(server: Server) -> None:
    await prompted(server)
    assert "Quiet month" not in server.buttons(server.last(server.london))
    forged = await server.send(server.ana, f"rp.quiet:{server.chapters['London']}:2026-10")
    assert "works once your chapter has published a report" in server.text_of(forged)
    await published(server)
    await server.advance_to(datetime(2026, 12, 1, 9, 5, tzinfo=UTC))
    answer = await server.press(server.ben, server.last(server.london), "Quiet month")
    assert "London's November 2026 is published" in server.text_of(answer)
    newest = max(server.reports.threads, key=lambda thread: thread.id)
    said = server.text_of(newest.history()[0])
    assert "A quiet month" in said
    assert "members" not in said


async def test_a_quiet_month_never_takes_the_place_of_what_is_saved(server: Server) -> None:
    await published(server)
    await server.advance_to(datetime(2026, 12, 1, 9, 5, tzinfo=UTC))
    card = server.last(server.london)
    await server.fill(server.ben, await server.press(server.ben, card, "People"), members="44")
    assert "Quiet month" not in server.buttons(server.last(server.london))
    forged = await server.send(server.ben, f"rp.quiet:{server.chapters['London']}:2026-11")
    assert "Something is answered already" in server.text_of(forged)
    assert "44 members" in server.text_of(server.last(server.london))


async def test_a_private_note_alone_is_not_published(server: Server) -> None:
    await prompted(server)
    form = await server.press(server.ana, server.last(server.london), "In words")
    await server.fill(server.ana, form, private_note="Only for us")
    answer = await server.press(server.ana, server.last(server.london), "Publish")
    assert "Nothing is answered yet." in server.text_of(answer)


async def test_a_month_too_long_ago_is_answered_with_the_range(server: Server) -> None:
    answer = await server.slash(server.ana, "report", month="1999-01")
    assert "A report can be for October 2024 to September 2026. You gave January 1999." in server.text_of(answer)


async def test_a_correction_changes_the_post_and_says_so(server: Server) -> None:
    await published(server)
    read = await server.slash(server.ana, "reports read")
    card = await server.press(server.ana, read, "Correct")
    form = await server.press(server.ana, card, "People")
    assert server.offered(form) == {"members": "40", "met": "14"}
    card = await server.fill(server.ana, form, members="42")
    assert "40 members" in server.text_of(server.reports.threads[0].history()[0])
    thanks = server.text_of(await server.press(server.ana, card, "Publish"))
    assert "The correction of London's October 2026 is published." in thanks
    assert "turn" not in thanks
    said = server.text_of(server.reports.threads[0].history()[0])
    assert "42 members" in said
    assert "Edited" in said
    assert len(server.reports.threads) == 1


async def test_a_report_without_a_channel_goes_to_the_one_on_duty_and_if_refused_to_the_next(server: Server) -> None:
    await server.add_chapter("York", server.ben, server.lea, added_on=date(2026, 10, 1))
    server.world.inject_error("POST", f"/channels/{server.ben.user.dm_channel.id}/messages", status=403, code=50007, message="no")
    await prompted(server)
    assert "in York?" in server.text_of(server.last(server.lea))


async def test_report_leads_to_the_card_in_the_channel_or_answers_with_a_private_one(server: Server) -> None:
    await prompted(server)
    there = await server.slash(server.ana, "report")
    assert "The card for October 2026 stands in #london." in server.text_of(there)
    private = await server.slash(server.ana, "report", month="2026-09")
    assert private.ephemeral
    assert "How was September 2026 in London?" in server.text_of(private)


async def test_where_the_card_was_deleted_in_the_channel_report_still_leads_to_it(server: Server) -> None:
    await prompted(server)
    server.world.backend.delete_message(server.london.id, server.last(server.london).id)
    there = await server.slash(server.ana, "report")
    opened = await server.press(server.ana, there, "Open it here")
    assert opened.ephemeral
    form = await server.press(server.ana, opened, "People")
    assert "12 members" in server.text_of(await server.fill(server.ana, form, members="12"))


async def test_reading_what_is_not_there_says_so(server: Server) -> None:
    assert "London has not published a report yet." in server.text_of(await server.slash(server.mo, "reports read", chapter="London"))
    await published(server)
    answer = await server.slash(server.mo, "reports read", chapter="London", month="2026-09")
    assert "London has no published report for September 2026. Its newest is for October 2026." in server.text_of(answer)
    assert "is not a month that I can read" in server.text_of(await server.slash(server.mo, "reports read", chapter="London", month="last"))
    assert "Did you mean" in server.text_of(await server.slash(server.mo, "reports read", chapter="Lundon"))


async def test_a_member_cannot_fill_in_a_report_by_command(server: Server) -> None:
    answer = await server.slash(server.mo, "report", chapter="London", month="2026-09")
    assert "Only London's admins and coordinators" in server.text_of(answer)


async def test_sharing_is_off_until_it_is_switched_on(server: Server) -> None:
    await prompted(server)
    assert "May be shared: off" in server.buttons(server.last(server.london))
    await server.press(server.ana, server.last(server.london), "May be shared: off")
    assert "May be shared: on" in server.buttons(server.last(server.london))


async def test_after_an_outage_one_prompt_goes_out_and_no_nudge(server: Server) -> None:
    await server.world.advance_time(timedelta(days=18).total_seconds())
    await server.run_due()
    assert len(server.messages(server.london)) == 1
    assert server.messages(server.ana) == []


async def test_after_ten_days_without_an_answer_duty_passes_on(server: Server) -> None:
    await server.advance_to(datetime(2026, 12, 1, 9, 5, tzinfo=UTC))
    assert "@Ben, how was November 2026 in London?" in server.text_of(server.last(server.london))


async def test_every_word_of_the_report_is_in_the_catalogue(server: Server) -> None:
    with everywhere():
        await prompted(server)
        card = server.last(server.london)
        server.assert_translated(card)
        for label in server.buttons(card)[:3]:
            server.assert_translated(await server.press(server.ana, card, label))


# The way for phones


async def test_the_prompt_has_buttons_for_what_an_admin_would_have_to_type(server: Server) -> None:
    await prompted(server)
    prompt = server.last(server.london)
    await server.restart()
    assert server.buttons(prompt)[-2:] == ["Check in", "Report"]
    assert "Check in for London" in server.text_of(await server.press(server.ben, prompt, "Check in"))
    private = await server.press(server.ben, prompt, "Report")
    assert private.ephemeral
    assert "How was October 2026 in London?" in server.text_of(private)
    for label in ("Check in", "Report"):
        refused = await server.press(server.mo, prompt, label)
        assert refused.ephemeral
        assert "Only London's admins" in server.text_of(refused)


async def test_the_buttons_stay_while_the_prompt_is_filled_in_and_after_it_is_answered(server: Server) -> None:
    await published(server)
    line = server.last(server.london)
    assert server.buttons(line) == ["Read", "Correct", "Check in", "Report"]
    await server.advance_to(datetime(2027, 1, 1, 9, 5, tzinfo=UTC))
    assert "How was December 2026 in London?" in server.text_of(await server.press(server.ana, line, "Report"))


async def test_a_nudge_checks_in_and_reports_from_direct_messages(server: Server) -> None:
    await prompted(server)
    await server.advance_to(datetime(2026, 11, 5, 9, 5, tzinfo=UTC))
    nudge = server.last(server.ana)
    form = await server.press(server.ana, nudge, "Check in")
    done = await server.fill(server.ana, form, people="9")
    assert "Checked in for London" in server.text_of(done)
    assert "How was October 2026 in London?" in server.text_of(await server.press(server.ana, nudge, "Report"))
    saved = await server.fill(server.ana, await server.press(server.ana, nudge, "People"), members="40")
    assert server.buttons(saved)[-2:] == ["Check in", "Report"]


async def test_a_private_card_offers_to_check_in_but_not_itself_again(server: Server) -> None:
    await prompted(server)
    private = await server.press(server.ana, server.last(server.london), "Report")
    assert server.buttons(private)[-1] == "Check in"
