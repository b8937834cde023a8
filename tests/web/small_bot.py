"""A bot small enough to read at a glance that speaks the way Chapterhouse does: components v2, stopped views, one dispatcher."""

from datetime import datetime, timedelta
from pathlib import Path

import aiosqlite
import discord
from discord import ui
from discord.ext import commands
from simcord.env import Env


def card(words: str) -> ui.LayoutView:
    """A card with every kind of control that Chapterhouse uses."""
    view = ui.LayoutView(timeout=None)
    view.add_item(
        ui.Container(
            ui.Section(
                ui.TextDisplay(f"## How was October in London?\n{words}"), accessory=ui.Button(label="Preview", custom_id="preview")
            ),
            ui.Separator(),
            ui.TextDisplay(
                "**Known already:** 2 meetings (14 and 11 people), 1 with an education part.\n-# The report is public in this server."
            ),
            ui.ActionRow(
                ui.Button(label="People", custom_id="form", style=discord.ButtonStyle.primary),
                ui.Button(label="Count", custom_id="count"),
                ui.Button(label="Skip", custom_id="skip", style=discord.ButtonStyle.danger),
            ),
            ui.ActionRow(
                ui.Select(
                    custom_id="choose",
                    placeholder="Choose a chapter",
                    options=[discord.SelectOption(label=name, value=name, description="1 of 24 chapters") for name in ("Lisbon", "Porto")],
                )
            ),
            ui.ActionRow(ui.UserSelect(custom_id="hand-over", placeholder="Hand over to")),
            accent_colour=discord.Colour(0xE3B76A),
        )
    )
    view.stop()
    return view


def form() -> ui.Modal:
    """A form with every kind of field that Chapterhouse uses."""
    modal = ui.Modal(title="People in London", custom_id="form:london:2026-10", timeout=None)
    choices = [("Not known", "?"), ("Yes", "y"), ("No", "n")]
    for label in (
        ui.Label(
            text="Members", description="Everybody who belongs to the chapter", component=ui.TextInput(custom_id="members", max_length=6)
        ),
        ui.Label(
            text="How are you?",
            component=ui.Select(
                custom_id="mood", required=False, options=[discord.SelectOption(label=str(n), value=str(n)) for n in range(1, 6)]
            ),
        ),
        ui.Label(
            text="Did you meet?",
            component=ui.RadioGroup(
                custom_id="met", options=[discord.RadioGroupOption(label=name, value=value) for name, value in choices]
            ),
        ),
        ui.Label(
            text="What did you do?",
            component=ui.CheckboxGroup(
                custom_id="did",
                required=False,
                options=[discord.CheckboxGroupOption(label=name, value=name) for name in ("Meeting", "Outreach")],
            ),
        ),
        ui.Label(text="Who hosted?", component=ui.UserSelect(custom_id="host", required=False, max_values=3)),
    ):
        modal.add_item(label)
    modal.stop()
    return modal


class SmallBot(commands.AutoShardedBot):
    """Keeps one number of members in a database, and asks on the first of each month."""

    def __init__(self, database: Path, *, asks_in: int = 0, posts_in: int = 0) -> None:
        super().__init__("!", intents=discord.Intents(guilds=True), shard_count=1)
        self.database = database
        self.asks_in = asks_in
        self.posts_in = posts_in
        self.asked: datetime | None = None
        self.to_publish: list[str] = []

    async def setup_hook(self) -> None:
        self.add_listener(self.dispatch_by_id, "on_interaction")

        @self.tree.command(name="progress", description="Where we stand")
        async def progress(interaction: discord.Interaction) -> None:
            await interaction.response.send_message(view=card(f"Members: {await self.members()}"), ephemeral=True)

        @self.tree.command(name="fail", description="Fails")
        async def fail(interaction: discord.Interaction) -> None:
            raise RuntimeError("as asked")

        await self.tree.sync()
        async with aiosqlite.connect(self.database) as store:
            await store.execute("create table if not exists entry (members integer)")

    async def dispatch_by_id(self, interaction: discord.Interaction) -> None:
        """Answers buttons, selects and forms by their custom_id alone."""
        if interaction.type not in (discord.InteractionType.component, discord.InteractionType.modal_submit):
            return
        data = interaction.data or {}
        match str(data["custom_id"]).split(":"):
            case ["form"]:
                await interaction.response.send_modal(form())
            case ["form", chapter, month]:
                given = {each["component"]["custom_id"]: each["component"] for each in data["components"] if "component" in each}
                async with aiosqlite.connect(self.database) as store:
                    await store.execute("insert into entry values (?)", [int(given["members"]["value"])])
                    await store.commit()
                await interaction.response.edit_message(view=card(f"Members: {await self.members()}"))
                mood, did, hosts = (given[name]["values"] for name in ("mood", "did", "host"))
                told = f"mood {', '.join(mood)}, met {given['met']['value']}, did {', '.join(did)}, {len(hosts)} hosts"
                await interaction.followup.send(f"Saved for {chapter}, {month}: {told}.", ephemeral=True)
            case ["count"]:
                await interaction.response.edit_message(view=card(f"Members: {await self.members()} counted"))
            case ["skip"]:
                self.to_publish.append("London · October 2026")
                await interaction.response.send_message("Publishing.", ephemeral=True)
            case [other]:
                await interaction.response.send_message(f"{other}: {data.get('values')}", ephemeral=True)

    async def members(self) -> int:
        async with aiosqlite.connect(self.database) as store:
            rows = await store.execute_fetchall("select sum(members) from entry")
        return next(iter(rows))[0] or 0


class Due:
    """What the small bot owes: a prompt at 09:00 on the first of a month, and posts that somebody asked for."""

    def __init__(self, world: Env) -> None:
        self.world = world
        self.ran: list[datetime] = []

    @property
    def bot(self) -> SmallBot:
        bot = self.world.bot
        assert isinstance(bot, SmallBot)
        return bot

    async def next_due(self) -> datetime | None:
        now = self.world.now()
        first = now.replace(day=1, hour=9, minute=0, second=0, microsecond=0)
        if self.bot.asked is None or self.bot.asked < first <= now:
            return first if first > now else (first + timedelta(days=32)).replace(day=1)
        return (self.bot.asked + timedelta(days=32)).replace(day=1, hour=9, minute=0, second=0, microsecond=0)

    async def run_due(self, now: datetime) -> None:
        self.ran.append(now)
        bot = self.bot
        if bot.asks_in and now.day == 1 and now.hour == 9 and (bot.asked is None or (now - bot.asked).days > 20):
            bot.asked = now
            await bot.get_partial_messageable(bot.asks_in).send(view=card(f"The month of {now:%B}. Members: {await bot.members()}"))
        while bot.to_publish:
            forum = bot.get_channel(bot.posts_in)
            assert isinstance(forum, discord.ForumChannel)
            await forum.create_thread(name=bot.to_publish.pop(), view=card("Published"))
