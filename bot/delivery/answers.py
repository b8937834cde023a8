"""What an answer of Discord means for a message: to be tried again, or never on this way; and what it is called in the outbox."""

import json

import aiohttp
import discord

CUT = (aiohttp.ClientError, OSError, TimeoutError, json.JSONDecodeError, discord.RateLimited)
"""No answer at all, or only a part of one: nobody knows whether the request was carried out."""

REFUSES_DIRECT_MESSAGES = 50007
UNKNOWN_CHANNEL, UNKNOWN_MEMBER, UNKNOWN_MESSAGE, UNKNOWN_USER = 10003, 10007, 10008, 10013
ARCHIVED, THREAD_EXISTS = 50083, 160004
NO_DIRECT_MESSAGES = frozenset({REFUSES_DIRECT_MESSAGES, UNKNOWN_USER})
NO_ACCESS = frozenset({10004, 50001, 50278})
"""Said of a server that the bot is not in, too: unknown, without access to it, sharing none with the person."""
GONE = frozenset({UNKNOWN_CHANNEL, UNKNOWN_MESSAGE})
TOO_OLD = 30046
"""Messages older than an hour may be changed only so often."""
_BAD, _UNAUTHORIZED, _TOO_LONG, _TOO_MANY = 400, 401, 408, 429
_OF_THE_PLACE = frozenset({40067, 50024, 50083, 160005})
"""A forum wants a tag, another type of channel, a thread that is archived or locked."""
# Of a channel, of a server, old messages, direct messages opened, shared resources, overloaded, threads open.
_TOO_MUCH = frozenset({20016, 20022, 20028, 20029, TOO_OLD, 40003, 40062, 130000, 160006})


def passes(error: BaseException) -> bool:
    """Whether it would be of use to try the same again later."""
    if not isinstance(error, discord.HTTPException):
        return isinstance(error, CUT)
    return error.status >= 500 or error.status in (_UNAUTHORIZED, _TOO_LONG, _TOO_MANY) or error.code in _TOO_MUCH


def is_outage(error: BaseException) -> bool:
    """Whether Discord as a whole, or the way to it, does not work: then other messages would fare no better."""
    return error.status >= 500 if isinstance(error, discord.HTTPException) else passes(error)


def shuts_out(error: BaseException) -> bool:
    """Whether the bot's token is no longer taken, or its address was banned, which the guard before Discord says (without `Via`)."""
    if not isinstance(error, discord.HTTPException):
        return False
    return error.status == _UNAUTHORIZED or (error.status == _TOO_MANY and "Via" not in error.response.headers)


def is_past_changing(error: BaseException) -> bool:
    """Whether a message is gone, or too old to be changed: another one has to take its place."""
    return isinstance(error, discord.RateLimited) or (isinstance(error, discord.HTTPException) and error.code in GONE | {TOO_OLD})


def is_our_mistake(error: discord.HTTPException) -> bool:
    """Whether what was sent was wrong in itself, and not only in that place."""
    return error.status == _BAD and error.code not in _OF_THE_PLACE and not passes(error)


def named(error: BaseException) -> str:
    """The short name under which it is kept as a reason."""
    if isinstance(error, discord.HTTPException):
        return f"Discord {error.status}/{error.code}"
    return type(error).__name__
