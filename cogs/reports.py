"""The monthly report in Discord: its card, its forms, publishing, reading."""

from dataclasses import replace

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.domain import checkins as rules
from bot.domain.calendar import Month
from bot.domain.chapters import Dues
from bot.domain.checkins import Kind, parse_number
from bot.domain.refusal import Refusal
from bot.domain.reports import Activity, Answers, Part, People, State, Words
from bot.domain.rights import Action
from bot.domain.text import Moment, Style, Text, text
from bot.services import drafts, echoes, options, periods, reading, redacting, report_list, reports
from bot.services.periods import ReportCard
from bot.services.redacting import Redactable
from bot.services.reports import Conflict
from cogs import ui
from cogs.cards import redaction as redactions
from cogs.cards import report_forms as forms
from cogs.cards import report_list as lists
from cogs.cards import reports as cards
from cogs.cards.discreet import report_cover
from cogs.cards.echoes import neighbour_card
from cogs.cards.words import NOT_KNOWN
from cogs.layout import Card, Form, Typed, address
from cogs.request import Request


class Reports(ui.ChapterCog):
    """/report, /reports and every button of the report card."""

    reports = app_commands.Group(name="reports", description=locale_str("Published reports of the chapters"), guild_only=True)

    @app_commands.command(name="report", description=locale_str("Fill in your chapter's monthly report"))
    @app_commands.guild_only()
    @app_commands.describe(
        month=locale_str("The month, such as 2026-10; without it the newest one that is asked for"),
        chapter=locale_str("The chapter; without it your own"),
    )
    @ui.answered(Action.FILL_REPORT)
    async def report(self, interaction: discord.Interaction, month: str | None = None, chapter: str | None = None) -> None:
        """Shows the period's card, or where it stands."""
        request = Request(interaction)
        period = rules.parse_month(month) if month else None
        shown, place = await periods.card_by_name(request.store, request.caller, chapter, period, request.now)
        elsewhere = place if shown.state not in _CLOSED and not (shown.chapter.discreet or shown.chapter.hidden) else None
        await request.answer(cards.link_card(shown, elsewhere) if elsewhere else cards.report_card(shown))

    @reports.command(name="read", description=locale_str("Read a chapter's published report"))
    @app_commands.describe(
        chapter=locale_str("The chapter; without it your own"),
        month=locale_str("The month, such as 2026-10; without it the newest one"),
    )
    @ui.answered(Action.READ)
    async def read(self, interaction: discord.Interaction, chapter: str | None = None, month: str | None = None) -> None:
        """Shows a published report."""
        request = Request(interaction)
        found = await reading.read(request.store, request.caller, chapter, rules.parse_month(month) if month else None)
        await request.answer(cards.reading_card(found))

    @reports.command(name="list", description=locale_str("A chapter's reports, newest first"))
    @app_commands.describe(chapter=locale_str("The chapter; without it your own"))
    @ui.answered(Action.READ)
    async def list_(self, interaction: discord.Interaction, chapter: str | None = None) -> None:
        """Shows the newest reports."""
        request = Request(interaction)
        await request.answer(lists.list_card(await report_list.listed(request.store, request.caller, chapter, 0, request.now)))

    @report.autocomplete("chapter")
    @read.autocomplete("chapter")
    @list_.autocomplete("chapter")
    async def _chapters(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await ui.choices(interaction, options.chapters, typed)

    @report.autocomplete("month")
    @read.autocomplete("month")
    async def _months(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await ui.choices(interaction, options.months, typed)

    @ui.pressed("rp.card", Action.FILL_REPORT)
    async def open_card(self, request: Request, chapter_id: int, month: str) -> None:
        """Answers with the card of a period, or of the newest one that is asked for."""
        period = rules.parse_month(month) if month else None
        shown = await periods.card(request.store, request.caller, chapter_id, period, request.now)
        await request.answer(cards.report_card(shown))

    @ui.pressed("rp.edit", Action.FILL_REPORT)
    async def edit(self, request: Request, chapter_id: int, period: Month) -> None:
        """Opens an answered period again."""
        shown = await periods.card(request.store, request.caller, chapter_id, period, request.now)
        await request.answer(cards.correction_card(shown))

    @ui.pressed("rp.part", Action.FILL_REPORT)
    async def open_part(self, request: Request, chapter_id: int, period: Month, part: Part) -> None:
        """Opens the form of one part."""
        shown = await periods.card(request.store, request.caller, chapter_id, period, request.now)
        await request.open(forms.form(shown, part, request.form_key))

    async def part_form(self, request: Request, chapter_id: int, period: Month, part: Part, seen: int, form_key: str) -> Form:
        """The form of one part as it was when it was opened first."""
        shown = await periods.card(request.store, request.caller, chapter_id, period, request.now)
        return replace(forms.form(shown, part, form_key), to=address("rp.save", chapter_id, period, part, seen, form_key))

    @ui.pressed("rp.save", Action.FILL_REPORT, form="part_form")
    async def save(self, request: Request, chapter_id: int, period: Month, part: Part, seen: int, form_key: str) -> None:
        """Stores one part, or shows what somebody else saved meanwhile."""
        answers = _answers(part, request.typed)
        saved = await reports.save_part(
            request.store,
            request.caller,
            chapter_id,
            period,
            part,
            answers,
            seen,
            request.message_id,
            request.now,
            _unasked(part, request.typed),
        )
        if isinstance(saved, Conflict):
            await drafts.keep(request.store, request.caller, form_key, request.address, request.typed, request.now)
            await request.answer(cards.conflict_card(saved, form_key))
        else:
            await self._show(request, saved)

    @ui.pressed("rp.mine", Action.FILL_REPORT)
    async def take_mine(self, request: Request, chapter_id: int, period: Month, part: Part, seen: int, form_key: str) -> None:
        """Stores what the asker wrote over what somebody else saved meanwhile."""
        kept = await drafts.kept(request.store, request.caller, form_key, request.now)
        answers = _answers(part, kept.typed)
        left = _unasked(part, kept.typed)
        saved = await reports.save_part(request.store, request.caller, chapter_id, period, part, answers, seen, None, request.now, left)
        await request.replace(cards.conflict_card(saved, form_key) if isinstance(saved, Conflict) else _card_of(saved))

    @ui.pressed("rp.theirs", Action.FILL_REPORT)
    async def keep_theirs(self, request: Request, chapter_id: int, period: Month) -> None:
        """Leaves what somebody else saved."""
        shown = await periods.card(request.store, request.caller, chapter_id, period, request.now)
        await request.replace(_card_of(shown))

    @ui.pressed("rp.pre", Action.FILL_REPORT)
    async def preview(self, request: Request, chapter_id: int, period: Month) -> None:
        """Shows exactly what would be public."""
        shown = await periods.card(request.store, request.caller, chapter_id, period, request.now)
        await request.answer(cards.preview_card(shown))

    @ui.pressed("rp.pub", Action.PUBLISH_REPORT)
    async def publish(self, request: Request, chapter_id: int, period: Month) -> None:
        """Publishes what is saved."""
        done = await reports.publish(request.store, request.caller, chapter_id, period, request.now)
        await request.answer(cards.thanks_card(done))

    @ui.pressed("rp.echo", Action.FILL_REPORT)
    async def meet(self, request: Request, chapter_id: int, period: Month, other_id: int, other_period: Month) -> None:
        """Shows who else finds the same hard, while both let it be shared."""
        found = await echoes.meet(request.store, request.caller, chapter_id, period, other_id, other_period, request.now)
        await request.answer(neighbour_card(found))

    @ui.pressed("rp.quiet", Action.PUBLISH_REPORT)
    async def quiet_month(self, request: Request, chapter_id: int, period: Month) -> None:
        """Publishes a month in which nothing much changed."""
        done = await reports.publish(request.store, request.caller, chapter_id, period, request.now, quiet=True)
        await request.answer(cards.thanks_card(done))

    @ui.pressed("rp.share", Action.FILL_REPORT)
    async def share(self, request: Request, chapter_id: int, period: Month, wanted: str) -> None:
        """Chooses whether what is hard may be quoted."""
        shown = await reports.share(request.store, request.caller, chapter_id, period, wanted == "on", request.message_id, request.now)
        await self._show(request, shown)

    @ui.pressed("rp.skip", Action.PUBLISH_REPORT)
    async def ask_why(self, request: Request, chapter_id: int, period: Month) -> None:
        """Asks why a month is skipped."""
        await reports.may_skip(request.store, request.caller, chapter_id, period, request.now)
        await request.open(forms.skip_form(chapter_id, period))

    async def skip_form(self, request: Request, chapter_id: int, period: Month) -> Form:
        """The form that asks why."""
        return forms.skip_form(chapter_id, period)

    @ui.pressed("rp.skipped", Action.PUBLISH_REPORT, form="skip_form")
    async def skip(self, request: Request, chapter_id: int, period: Month) -> None:
        """Skips a month for the reason given."""
        shown = await reports.skip(request.store, request.caller, chapter_id, period, request.field("reason"), request.now)
        await self._show(request, shown)

    @ui.pressed("rp.later", Action.FILL_REPORT)
    async def later(self, request: Request, chapter_id: int, period: Month, days: int) -> None:
        """Puts off being asked."""
        due = await reports.later(request.store, request.caller, chapter_id, period, days, request.now)
        await request.answer(cards.put_off_card(Moment(due, Style.DAY_AND_HOUR)))

    @ui.pressed("rp.read", Action.READ)
    async def read_pressed(self, request: Request, chapter_id: int, period: Month) -> None:
        """Shows a published report."""
        await request.answer(cards.reading_card(await reading.read(request.store, request.caller, chapter_id, period)))

    @ui.pressed("rp.all", Action.READ)
    async def show_list(self, request: Request, chapter_id: int) -> None:
        """Answers with the newest reports."""
        await request.answer(lists.list_card(await report_list.listed(request.store, request.caller, chapter_id, 0, request.now)))

    @ui.pressed("rp.list", Action.READ)
    async def turn(self, request: Request, chapter_id: int, page: int) -> None:
        """Shows another page of the list."""
        shown = await report_list.listed(request.store, request.caller, chapter_id, page, request.now)
        await request.replace(lists.list_card(shown))

    @ui.pressed("rp.pick", Action.READ)
    async def read_chosen(self, request: Request, chapter_id: int) -> None:
        """Shows the report that was chosen in the list."""
        found = await reading.read(request.store, request.caller, chapter_id, request.chosen(Month))
        await request.answer(cards.reading_card(found))

    @ui.pressed("rp.fill", Action.FILL_REPORT)
    async def fill_chosen(self, request: Request, chapter_id: int) -> None:
        """Opens the card of a period that was chosen in the list."""
        shown = await periods.card(request.store, request.caller, chapter_id, request.chosen(Month), request.now)
        await request.answer(_card_of(shown))

    @ui.pressed("rp.red", Action.REDACT_REPORT)
    async def ask_which(self, request: Request, chapter_id: int, period: Month) -> None:
        """Asks which text is to be taken out of a published report."""
        await request.answer(redactions.choice_card(await redacting.look(request.store, request.caller, chapter_id, period)))

    @ui.pressed("rp.which", Action.REDACT_REPORT)
    async def ask_to_redact(self, request: Request, chapter_id: int, period: Month) -> None:
        """Asks once more before a text is taken out."""
        shown = await redacting.look(request.store, request.caller, chapter_id, period)
        which = next((each for each in shown.texts if each.value in request.values), None)
        await request.replace(redactions.choice_card(shown) if which is None else redactions.confirmation_card(shown, which))

    @ui.pressed("rp.gone", Action.REDACT_REPORT)
    async def redact(self, request: Request, chapter_id: int, period: Month, which: Redactable) -> None:
        """Takes a text out of a published report."""
        form = f"rp.save:{chapter_id}:{period}:{Part.WORDS}"
        done = await redacting.redact(request.store, request.caller, chapter_id, period, which, request.now, form=form)
        await request.replace(redactions.redacted_card(done, which))

    async def _show(self, request: Request, shown: ReportCard) -> None:
        """Brings the pressed card up to date."""
        cover = report_cover(shown, in_channel=request.caller.guild_id is not None)
        sent = request.on_public_card and cover is None
        await request.update(_card_of(shown, sent=sent), shown.organisation.language, cover)


_CLOSED = (State.PUBLISHED, State.SKIPPED)


def _card_of(shown: ReportCard, *, sent: bool = False) -> Card:
    return cards.correction_card(shown) if shown.state is State.PUBLISHED else cards.report_card(shown, sent=sent)


def _answers(part: Part, typed: Typed) -> Answers:
    """The answers of one part as they were typed; refuses what is no number."""
    if part is Part.PEOPLE:
        return People(_number(typed, "members", text("Members")), _number(typed, "met", text("Met face to face")))
    if part is Part.ACTIVITY:
        return Activity(
            _kinds(typed.get("kinds")),
            _number(typed, "meetings", text("Meetings")),
            _number(typed, "education", text("Education")),
            _number(typed, "tried", text("Projects or activities tried")),
            _number(typed, "worked", text("Of these, how many worked")),
        )
    words = {name: str(typed.get(name) or "") or None for name in ("changing", "hard", "help", "private_note")}
    return Words(_dues(typed.get("dues")), **words)


def _unasked(part: Part, typed: Typed) -> set[str]:
    """The questions of a part that not everybody is asked, and that this form did not hold."""
    return {"dues", "private_note"} - typed.keys() if part is Part.WORDS else set()


def _number(typed: Typed, name: str, what: Text) -> int | None:
    return parse_number(str(typed.get(name) or ""), what)


def _kinds(chosen: str | list[str] | None) -> tuple[Kind, ...] | None:
    known = [kind for kind in Kind if kind.value in (chosen or ())]
    return tuple(known) or None


def _dues(chosen: str | list[str] | None) -> Dues | None:
    if not isinstance(chosen, str) or chosen == NOT_KNOWN:
        return None
    try:
        return Dues(chosen)
    except ValueError:
        raise Refusal(text("Choose one of the answers about dues.")) from None


async def setup(bot: commands.Bot) -> None:
    """Loads the report's commands and buttons."""
    await bot.add_cog(Reports())
