"""Check-ins in Discord: /checkin, its form, its confirmation with Correct, Withdraw and partners, and the question to partners."""

import discord
from discord import app_commands
from discord.app_commands import Choice, Range, locale_str
from discord.ext import commands

from bot.domain.checkins import LARGEST_NUMBER, NOTE_LENGTH, PartnerState
from bot.domain.rights import Action
from bot.services import checkins, drafts, options, partners
from bot.services.checkins import Crossed, Doubled, Entered, Shown
from cogs import ui
from cogs.cards import checkins as cards
from cogs.cards.discreet import partner_address, waiting_card
from cogs.cards.words import NOT_KNOWN
from cogs.checkin_list import KINDS, CheckInList
from cogs.layout import Card, Form, Typed
from cogs.request import Request

FORMATS = [
    Choice(name=locale_str("In person"), value="in_person"),
    Choice(name=locale_str("Online"), value="online"),
    Choice(name=locale_str("In person and online"), value="hybrid"),
]


class CheckIns(CheckInList):
    """/checkin, and every button and form of a check-in."""

    @app_commands.command(name="checkin", description=locale_str("Record something your chapter did"))
    @app_commands.guild_only()
    @app_commands.rename(day="date", how="format")
    @app_commands.choices(kind=KINDS, how=FORMATS)
    @app_commands.describe(
        kind=locale_str("What it was"),
        day=locale_str("The day, such as 2026-11-14; without it today"),
        people=locale_str("How many took part; only the number"),
        how=locale_str("How people came together"),
        education=locale_str("Whether it had an education part"),
        with_chapters=locale_str("Other chapters that took part, separated by commas; they are asked"),
        note=locale_str("A few words that everybody can read (name no one)"),
        chapter=locale_str("The chapter; without it your own"),
    )
    @ui.answered(Action.CHECK_IN)
    async def checkin(
        self,
        interaction: discord.Interaction,
        kind: str,
        day: str | None = None,
        people: Range[int, 0, LARGEST_NUMBER] | None = None,
        how: str | None = None,
        education: bool | None = None,
        with_chapters: str | None = None,
        note: Range[str, 0, NOTE_LENGTH] | None = None,
        chapter: str | None = None,
    ) -> None:
        """Stores a check-in and says what it changed."""
        request = Request(interaction)
        entered = Entered(kind, day, people, how, education, note, with_chapters)
        await request.answer(
            _recorded(await checkins.record(request.store, request.caller, chapter, entered, request.form_key, request.now))
        )

    @checkin.autocomplete("chapter")
    async def _chapters(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, options.chapters, typed)

    @checkin.autocomplete("day")
    async def _days(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, options.days, typed)

    @checkin.autocomplete("with_chapters")
    async def _partners(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, partners.suggestions, typed)

    @ui.pressed("ci.new", Action.CHECK_IN)
    async def new(self, request: Request, chapter_id: int) -> None:
        """Opens the form for a new check-in."""
        await request.open(await self.new_form(request, chapter_id, request.form_key))

    async def new_form(self, request: Request, chapter_id: int, form_key: str) -> Form:
        """The form for a new check-in, as it was when it was opened first."""
        chapter, today = await checkins.blank(request.store, request.caller, chapter_id, request.now)
        return cards.new_form(chapter, today, form_key)

    @ui.pressed("ci.form", Action.CHECK_IN, form="new_form")
    async def record(self, request: Request, chapter_id: int, form_key: str) -> None:
        """Stores what the form says."""
        done = await checkins.record(request.store, request.caller, chapter_id, _entered(request.typed), form_key, request.now)
        await request.answer(_recorded(done))

    @ui.pressed("ci.any", Action.CHECK_IN)
    async def store_anyway(self, request: Request, chapter_id: int, form_key: str) -> None:
        """Stores a second check-in of the same kind and day."""
        shown = await checkins.store_anyway(request.store, request.caller, chapter_id, form_key, request.now)
        await request.replace(cards.checkin_card(shown, recorded=True))

    @ui.pressed("ci.see", Action.CORRECT_CHECKIN)
    async def see(self, request: Request, chapter_id: int, checkin_id: int) -> None:
        """Shows a check-in as it stands."""
        await request.replace(cards.checkin_card(await checkins.see(request.store, request.caller, chapter_id, checkin_id, request.now)))

    @ui.pressed("ci.fix", Action.CORRECT_CHECKIN)
    async def open_correction(self, request: Request, chapter_id: int, checkin_id: int) -> None:
        """Opens the form that corrects a check-in."""
        shown = await checkins.see(request.store, request.caller, chapter_id, checkin_id, request.now)
        if shown.withdrawn:
            await request.replace(cards.checkin_card(shown))
        else:
            await request.open(cards.correction_form(shown, request.form_key))

    async def correction_form(self, request: Request, chapter_id: int, checkin_id: int, _seen: int, form_key: str) -> Form:
        """The form that corrects a check-in, on what is stored by now."""
        return cards.correction_form(await checkins.see(request.store, request.caller, chapter_id, checkin_id, request.now), form_key)

    @ui.pressed("ci.save", Action.CORRECT_CHECKIN, form="correction_form")
    async def correct(self, request: Request, chapter_id: int, checkin_id: int, seen: int, form_key: str) -> None:
        """Stores a correction, or shows what somebody else stored meanwhile."""
        done = await checkins.correct(request.store, request.caller, chapter_id, checkin_id, seen, _entered(request.typed), request.now)
        if isinstance(done, Crossed):
            await drafts.keep(request.store, request.caller, form_key, request.address, request.typed, request.now)
        await request.replace(_corrected(done, form_key))

    @ui.pressed("ci.mine", Action.CORRECT_CHECKIN)
    async def take_mine(self, request: Request, chapter_id: int, checkin_id: int, seen: int, form_key: str) -> None:
        """Stores the asker's correction over what somebody else stored meanwhile."""
        kept = await drafts.kept(request.store, request.caller, form_key, request.now)
        done = await checkins.correct(request.store, request.caller, chapter_id, checkin_id, seen, _entered(kept.typed), request.now)
        await request.replace(_corrected(done, form_key))

    @ui.pressed("ci.edu", Action.CORRECT_CHECKIN)
    async def set_education(self, request: Request, chapter_id: int, checkin_id: int, seen: int, answer: str) -> None:
        """Says whether it had an education part."""
        shown = await checkins.set_education(request.store, request.caller, chapter_id, checkin_id, seen, answer == "yes", request.now)
        await request.replace(cards.checkin_card(shown))

    @ui.pressed("ci.with", Action.CORRECT_CHECKIN)
    async def choose_partners(self, request: Request, chapter_id: int, checkin_id: int, seen: int) -> None:
        """Says which chapters took part."""
        chosen = request.chosen_many(int)
        shown = await checkins.choose_partners(request.store, request.caller, chapter_id, checkin_id, seen, chosen, request.now)
        await request.replace(cards.checkin_card(shown))

    @ui.pressed("ci.drop", Action.CORRECT_CHECKIN)
    async def ask_to_withdraw(self, request: Request, chapter_id: int, checkin_id: int, _seen: int) -> None:
        """Asks once more before a check-in is withdrawn."""
        shown = await checkins.see(request.store, request.caller, chapter_id, checkin_id, request.now)
        await request.replace(cards.checkin_card(shown) if shown.withdrawn else cards.withdraw_card(shown))

    @ui.pressed("ci.gone", Action.CORRECT_CHECKIN)
    async def withdraw(self, request: Request, chapter_id: int, checkin_id: int, seen: int) -> None:
        """Withdraws a check-in."""
        shown = await checkins.withdraw(request.store, request.caller, chapter_id, checkin_id, seen, request.now)
        await request.replace(cards.checkin_card(shown))

    @ui.pressed("ci.ask", Action.ANSWER_PARTNER)
    async def ask(self, request: Request, checkin_id: int, chapter_id: int) -> None:
        """Shows the question that waits for a discreet chapter, or what it answered."""
        question = await partners.asked(request.store, request.caller, checkin_id, chapter_id)
        still = question.state is PartnerState.ASKED
        await request.answer(cards.question_card(question) if still else cards.answered_card(question, None))

    @ui.pressed("ci.yes", Action.ANSWER_PARTNER)
    async def took_part(self, request: Request, checkin_id: int, chapter_id: int) -> None:
        """Says that a chapter took part."""
        await self._answer(request, checkin_id, chapter_id, took_part=True)

    @ui.pressed("ci.no", Action.ANSWER_PARTNER)
    async def took_no_part(self, request: Request, checkin_id: int, chapter_id: int) -> None:
        """Says that a chapter did not take part."""
        await self._answer(request, checkin_id, chapter_id, took_part=False)

    async def _answer(self, request: Request, checkin_id: int, chapter_id: int, *, took_part: bool) -> None:
        answered = await partners.answer(request.store, request.caller, checkin_id, chapter_id, took_part, request.now)
        question = answered.question
        cover = waiting_card(partner_address(checkin_id, chapter_id), done=True) if question.chapter.discreet else None
        await request.update(cards.answered_card(question, request.caller.user_id), question.organisation.language, cover)
        await request.answer(cards.counted_card(answered))


def _recorded(done: Shown | Doubled) -> Card:
    return cards.doubled_card(done) if isinstance(done, Doubled) else cards.checkin_card(done, recorded=True)


def _corrected(done: Shown | Crossed, form_key: str) -> Card:
    return cards.crossed_card(done, form_key) if isinstance(done, Crossed) else cards.checkin_card(done)


def _entered(typed: Typed) -> Entered:
    """A check-in as a form holds it."""
    answers = {name: answer for name, answer in typed.items() if isinstance(answer, str) and answer != NOT_KNOWN}
    return Entered(answers.get("kind", ""), answers.get("day"), answers.get("people", ""), answers.get("format"), note=answers.get("note"))


async def setup(bot: commands.Bot) -> None:
    """Loads the commands and buttons of check-ins."""
    await bot.add_cog(CheckIns())
