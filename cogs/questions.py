"""What chapters are asked by others, answered with a button by their admins: a gathering, an offered rest."""

from discord.ext import commands

from bot.domain.rights import Action
from bot.services import gatherings, rests
from bot.services.rests import Offer, Rested
from cogs import ui
from cogs.cards import questions as cards
from cogs.cards.discreet import gathering_address, rest_address, waiting_card
from cogs.request import Request


class Questions(ui.ChapterCog):
    """The buttons under such questions, wherever they were sent."""

    @ui.pressed("ga.yes", Action.CONFIRM_GATHERING)
    async def took_part(self, request: Request, gathering_id: int, chapter_id: int) -> None:
        """An admin confirms that their chapter was at a gathering."""
        await _gathering(request, gathering_id, chapter_id, took_part=True)

    @ui.pressed("ga.no", Action.CONFIRM_GATHERING)
    async def was_not_there(self, request: Request, gathering_id: int, chapter_id: int) -> None:
        """An admin says that their chapter was not at a gathering."""
        await _gathering(request, gathering_id, chapter_id, took_part=False)

    @ui.pressed("ga.ask", Action.CONFIRM_GATHERING)
    async def ask_of_gathering(self, request: Request, gathering_id: int, chapter_id: int) -> None:
        """Shows the question that waits for a discreet chapter, or what it answered."""
        found = await gatherings.asked(request.store, request.caller, gathering_id, chapter_id)
        waits = found.gathering.state == "asked"
        await request.answer(cards.gathering_card(found) if waits else cards.gathering_answered_card(found))

    @ui.pressed("rs.ask", Action.REST)
    async def ask_to_rest(self, request: Request, chapter_id: int, user_id: int) -> None:
        """Shows the rest that a discreet chapter is offered, or the one that it takes."""
        found = await rests.asked(request.store, request.caller, chapter_id, user_id or None, request.now)
        await request.answer(cards.rest_card(found) if isinstance(found, Offer) else cards.rest_decided_card(found, None))

    @ui.pressed("rs.yes", Action.REST)
    async def rest(self, request: Request, chapter_id: int, days: int) -> None:
        """An admin lets the chapter rest for so many days."""
        await _decided(request, await rests.rest_for(request.store, request.caller, chapter_id, days, request.now))

    @ui.pressed("rs.no", Action.REST)
    async def go_on(self, request: Request, chapter_id: int) -> None:
        """An admin says that the chapter goes on, or does so again."""
        await _decided(request, await rests.wake(request.store, request.caller, chapter_id, request.now))


async def _gathering(request: Request, gathering_id: int, chapter_id: int, *, took_part: bool) -> None:
    said = await gatherings.answer(request.store, request.caller, gathering_id, chapter_id, request.now, took_part=took_part)
    cover = waiting_card(gathering_address(gathering_id, chapter_id), done=True) if said.discreet else None
    await request.update(cards.gathering_answered_card(said), said.language, cover)


async def _decided(request: Request, rested: Rested) -> None:
    cover = waiting_card(rest_address(rested.chapter_id, None), done=True) if rested.discreet else None
    await request.update(cards.rest_decided_card(rested, request.caller.user_id), rested.language, cover)


async def setup(bot: commands.Bot) -> None:
    """Adds the buttons."""
    await bot.add_cog(Questions())
