"""The HTTP interface: each of the bot's own calls, what it does to the world, and how Discord answers."""

import asyncio
import json
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from tests.faults.discord.contract import contract
from tests.faults.discord.trouble import Point, Trouble, answer
from tests.faults.discord.world import BOT, EPHEMERAL, FORUM, THREAD, Json, Refused, World

TOKEN = ".".join(("M" * 24, "n" * 6, "s" * 38))
APPLICATION: Json = {"id": BOT["id"], "name": "Chapterhouse", "description": "", "icon": None, "bot_public": True, "owner": BOT}
APPLICATION |= {"bot_require_code_grant": False, "verify_key": "0" * 64, "flags": 0}
FIRST_ANSWER = 3.0
TOKEN_LIFE = timedelta(minutes=15)
LOADING = 1 << 7
ROUTES = web.RouteTableDef()


@dataclass
class Interaction:
    """What somebody did, and what they were answered; `answered` is set by the first answer, in which `kind` tells what it is."""

    id: int
    channel_id: int
    message_id: int | None
    born: datetime
    token: str = field(default_factory=lambda: secrets.token_urlsafe(40))
    began: float = field(default_factory=time.monotonic)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    """Like `answered`, but where Discord was asked for time only once that is over."""
    kind: int = 0
    original: Json | None = None
    form: Json | None = None
    choices: list[Json] = field(default_factory=list)
    later: list[Json] = field(default_factory=list)
    abandoned: bool = False


@dataclass
class Api:
    """Discord's HTTP side: what it was asked (`asked`), what was wrong with that (`breaches`), what goes wrong on purpose (`troubles`)."""

    world: World
    gateway: str = ""
    interactions: dict[str, Interaction] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    asked: list[tuple[str, str, int]] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)
    down: bool = False
    patience: float = FIRST_ANSWER

    def application(self) -> web.Application:
        """The server that answers."""
        made = web.Application(middlewares=[self._answer])
        made.router.add_routes([_bound(route, self) for route in ROUTES if isinstance(route, web.RouteDef)])
        return made

    @web.middleware
    async def _answer(self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
        if request.path.startswith("/gateway") and request.path != "/gateway/bot":
            return await handler(request)
        if self.down:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        met = [trouble for trouble in self.troubles if trouble.meets(request)]
        for trouble in met:
            if trouble.point is Point.ARRIVED and (instead := await trouble.act(request)) is not None:
                return self._note(request, instead)
        response = await self._carry_out(request, handler)
        for trouble in met:
            if trouble.point is Point.CARRIED_OUT:
                response = await trouble.act(request) or response
        if any(trouble.point is Point.ANSWERED for trouble in met):
            await response.prepare(request)
            await response.write_eof()
            for trouble in met:
                if trouble.point is Point.ANSWERED:
                    await trouble.act(request)
        return self._note(request, response)

    def _note(self, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        self.asked.append((request.method, request.path, response.status))
        return response

    async def _carry_out(self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
        body = await _said(request)
        if (judge := contract()) is not None:
            self.breaches += judge.breaches(request.method, request.path, body)
        by_token = request.path.startswith(("/interactions/", "/webhooks/"))
        if not by_token and request.headers.get("Authorization") != f"Bot {TOKEN}":
            return answer({"message": "401: Unauthorized", "code": 0}, 401)
        try:
            return await handler(request)
        except Refused as no:
            return answer({"message": no.words, "code": no.code}, no.status)
        except web.HTTPException:
            self.breaches.append(f"{request.method} {request.path}: not known to this small Discord")
            return answer({"message": "404: Not Found", "code": 0}, 404)


async def _said(request: web.Request) -> Any:
    """What a request says; of files that come with it nothing is kept."""
    if not request.body_exists:
        return None
    if request.content_type == "multipart/form-data":
        return json.loads(str((await request.post())["payload_json"]))
    return await request.json()


def _bound(route: web.RouteDef, api: Api) -> web.RouteDef:
    async def handler(request: web.Request) -> web.StreamResponse:
        body = await _said(request) or {}
        parts = {name: int(value) if value.isdigit() else value for name, value in request.match_info.items()}
        done = route.handler(api, body=body, query=request.query, **parts)
        return done if isinstance(done, web.StreamResponse) else answer(done)

    return web.RouteDef(route.method, route.path, handler, {})


# Itself


@ROUTES.get("/users/@me")
def me(api: Api, **_: Any) -> Json:
    return BOT


@ROUTES.get("/oauth2/applications/@me")
def application(api: Api, **_: Any) -> Json:
    return APPLICATION


@ROUTES.get("/gateway/bot")
def gateway(api: Api, **_: Any) -> Json:
    limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
    return {"url": api.gateway, "shards": 1, "session_start_limit": limit}


@ROUTES.get("/applications/{app}/commands")
def commands(api: Api, **_: Any) -> list[Json]:
    return api.world.commands


@ROUTES.put("/applications/{app}/commands")
def put_commands(api: Api, body: list[Json], **_: Any) -> list[Json]:
    there = {each["name"]: each["id"] for each in api.world.commands}
    fixed = {"application_id": BOT["id"], "version": "1"}
    api.world.commands = [{**each, "id": there.get(each["name"]) or str(api.world.snowflake()), **fixed} for each in body]
    return api.world.commands


# Servers and channels


@ROUTES.get("/users/@me/guilds")
def servers(api: Api, **_: Any) -> list[Json]:
    return [api.world.guild(each) for each in api.world.servers.values() if each.joined]


@ROUTES.get("/guilds/{server}")
def server(api: Api, server: int, **_: Any) -> Json:
    return api.world.guild(api.world.server(server))


@ROUTES.get("/guilds/{server}/channels")
def channels(api: Api, server: int, **_: Any) -> list[Json]:
    return list(api.world.guild(api.world.server(server))["channels"])


@ROUTES.get("/guilds/{server}/threads/active")
def active_threads(api: Api, server: int, **_: Any) -> Json:
    return {"threads": api.world.guild(api.world.server(server))["threads"], "members": []}


@ROUTES.get("/guilds/{server}/members/{user}")
def member(api: Api, server: int, user: int, **_: Any) -> Json:
    found = api.world.server(server).members.get(user)
    if found is None:
        raise Refused(404, 10007 if user in api.world.users else 10013, "Unknown Member")
    return found


@ROUTES.post("/users/@me/channels")
def open_direct(api: Api, body: Json, **_: Any) -> Json:
    return api.world.channel(api.world.direct(int(body["recipient_id"])))


@ROUTES.get("/channels/{channel}")
def channel(api: Api, channel: int, **_: Any) -> Json:
    return api.world.channel(channel)


@ROUTES.patch("/channels/{channel}")
def edit_channel(api: Api, channel: int, body: Json, **_: Any) -> Json:
    found = api.world.channel(channel)
    if found["type"] == THREAD and found["thread_metadata"]["archived"] and body.get("archived") is not False:
        raise Refused(400, 50083, "Thread is archived")
    if "name" in body:
        found["name"] = body["name"]
    if "archived" in body:
        api.world.archive(channel, archived=body["archived"])
    return found


@ROUTES.delete("/channels/{channel}")
def delete_channel(api: Api, channel: int, **_: Any) -> Json:
    found = api.world.channel(channel)
    api.world.delete_channel(channel)
    return found


@ROUTES.get("/channels/{channel}/threads/archived/public")
def archived(api: Api, channel: int, query: Any, **_: Any) -> Json:
    api.world.channel(channel)
    put_away = [each for each in api.world.threads(channel) if each["thread_metadata"]["archived"]]
    put_away.sort(key=lambda each: each["thread_metadata"]["archive_timestamp"], reverse=True)
    before = query.get("before")
    there = [each for each in put_away if before is None or each["thread_metadata"]["archive_timestamp"] < before]
    most = int(query.get("limit", 50))
    return {"threads": there[:most], "members": [], "has_more": len(there) > most}


@ROUTES.post("/channels/{channel}/threads")
def post_in_forum(api: Api, channel: int, body: Json, **_: Any) -> Json:
    if api.world.channel(channel)["type"] != FORUM:
        raise Refused(400, 50024, "Cannot execute action on this channel type")
    thread, message = api.world.post_in_forum(channel, body)
    return {**thread, "message": message}


@ROUTES.post("/channels/{channel}/messages/{message}/threads")
def open_thread(api: Api, channel: int, message: int, body: Json, **_: Any) -> Json:
    api.world.message(channel, message)
    return api.world.open_thread(channel, body["name"], message)


# Messages


@ROUTES.get("/channels/{channel}/messages")
def history(api: Api, channel: int, query: Any, **_: Any) -> list[Json]:
    api.world.channel(channel)
    after, before = int(query.get("after", 0)), int(query.get("before", 2**63))
    there = sorted((int(each["id"]), each) for each in api.world.visible(channel) if after < int(each["id"]) < before)
    most = int(query.get("limit", 50))
    kept = there[:most] if "after" in query else there[-most:]
    return [each for _, each in reversed(kept)]


@ROUTES.post("/channels/{channel}/messages")
def post(api: Api, channel: int, body: Json, **_: Any) -> Json:
    return api.world.post(channel, body)


@ROUTES.get("/channels/{channel}/messages/{message}")
def message(api: Api, channel: int, message: int, **_: Any) -> Json:
    return api.world.message(channel, message)


@ROUTES.patch("/channels/{channel}/messages/{message}")
def edit(api: Api, channel: int, message: int, body: Json, **_: Any) -> Json:
    return api.world.edit(channel, message, body)


@ROUTES.delete("/channels/{channel}/messages/{message}")
def delete(api: Api, channel: int, message: int, **_: Any) -> web.Response:
    api.world.message(channel, message)
    del api.world.messages[channel][message]
    return web.Response(status=204)


# Answers to people


@ROUTES.post("/interactions/{interaction}/{token}/callback")
def first_answer(api: Api, interaction: int, token: str, body: Json, query: Any, **_: Any) -> Json | web.Response:
    done = api.interactions.get(token)
    if done is None or time.monotonic() - done.began > api.patience:
        raise Refused(404, 10062, "Unknown interaction")
    if done.answered.is_set():
        raise Refused(400, 40060, "Interaction has already been acknowledged.")
    data, source = body.get("data") or {}, done.message_id
    done.kind = body["type"]
    if done.kind in (4, 5):
        flags = data.get("flags", 0) | (LOADING if done.kind == 5 else 0)
        done.original = _write(api, done, {**data, "flags": flags})
    elif done.kind in (6, 7) and source is not None:
        done.original = api.world.message(done.channel_id, source)
        stays = done.original["flags"] & EPHEMERAL
        done.original |= {name: data[name] for name in ("content", "components", "flags") if name in data}
        done.original["flags"] |= stays
    elif done.kind == 9:
        done.form = data
    elif done.kind == 8:
        done.choices = data["choices"]
    done.answered.set()
    if done.kind not in (5, 6):
        done.settled.set()
    if not query.get("with_response"):
        return web.Response(status=204)
    told: Json = {"interaction": {"id": str(interaction), "type": 2}}
    if done.original is not None:
        told["interaction"]["response_message_id"] = done.original["id"]
        told["resource"] = {"type": done.kind, "message": done.original}
    return told


def _write(api: Api, done: Interaction, data: Json) -> Json:
    return api.world.write(api.world.channel(done.channel_id), data)


@ROUTES.post("/webhooks/{app}/{token}")
def further_answer(api: Api, token: str, body: Json, **_: Any) -> Json:
    done = _alive(api, token)
    done.settled.set()
    if done.kind == 5 and done.original is not None and done.original["flags"] & LOADING:
        return _finish(done.original, body)
    done.later.append(_write(api, done, body))
    return done.later[-1]


@ROUTES.patch("/webhooks/{app}/{token}/messages/{message}")
def edit_answer(api: Api, token: str, message: int | str, body: Json, **_: Any) -> Json:
    done = _alive(api, token)
    shown = done.original if message == "@original" else next((each for each in done.later if each["id"] == str(message)), None)
    if shown is None:
        raise Refused(404, 10008, "Unknown Message")
    done.settled.set()
    return _finish(shown, body)


def _alive(api: Api, token: str) -> Interaction:
    done = api.interactions.get(token)
    if done is None or api.world.clock() - done.born > TOKEN_LIFE:
        raise Refused(401, 50027, "Invalid Webhook Token")
    return done


def _finish(shown: Json, body: Json) -> Json:
    shown |= {name: body[name] for name in ("content", "components") if body.get(name) is not None}
    shown["flags"] = (shown["flags"] & ~LOADING) | body.get("flags", 0)
    return shown
