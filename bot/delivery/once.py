"""What would be made twice if it were asked for twice: discord.py repeats by itself whatever Discord answers with an error of its own."""

import re
from types import SimpleNamespace

import aiohttp

POST_IN_A_FORUM = re.compile(r".*/channels/\d+/threads")
"""A message carries a nonce, by which Discord knows it again; a post in a forum has none."""


class Unclear(aiohttp.ClientError):
    """Discord failed when it was asked to make something, which may be there: it is looked for before it is asked for again."""


async def insist(_session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceRequestEndParams) -> None:
    """Raises Unclear where a repetition could make a second one."""
    if params.method == "POST" and params.response.status >= 500 and POST_IN_A_FORUM.fullmatch(params.url.path):
        params.response.close()
        raise Unclear(f"Discord answered {params.response.status}")
