"""How coordinators are told that the bot may not do something any more."""

from collections.abc import Mapping

from bot.domain.text import Role, text
from bot.services.organisations import Room, room_faults
from cogs.layout import Button, Card, Line, Row, Title, address, card


def lost_card(rooms: Mapping[int, Room], coordinator_role: int | None) -> Card:
    """What was taken away, where, and how to give it back; mentions coordinators."""
    return card(
        Title(text("A permission was taken away")),
        Line(text("{role}, this was allowed before:", role=Role(coordinator_role))) if coordinator_role is not None else None,
        *(Line(fault) for channel_id, room in rooms.items() for fault in room_faults(channel_id, room)),
        Row((Button(text("Look at the set-up"), address("su.show")),)),
        notifies_role=coordinator_role,
    )
