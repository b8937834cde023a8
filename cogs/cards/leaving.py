"""How a chapter's people are told that an admin or a facilitator is none any more."""

from collections.abc import Iterator

from bot.domain.text import Person, Text, text
from bot.domain.text import Role as DiscordRole
from bot.services.leaving import Farewell, Role
from cogs.layout import Card, Line, Small, card


def left_card(told: Farewell, coordinators: int | None) -> Card:
    """Who is gone, what follows from it, and what one can do; in the facilitators' channel for coordinators."""
    asked = None if coordinators is None else Line(text("{coordinators}, this is for you:", coordinators=DiscordRole(coordinators)))
    return card(asked, Line(_said(told)), *(Small(each) for each in _follows(told)))


def _said(told: Farewell) -> Text:
    name = told.chapter.name
    if told.role is Role.ADMIN:
        if told.user_id is None:
            return text("An admin of {chapter} has erased what was stored about them, so they are no admin any more.", chapter=name)
        return text("{person} has left the server, so they are no admin of {chapter} any more.", chapter=name, person=Person(told.user_id))
    if told.user_id is None:
        return text("A facilitator of {chapter} has erased what was stored about them, so they look after it no more.", chapter=name)
    return text("{person} has left the server, so they look after {chapter} no more.", chapter=name, person=Person(told.user_id))


def _follows(told: Farewell) -> Iterator[Text]:
    if told.role is Role.ADMIN and not told.admins:
        yield text("It has no admin now, so nobody is asked for its reports. A coordinator can add one with /chapter admins add.")
    elif told.role is Role.ADMIN:
        yield text("If it was their turn, it has passed on. /chapter admins list shows who is admin, and /chapter admins add adds one.")
    elif not told.facilitators:
        yield text("Nobody looks after it now. A facilitator can with /facilitate claim.")
