"""The scoreboard that keeps itself up to date, and what coordinators are told of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.permissions import NEEDED
from bot.domain.text import Moment, Place, Style, Text, text
from bot.services.boards import Board
from bot.services.scoreboards import Posted
from cogs.cards.goals import board_card
from cogs.layout import Button, Card, Line, Row, Small, address, card


def scoreboard_card(found: Board, now: datetime) -> Card:
    """Where we stand, and since when it says so."""
    shown = board_card(found)
    kept = text("This message keeps itself up to date. A figure last changed {moment}.", moment=Moment(now, Style.DAY_AND_HOUR))
    return replace(shown, blocks=(*shown.blocks[:1], Small(kept), *shown.blocks[1:]))


def posted_card(done: Posted, lacks: Sequence[str]) -> Card:
    """Where the scoreboard stands, what of it the bot may not do there, and how to take it down."""
    place = Place(done.channel_id)
    if done.again:
        said = text("The scoreboard stands in {channel} already. It is brought up to date now.", channel=place)
    elif done.moved:
        said = text("The scoreboard moves to {channel}.", channel=place)
    else:
        said = text("The scoreboard is posted in {channel}.", channel=place)
    return card(
        Line(said),
        *(Line(lacking) for name in lacks if (lacking := _lacking(name, done.channel_id)) is not None),
        Small(
            text(
                "It changes by itself when a figure changes, every ten minutes at most. If somebody deletes it, it is posted again; "
                "this button takes it down."
            )
        ),
        Row((Button(text("Take it down"), address("sb.stop")),)),
    )


def _lacking(name: str, channel_id: int) -> Text | None:
    named: dict[str, Place | Text] = {
        "channel": Place(channel_id),
        "permission": NEEDED[name].called,
        "again": text("Allow it in the channel's settings, under Permissions, then type /scoreboard post again."),
    }
    match name:
        case "attach_files":
            return text("In {channel} the bot may not “{permission}”, so the words stand there alone. {again}", **named)
        case "pin_messages":
            return text("In {channel} the bot may not “{permission}”, so it is not pinned. {again}", **named)
        case _:
            return None


def stopped_card(*, stopped: bool) -> Card:
    """The scoreboard is taken down, or was not there."""
    if not stopped:
        return card(Line(text("There is no scoreboard at the moment. /scoreboard post posts one.")))
    return card(Line(text("The scoreboard is taken down. /scoreboard post posts it again, here or in another channel.")))
