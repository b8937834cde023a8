"""What coordinators are told where they read such things, and the scoreboard that they had posted for all."""

from bot.delivery.letters import Desk, InChannel, Letter, Place
from bot.services import losses, scoreboards
from bot.services import upkeep as care
from cogs.cards import living, pictures
from cogs.cards import losses as loss_cards
from cogs.cards import upkeep as upkeep_cards
from db import scoreboards as stored_scoreboards


async def upkeep(desk: Desk) -> Letter | None:
    """That the care for the database fails: to coordinators, where they read such things, while it is so."""
    channel_id = desk.organisation.facilitators_channel
    found = await care.trouble_of(desk.c, desk.organisation.guild_id, desk.errand.payload["task"])
    if channel_id is None or found is None:
        return None
    shown = upkeep_cards.trouble_card(found, desk.organisation.coordinator_role)
    return Letter(shown, desk.organisation.language, (InChannel(channel_id),))


async def lost(desk: Desk) -> Letter | None:
    """That the bot may not do something any more: to coordinators, unless it may again."""
    channel_id = desk.organisation.facilitators_channel
    found = await losses.lost_still(desk.c, desk.organisation.guild_id, desk.errand.payload["told_at"])
    if channel_id is None or not (found.rooms or found.homes):
        return None
    shown = loss_cards.lost_card(found, desk.organisation.coordinator_role)
    return Letter(shown, desk.organisation.language, (InChannel(channel_id),))


async def scoreboard(desk: Desk) -> Letter | None:
    """Where we stand, for all to see: in the place of the message that says so already, or as a new one."""
    stands = await stored_scoreboards.find(desk.c, desk.organisation.guild_id)
    if stands is None:
        return None
    found = await scoreboards.board(desk.c, desk.organisation, desk.now)
    if found is None:
        raise RuntimeError("a sum is still to be kept")
    language = desk.organisation.language
    return Letter(
        living.scoreboard_card(found, desk.now),
        language,
        (InChannel(stands.channel_id),),
        edits=() if stands.message_id is None else (Place(stands.channel_id, stands.message_id),),
        drawing=pictures.board_drawing(found, found.trends, language),
        pinned=stands.pinned is not None,
    )
