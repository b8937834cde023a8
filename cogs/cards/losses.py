"""How coordinators are told that the bot may not do something any more."""

from bot.domain.text import Role, text
from bot.services.losses import Lost
from bot.services.organisations import room_faults, shut_out
from cogs.layout import Button, Card, Line, Row, Title, address, card


def lost_card(lost: Lost, coordinator_role: int | None) -> Card:
    """What was taken away, where, and how to give it back; mentions coordinators."""
    return card(
        Title(text("A permission was taken away")),
        Line(text("{role}, this was allowed before:", role=Role(coordinator_role))) if coordinator_role is not None else None,
        *(Line(fault) for channel_id, room in lost.rooms.items() for fault in room_faults(channel_id, room)),
        *(Line(fault) for fault in shut_out(lost.homes, {channel_id for _, channel_id in lost.homes})),
        Row((Button(text("Look at the set-up"), address("su.show")),)),
        notifies_role=coordinator_role,
    )
