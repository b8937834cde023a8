"""What coordinators are told where they read such things: that the care for the file fails, or that a permission was taken away."""

from bot.delivery.letters import Desk, InChannel, Letter
from bot.services import losses
from bot.services import upkeep as care
from cogs.cards import losses as loss_cards
from cogs.cards import upkeep as upkeep_cards


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
