"""/checkins: a chapter's check-ins, page by page, and one of them."""

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str

from bot.domain.checkins import Kind
from bot.domain.rights import Action
from bot.services import checkin_list, checkins, options
from cogs import ui
from cogs.cards import checkin_list as cards
from cogs.cards import checkins as checkin_cards
from cogs.layout import Card, card
from cogs.request import Request

KINDS = [
    Choice(name=locale_str("Meeting"), value="meeting"),
    Choice(name=locale_str("Education"), value="education"),
    Choice(name=locale_str("Outreach"), value="outreach"),
    Choice(name=locale_str("Recruitment"), value="recruitment"),
    Choice(name=locale_str("Campaign"), value="campaign"),
    Choice(name=locale_str("Networking"), value="networking"),
    Choice(name=locale_str("Fundraiser"), value="fundraiser"),
    Choice(name=locale_str("Project"), value="project"),
    Choice(name=locale_str("Social"), value="social"),
]


class CheckInList(ui.ChapterCog):
    """/checkins, its pages and its choice."""

    @app_commands.command(name="checkins", description=locale_str("What a chapter did, newest first"))
    @app_commands.guild_only()
    @app_commands.choices(kind=KINDS)
    @app_commands.describe(chapter=locale_str("The chapter; without it your own"), kind=locale_str("Only check-ins of this kind"))
    @ui.answered(Action.READ)
    async def checkins(self, interaction: discord.Interaction, chapter: str | None = None, kind: str | None = None) -> None:
        """Shows the newest check-ins."""
        request = Request(interaction)
        shown = await checkin_list.listed(request.store, request.caller, chapter, _kind(kind), 0)
        await request.answer(cards.list_card(shown))

    @checkins.autocomplete("chapter")
    async def _listed_chapters(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, options.chapters, typed)

    @ui.pressed("ci.page", Action.READ)
    async def turn(self, request: Request, chapter_id: int, kind: str, page: int) -> None:
        """Shows another page."""
        shown = await checkin_list.listed(request.store, request.caller, chapter_id, _kind(kind), page)
        await request.replace(cards.list_card(shown))

    @ui.pressed("ci.pick", Action.READ)
    async def pick(self, request: Request, chapter_id: int, kind: str, page: int) -> None:
        """Shows the chosen check-in, to those who may change it with the means to do so."""
        shown = await _looked_at(request, chapter_id, request.chosen(int))
        await request.replace(card(*shown.blocks, cards.back_row(chapter_id, kind, page)))


async def _looked_at(request: Request, chapter_id: int, checkin_id: int) -> Card:
    looked = await checkin_list.look(request.store, request.caller, chapter_id, checkin_id)
    if not looked.may_correct:
        return cards.look_card(looked)
    return checkin_cards.checkin_card(await checkins.see(request.store, request.caller, chapter_id, checkin_id, request.now))


def _kind(written: str | None) -> Kind | None:
    return Kind(written) if written in set(Kind) else None
