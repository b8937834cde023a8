"""What this Discord knows: servers, channels, threads, people and messages, in the shapes of its API."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from discord import Permissions

Json = dict[str, Any]

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
NONCE_MEMORY = 180.0
"""Seconds."""
TEXT, DM, THREAD, FORUM = 0, 1, 11, 15
EPHEMERAL = 1 << 6
BOT: Json = {"id": "118765432109876543", "username": "chapterhouse", "discriminator": "0", "global_name": None, "avatar": None, "bot": True}
NEEDED = Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    read_message_history=True,
    manage_threads=True,
    mention_everyone=True,
)


class Refused(Exception):
    """Discord's no: the status and the code of its error, with its words."""

    def __init__(self, status: int, code: int, words: str) -> None:
        super().__init__(words)
        self.status, self.code, self.words = status, code, words


@dataclass
class Server:
    """A guild as its members see it; whether it is away (an outage of Discord's), and whether the bot is in it."""

    id: int
    name: str
    roles: dict[int, Json] = field(default_factory=dict)
    members: dict[int, Json] = field(default_factory=dict)
    away: bool = False
    joined: bool = True


@dataclass
class World:
    """All that is there. `told` is called with each event that a gateway passes on to the bot."""

    clock: Callable[[], datetime]
    told: Callable[[str, Json], None] = lambda event, data: None
    servers: dict[int, Server] = field(default_factory=dict)
    channels: dict[int, Json] = field(default_factory=dict)
    messages: dict[int, dict[int, Json]] = field(default_factory=dict)
    users: dict[int, Json] = field(default_factory=dict)
    commands: list[Json] = field(default_factory=list)
    refuse_direct: set[int] = field(default_factory=set)
    """People who take no direct messages (50007)."""
    forbidden: dict[int, int] = field(default_factory=dict)
    """Channels in which the bot may not write, and the code that it is told (50013, 50001)."""
    nonce_clock: Callable[[], float] | None = None
    """The seconds by which nonces are forgotten, if not by `clock`, which may leap while the bot repeats a request."""
    _nonces: dict[tuple[int, str], tuple[int, float]] = field(default_factory=dict)
    _counter: int = 0

    def snowflake(self) -> int:
        """A new id, which tells the moment it was made, and is never given twice."""
        self._counter += 1
        millis = int((self.clock() - EPOCH).total_seconds() * 1000)
        return (millis << 22) + self._counter % (1 << 22)

    # Making it

    def add_server(self, name: str) -> Server:
        """A server in which the bot may do what it needs."""
        server = Server(self.snowflake(), name)
        self.servers[server.id] = server
        everyone = self._role(server, server.id, "@everyone", 0)
        everyone["permissions"] = str(NEEDED.value)
        server.members[int(BOT["id"])] = self._member(BOT, [])
        return server

    def add_role(self, server: Server, name: str) -> int:
        """A role without permissions of its own."""
        return int(self._role(server, self.snowflake(), name, len(server.roles))["id"])

    def add_user(self, name: str) -> int:
        """Somebody, in no server yet."""
        user_id = self.snowflake()
        self.users[user_id] = {**BOT, "id": str(user_id), "username": name, "global_name": name.title(), "bot": False}
        return user_id

    def add_member(self, server: Server, user_id: int, *roles: int) -> None:
        """Lets somebody into a server."""
        server.members[user_id] = self._member(self.users[user_id], list(roles))

    def add_channel(self, server: Server, name: str, kind: int = TEXT) -> int:
        """A text channel or forum."""
        channel: Json = {"id": str(self.snowflake()), "guild_id": str(server.id), "type": kind, "name": name, "position": 0}
        channel |= {"permission_overwrites": [], "nsfw": False, "parent_id": None, "topic": None, "flags": 0, "last_message_id": None}
        if kind == FORUM:
            channel |= {"available_tags": [], "default_reaction_emoji": None, "default_forum_layout": 0, "default_sort_order": None}
        self.channels[int(channel["id"])] = channel
        self.messages[int(channel["id"])] = {}
        return int(channel["id"])

    def _role(self, server: Server, role_id: int, name: str, position: int) -> Json:
        role: Json = {"id": str(role_id), "name": name, "permissions": "0", "position": position, "color": 0, "flags": 0}
        role |= {"colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None}}
        role |= dict.fromkeys(("hoist", "managed", "mentionable"), False)
        server.roles[role_id] = role
        return role

    def _member(self, user: Json, roles: list[int]) -> Json:
        member: Json = {"user": user, "roles": [str(role) for role in roles], "joined_at": self.clock().isoformat(), "flags": 0}
        return member | {"deaf": False, "mute": False, "nick": None, "avatar": None, "premium_since": None, "pending": False}

    # Looking at it

    def server(self, server_id: int) -> Server:
        """A server that the bot is in; 50001 for any other."""
        found = self.servers.get(server_id)
        if found is None or not found.joined:
            raise Refused(403, 50001, "Missing Access")
        return found

    def channel(self, channel_id: int) -> Json:
        """A channel, thread or direct messages; 10003 if it is not there (any more)."""
        found = self.channels.get(channel_id)
        if found is None:
            raise Refused(404, 10003, "Unknown Channel")
        if "guild_id" in found:
            self.server(int(found["guild_id"]))
        return found

    def message(self, channel_id: int, message_id: int) -> Json:
        """A message; 10008 if it is not there (any more)."""
        self.channel(channel_id)
        found = self.messages[channel_id].get(message_id)
        if found is None:
            raise Refused(404, 10008, "Unknown Message")
        return found

    def guild(self, server: Server) -> Json:
        """A server as GUILD_CREATE and the API show it; the latter leaves out the channels, which does no harm."""
        inside = [each for each in self.channels.values() if each.get("guild_id") == str(server.id)]
        shown: Json = {"id": str(server.id), "name": server.name, "owner_id": "1", "roles": list(server.roles.values())}
        shown |= {"emojis": [], "stickers": [], "features": [], "preferred_locale": "en-GB", "member_count": len(server.members)}
        shown |= {"channels": [each for each in inside if each["type"] != THREAD], "members": [server.members[int(BOT["id"])]]}
        return shown | {"threads": [each for each in inside if each["type"] == THREAD and not each["thread_metadata"]["archived"]]}

    def threads(self, parent_id: int) -> list[Json]:
        """The threads of a channel or the posts of a forum, oldest first."""
        return [each for each in self.channels.values() if each["type"] == THREAD and each["parent_id"] == str(parent_id)]

    def visible(self, channel_id: int) -> list[Json]:
        """The messages of a channel that all can see there, oldest first."""
        return [each for each in self.messages.get(channel_id, {}).values() if not each["flags"] & EPHEMERAL]

    def direct(self, user_id: int) -> int:
        """Somebody's direct messages with the bot: opened the first time."""
        if user_id not in self.users:
            raise Refused(400, 50033, "Invalid Recipient(s)")
        for channel in self.channels.values():
            if channel["type"] == DM and channel["recipients"][0]["id"] == str(user_id):
                return int(channel["id"])
        channel_id = self.snowflake()
        self.channels[channel_id] = {"id": str(channel_id), "type": DM, "recipients": [self.users[user_id]], "last_message_id": None}
        self.messages[channel_id] = {}
        return channel_id

    # Acting in it

    def post(self, channel_id: int, body: Json, **more: Any) -> Json:
        """A new message of the bot's, or the one of the same nonce if Discord still remembers it."""
        channel = self.may_write(channel_id)
        nonce, now = str(body.get("nonce") or ""), self.nonce_clock() if self.nonce_clock else self.clock().timestamp()
        if nonce and body.get("enforce_nonce"):
            known, at = self._nonces.get((channel_id, nonce), (0, now))
            if known in self.messages[channel_id] and abs(now - at) < NONCE_MEMORY:
                return self.messages[channel_id][known]
        if channel["type"] == THREAD and channel["thread_metadata"]["archived"]:
            self.archive(channel_id, archived=False)
        message = self.write(channel, body, **more)
        if nonce:
            self._nonces[channel_id, nonce] = (int(message["id"]), now)
        return message

    def may_write(self, channel_id: int) -> Json:
        """The channel, if the bot may write in it: 50007 for who takes no direct messages, else what was set for the channel."""
        channel = self.channel(channel_id)
        if channel["type"] == DM and int(channel["recipients"][0]["id"]) in self.refuse_direct:
            raise Refused(403, 50007, "Cannot send messages to this user")
        if channel_id in self.forbidden:
            code = self.forbidden[channel_id]
            raise Refused(403, code, "Missing Access" if code == 50001 else "Missing Permissions")
        return channel

    def write(self, channel: Json, body: Json, message_id: int | None = None, **more: Any) -> Json:
        """A new message of the bot's in any case."""
        message_id = message_id or self.snowflake()
        message: Json = {"id": str(message_id), "channel_id": channel["id"], "author": BOT, "content": "", "components": [], "type": 0}
        message |= {"timestamp": self.clock().isoformat(), "edited_timestamp": None, "tts": False, "mention_everyone": False, "flags": 0}
        message |= {"mentions": [], "mention_roles": [], "attachments": [], "embeds": [], "pinned": False}
        message |= {name: body[name] for name in ("content", "components", "flags", "nonce", "allowed_mentions") if body.get(name)} | more
        self.messages[int(channel["id"])][message_id] = message
        channel["last_message_id"] = str(message_id)
        return message

    def edit(self, channel_id: int, message_id: int, body: Json) -> Json:
        """A message's new words; not in an archived thread (50083)."""
        message, channel = self.message(channel_id, message_id), self.channel(channel_id)
        if channel["type"] == THREAD and channel["thread_metadata"]["archived"]:
            raise Refused(400, 50083, "Thread is archived")
        if channel_id in self.forbidden:
            raise Refused(403, self.forbidden[channel_id], "Missing Permissions")
        message |= {name: body[name] for name in ("content", "components", "flags") if body.get(name) is not None}
        message["edited_timestamp"] = self.clock().isoformat()
        return message

    def open_thread(self, parent_id: int, name: str, thread_id: int | None = None, tags: list[str] | None = None) -> Json:
        """A thread on a message, which has the message's id (160004 where there is one), or a forum's post."""
        parent = self.may_write(parent_id)
        if thread_id in self.channels:
            raise Refused(400, 160004, "A thread has already been created for this message")
        now = self.clock().isoformat()
        thread: Json = {"id": str(thread_id or self.snowflake()), "guild_id": parent["guild_id"], "parent_id": parent["id"], "type": THREAD}
        thread |= {"name": name, "owner_id": BOT["id"], "applied_tags": tags or [], "flags": 0, "last_message_id": None}
        thread |= {"message_count": 0, "member_count": 1, "total_message_sent": 0, "rate_limit_per_user": 0}
        meta = {"archived": False, "auto_archive_duration": 4320, "archive_timestamp": now, "locked": False, "create_timestamp": now}
        self.channels[int(thread["id"])] = thread | {"thread_metadata": meta}
        self.messages[int(thread["id"])] = {}
        self.told("THREAD_CREATE", {**self.channels[int(thread["id"])], "newly_created": True})
        return self.channels[int(thread["id"])]

    def post_in_forum(self, forum_id: int, body: Json) -> tuple[Json, Json]:
        """A forum's post and its first message, which has the post's id; a forum knows no nonce."""
        thread = self.open_thread(forum_id, body["name"], tags=body.get("applied_tags"))
        return thread, self.write(thread, body["message"], int(thread["id"]))

    def archive(self, thread_id: int, *, archived: bool = True) -> None:
        """Puts a thread away, as Discord does after some quiet days, or takes it out again."""
        thread = self.channel(thread_id)
        thread["thread_metadata"] |= {"archived": archived, "archive_timestamp": self.clock().isoformat()}
        self.told("THREAD_UPDATE", thread)

    def put_away(self, quiet: timedelta) -> None:
        """Archives every thread that was last opened so long ago, as Discord does by itself."""
        for each in [each for each in self.channels.values() if each["type"] == THREAD]:
            there = each["thread_metadata"]
            if not there["archived"] and datetime.fromisoformat(there["archive_timestamp"]) < self.clock() - quiet:
                self.archive(int(each["id"]))

    def delete_channel(self, channel_id: int, *, told: bool = True) -> None:
        """Deletes a channel with its threads, or a thread; `told=False`: the bot has not heard of it yet."""
        for thread in self.threads(channel_id):
            self.delete_channel(int(thread["id"]), told=told)
        gone = self.channels.pop(channel_id)
        del self.messages[channel_id]
        if told and "guild_id" in gone:
            self.told("THREAD_DELETE" if gone["type"] == THREAD else "CHANNEL_DELETE", gone)

    def delete_role(self, server: Server, role_id: int) -> None:
        """Deletes a role; nobody holds it any more."""
        del server.roles[role_id]
        for member in server.members.values():
            member["roles"] = [role for role in member["roles"] if role != str(role_id)]
        self.told("GUILD_ROLE_DELETE", {"guild_id": str(server.id), "role_id": str(role_id)})

    def leave(self, server: Server) -> None:
        """The bot is shown out of a server."""
        server.joined = False
        self.told("GUILD_DELETE", {"id": str(server.id)})

    def join(self, server: Server) -> None:
        """The bot is let in, or a server is there again after an outage."""
        server.joined, server.away = True, False
        self.told("GUILD_CREATE", self.guild(server))

    def all_messages(self) -> Iterator[Json]:
        """Every message that is to be seen anywhere, oldest first."""
        everywhere = (message for channel_id in self.messages for message in self.visible(channel_id))
        return iter(sorted(everywhere, key=lambda each: int(each["id"])))
