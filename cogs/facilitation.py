"""Facilitators in Discord: /overdue with its private card, /facilitate, and handing a chapter over."""

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str
from discord.ext import commands

from bot.domain.rights import Action
from bot.services import absences, contacts, facilitation, handovers, options
from bot.services.handovers import Candidate
from cogs import ui
from cogs.cards import absences as absence_cards
from cogs.cards import contacts as private_cards
from cogs.cards import facilitation as cards
from cogs.cards import handovers as handover_cards
from cogs.layout import Form
from cogs.request import Request
from db.facilitation import Whose

SCOPES = [
    Choice(name=locale_str("My chapters"), value=Whose.MINE.value),
    Choice(name=locale_str("Chapters without a facilitator"), value=Whose.UNASSIGNED.value),
    Choice(name=locale_str("All chapters"), value=Whose.ALL.value),
]


class Facilitation(ui.ChapterCog):
    """/overdue, /facilitate, and every button of the digest and the private card."""

    facilitate = app_commands.Group(name="facilitate", description=locale_str("Look after a chapter"), guild_only=True)

    @app_commands.command(name="overdue", description=locale_str("Who may need a call, for facilitators"))
    @app_commands.guild_only()
    @app_commands.choices(scope=SCOPES)
    @app_commands.describe(scope=locale_str("Which chapters; without it your own, or all if you look after none"))
    @ui.answered(Action.OVERDUE)
    async def overdue(self, interaction: discord.Interaction, scope: str | None = None) -> None:
        """Shows the digest as it would be now."""
        request = Request(interaction)
        whose = Whose(scope) if scope else None
        await request.answer(cards.overdue_card(await facilitation.overdue(request.store, request.caller, whose, 0, request.now)))

    @facilitate.command(name="claim", description=locale_str("Become a facilitator of a chapter"))
    @app_commands.describe(chapter=locale_str("The chapter; without it your own"))
    @ui.answered(Action.CLAIM)
    async def claim(self, interaction: discord.Interaction, chapter: str | None = None) -> None:
        """Makes the asker a chapter's facilitator."""
        request = Request(interaction)
        done = await handovers.claim(request.store, request.caller, chapter, request.now)
        await request.answer(handover_cards.claimed_card(done))

    @facilitate.command(name="release", description=locale_str("Stop being a facilitator of a chapter, or release another"))
    @app_commands.describe(
        chapter=locale_str("The chapter; without it your own"),
        person=locale_str("Who is released, by the chapter's admins or a coordinator; without it yourself"),
    )
    @ui.answered(Action.RELEASE, Action.RELEASE_OTHERS)
    async def release(self, interaction: discord.Interaction, chapter: str | None = None, person: discord.User | None = None) -> None:
        """Ends somebody's looking after a chapter."""
        request = Request(interaction)
        done = await handovers.release(request.store, request.caller, chapter, person.id if person else None, request.now)
        await request.answer(handover_cards.released_card(done, request.caller.user_id))

    @facilitate.command(name="absent", description=locale_str("Be away until a day: no digest and no reminders until then"))
    @app_commands.describe(
        until=locale_str("The day on which you are back, such as 2026-11-14; today to be back now"),
        stand_in=locale_str("A facilitator who reads your digest meanwhile; they are asked first"),
    )
    @ui.answered(Action.BE_AWAY)
    async def absent(self, interaction: discord.Interaction, until: str, stand_in: discord.User | None = None) -> None:
        """Notes that the asker is away."""
        request = Request(interaction)
        other = None if stand_in is None else _candidate_of(stand_in, interaction.guild)
        await request.answer(absence_cards.away_card(await absences.set_away(request.store, request.caller, until, other, request.now)))

    @absent.autocomplete("until")
    async def _return_days(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, absences.return_days, typed)

    @claim.autocomplete("chapter")
    @release.autocomplete("chapter")
    async def _chapters(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, options.chapters, typed)

    @ui.pressed("fa.page", Action.OVERDUE)
    async def page(self, request: Request, whose: Whose, page: int) -> None:
        """Turns to another page."""
        await request.replace(cards.overdue_card(await facilitation.overdue(request.store, request.caller, whose, page, request.now)))

    @ui.pressed("fa.open", Action.OVERDUE)
    async def choose(self, request: Request) -> None:
        """Opens the private card of the chapter that was chosen."""
        await self.see(request, request.chosen(int))

    @ui.pressed("fa.see", Action.OVERDUE)
    async def see(self, request: Request, chapter_id: int) -> None:
        """Opens the private card of a chapter: for the asker alone in a server, as a reply in direct messages."""
        shown = await contacts.look(request.store, request.caller, chapter_id, request.now)
        await request.answer(private_cards.private_card(shown), public=request.caller.guild_id is None)

    @ui.pressed("fa.touch", Action.CALL)
    async def touch(self, request: Request, chapter_id: int) -> None:
        """Notes that the asker has been in touch."""
        await request.replace(private_cards.private_card(await contacts.in_touch(request.store, request.caller, chapter_id, request.now)))

    @ui.pressed("fa.remind", Action.CALL)
    async def remind(self, request: Request, chapter_id: int) -> None:
        """Notes that the asker wants to be reminded."""
        await request.replace(private_cards.private_card(await contacts.remind(request.store, request.caller, chapter_id, request.now)))

    @ui.pressed("fa.rest", Action.CALL)
    async def rest(self, request: Request, chapter_id: int) -> None:
        """Has the chapter's admins asked whether it wants to rest."""
        await request.replace(private_cards.private_card(await contacts.offer_rest(request.store, request.caller, chapter_id, request.now)))

    @ui.pressed("fa.claim", Action.CLAIM)
    async def look_after(self, request: Request, chapter_id: int) -> None:
        """Makes the asker the chapter's facilitator, from its private card."""
        await request.answer(handover_cards.claimed_card(await handovers.claim(request.store, request.caller, chapter_id, request.now)))

    @ui.pressed("fa.hand", Action.HAND_OVER)
    async def hand_over(self, request: Request, chapter_id: int) -> None:
        """Asks who shall take the chapter over."""
        await request.open(await self.person_form(request, chapter_id))

    async def person_form(self, request: Request, chapter_id: int) -> Form:
        """The form that asks for the person."""
        chapter = await handovers.may_offer(request.store, request.caller, chapter_id)
        return handover_cards.person_form(chapter.id, chapter.name, in_server=request.caller.guild_id is not None)

    @ui.pressed("fa.give", Action.HAND_OVER, form="person_form")
    async def give(self, request: Request, chapter_id: int) -> None:
        """Asks the person who was chosen."""
        chapter = await handovers.may_offer(request.store, request.caller, chapter_id)
        chosen = await self._candidate(request, chapter.guild_id)
        offer = await handovers.offer(request.store, request.caller, chapter_id, chosen, request.now, request.field("note"))
        await request.answer(handover_cards.offered_card(offer))

    async def _candidate(self, request: Request, guild_id: int) -> Candidate:
        """The person who was chosen: in direct messages Discord does not say what they hold, so it is looked up."""
        user_id = request.person("person")
        if request.caller.guild_id is not None:
            return Candidate(user_id, request.chosen_roles(user_id), request.chose_a_bot(user_id))
        await request.defer()
        return await _looked_up(request, guild_id, user_id)

    async def _own_roles(self, request: Request, guild_id: int) -> frozenset[int]:
        """What the asker holds at this moment: in direct messages nothing if they have left."""
        if request.caller.guild_id is not None:
            return request.caller.role_ids
        await request.defer(replacing=request.message_id is not None)
        return (await _looked_up(request, guild_id, request.caller.user_id)).role_ids

    @ui.pressed("ab.yes", Action.ANSWER_STAND_IN)
    async def stand_in(self, request: Request, absence_id: int) -> None:
        """Agrees to stand in for somebody who is away."""
        asked = await absences.see(request.store, request.caller, absence_id, request.now)
        roles = await self._own_roles(request, asked.organisation.guild_id)
        done = await absences.answer(request.store, request.caller, absence_id, request.now, roles)
        await request.replace(absence_cards.answered_card(done))

    @ui.pressed("ab.no", Action.ANSWER_STAND_IN)
    async def not_stand_in(self, request: Request, absence_id: int) -> None:
        """Says that somebody cannot stand in, or cannot any more."""
        done = await absences.answer(request.store, request.caller, absence_id, request.now)
        await request.replace(absence_cards.answered_card(done))

    @ui.pressed("fa.take", Action.ANSWER_HANDOVER)
    async def take(self, request: Request, handover_id: int) -> None:
        """Accepts a chapter that was offered."""
        asked = await handovers.see(request.store, request.caller, handover_id)
        roles = await self._own_roles(request, asked.organisation.guild_id)
        done = await handovers.take(request.store, request.caller, handover_id, roles, request.now)
        await request.replace(handover_cards.answered_card(done))

    @ui.pressed("fa.decline", Action.ANSWER_HANDOVER)
    async def decline(self, request: Request, handover_id: int) -> None:
        """Declines a chapter that was offered."""
        await request.replace(
            handover_cards.answered_card(await handovers.decline(request.store, request.caller, handover_id, request.now))
        )


def _candidate_of(user: discord.User | discord.Member, guild: discord.Guild | None) -> Candidate:
    # A member who is sent along from outside a server has no roles that could be looked up.
    roles = frozenset(role.id for role in user.roles) if isinstance(user, discord.Member) and guild is not None else frozenset()
    return Candidate(user.id, roles, user.bot)


async def _looked_up(request: Request, guild_id: int, user_id: int) -> Candidate:
    """A person as the server knows them at this moment; with no roles if they are not there."""
    guild = request.interaction.client.get_guild(guild_id)
    try:
        member = None if guild is None else await guild.fetch_member(user_id)
    except discord.NotFound:
        member = None
    roles = frozenset() if member is None else frozenset(role.id for role in member.roles)
    return Candidate(user_id, roles, member is not None and member.bot)


async def setup(bot: commands.Bot) -> None:
    """Loads the commands and buttons of facilitators."""
    await bot.add_cog(Facilitation())
