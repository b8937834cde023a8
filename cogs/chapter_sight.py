"""What is seen of a chapter: /chapter visibility, hiding in two taps, and /chapter composition."""

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str

from bot.domain.checkins import parse_number
from bot.domain.privacy import GENDERS
from bot.domain.refusal import Refusal
from bot.domain.rights import Action
from bot.domain.text import text
from bot.services import compositions, drafts, options, visibility
from bot.services.compositions import Way
from cogs import ui
from cogs.cards import compositions as composition_cards
from cogs.cards import sight as cards
from cogs.layout import Form, Typed
from cogs.request import Request

LEVELS = [
    Choice(name=locale_str("Open: everybody, public pages too"), value="open"),
    Choice(name=locale_str("Members: everybody in this server"), value="members"),
    Choice(name=locale_str("Hidden: only its own admins and facilitators"), value="hidden"),
]


class ChapterSight(ui.ChapterCog):
    """The commands and buttons of /chapter about what others see of it."""

    @app_commands.command(name="visibility", description=locale_str("Who may see your chapter"))
    @app_commands.choices(level=LEVELS)
    @app_commands.describe(
        level=locale_str("Less is seen at once, more after 24 hours"),
        chapter=locale_str("The chapter; without it your own"),
    )
    @ui.answered(Action.CHOOSE_VISIBILITY)
    async def visibility(self, interaction: discord.Interaction, level: str, chapter: str | None = None) -> None:
        """Chooses who may see a chapter, and says what is seen where."""
        request = Request(interaction)
        await request.answer(cards.seen_card(await visibility.choose(request.store, request.caller, chapter, level, request.now)))

    @app_commands.command(name="composition", description=locale_str("Record who your members are, as totals"))
    @app_commands.describe(chapter=locale_str("The chapter; without it your own"))
    @ui.answered(Action.EDIT_CHAPTER)
    async def composition(self, interaction: discord.Interaction, chapter: str | None = None) -> None:
        """Opens the form for a count."""
        request = Request(interaction)
        sheet = await compositions.blank(request.store, request.caller, chapter, request.now)
        if len(sheet.dimensions) > 1:
            await request.answer(composition_cards.choice_card(sheet))
        else:
            await request.open(composition_cards.count_form(sheet, request.form_key))

    @visibility.autocomplete("chapter")
    @composition.autocomplete("chapter")
    async def _chapters_to_see(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, options.chapters, typed)

    @ui.pressed("vi.ask", Action.CHOOSE_VISIBILITY)
    async def ask_to_hide(self, request: Request, chapter_id: int) -> None:
        """Says what hiding will do, and asks once more."""
        await request.answer(cards.hide_card(await visibility.look(request.store, request.caller, chapter_id)))

    @ui.pressed("vi.hide", Action.CHOOSE_VISIBILITY)
    async def hide_now(self, request: Request, chapter_id: int) -> None:
        """Hides a chapter at once."""
        done = await visibility.choose(request.store, request.caller, chapter_id, "hidden", request.now)
        await request.replace(cards.seen_card(done))

    @ui.pressed("vi.keep", Action.CHOOSE_VISIBILITY)
    async def keep_visibility(self, request: Request, chapter_id: int) -> None:
        """Leaves what is seen as it is, and takes back what waits."""
        await request.replace(cards.seen_card(await visibility.keep(request.store, request.caller, chapter_id, request.now)))

    @ui.pressed("co.open", Action.EDIT_CHAPTER)
    async def open_count(self, request: Request, chapter_id: int, dimension: str) -> None:
        """Opens the form for a count, with what is stored."""
        await request.open(await self.form_to_count(request, chapter_id, dimension, request.form_key))

    async def form_to_count(self, request: Request, chapter_id: int, dimension: str, form_key: str) -> Form:
        """The form for a count, as it was when it was opened first."""
        sheet = await compositions.blank(request.store, request.caller, chapter_id, request.now, dimension)
        return composition_cards.count_form(sheet, form_key)

    @ui.pressed("co.save", Action.EDIT_CHAPTER, form="form_to_count")
    async def save_count(self, request: Request, chapter_id: int, dimension: str, form_key: str) -> None:
        """Takes a count down, or asks for a day and a way that were not offered."""
        cells, when = _cells(request.typed), request.field("when")
        day, _, way = when.partition("|")
        if way not in set(Way):
            sheet = await compositions.blank(request.store, request.caller, chapter_id, request.now, dimension)
            await drafts.keep(request.store, request.caller, form_key, request.address, request.typed, request.now)
            await request.answer(composition_cards.ask_when_card(sheet.chapter.name, chapter_id, dimension, form_key))
            return
        done = await compositions.record(request.store, request.caller, chapter_id, dimension, cells, day, way, request.now)
        await request.answer(composition_cards.recorded_card(done))

    @ui.pressed("co.when", Action.EDIT_CHAPTER)
    async def ask_when_counted(self, request: Request, chapter_id: int, dimension: str, form_key: str) -> None:
        """Asks for the day and the way."""
        await request.open(await self.form_when_counted(request, chapter_id, dimension, form_key))

    async def form_when_counted(self, request: Request, chapter_id: int, dimension: str, form_key: str) -> Form:
        """The form that asks for the day and the way."""
        sheet = await compositions.blank(request.store, request.caller, chapter_id, request.now, dimension)
        return composition_cards.when_form(sheet.chapter.id, dimension, form_key)

    @ui.pressed("co.dated", Action.EDIT_CHAPTER, form="form_when_counted")
    async def save_dated_count(self, request: Request, chapter_id: int, dimension: str, form_key: str) -> None:
        """Takes down the count that was kept, with the day and the way as written."""
        kept = await drafts.kept(request.store, request.caller, form_key, request.now)
        words = request.field("words").strip()
        method = words or request.field("way")
        if not method:
            raise Refusal(text("Say how you counted: choose a way, or write it in your words."))
        cells, day = _cells(kept.typed), request.field("day")
        done = await compositions.record(request.store, request.caller, chapter_id, dimension, cells, day, method, request.now)
        await request.replace(composition_cards.recorded_card(done))


def _cells(typed: Typed) -> dict[str, int]:
    """The numbers that were written; what was left out is left out here, too."""
    labels = {name: composition_cards.LABELS[name] for name in GENDERS}
    own = (name for name in typed if name.startswith(composition_cards.OWN))
    labels |= {name: text("“{name}”", name=name.removeprefix(composition_cards.OWN)) for name in own}
    written = {name: parse_number(str(typed.get(name) or ""), label) for name, label in labels.items()}
    return {name.removeprefix(composition_cards.OWN): people for name, people in written.items() if people is not None}
