"""/goal propose and /goal history, and every button by which chapters decide together: a part of the group of goals."""

from contextlib import suppress
from datetime import datetime

import discord
from discord import app_commands
from discord.app_commands import Choice, Range, locale_str

from bot.domain import goals as rules
from bot.domain.chapters import NAME_LENGTH, fold
from bot.domain.goals import LARGEST_TARGET, METRICS, Goal
from bot.domain.proposals import WHY_LENGTH, Voice
from bot.domain.rights import Action, Caller
from bot.locales import plain
from bot.services import goal_history, goals, proposals, proposing, voices
from bot.services.proposing import Asked, Where
from bot.services.voices import Choose, Objecting, Spoken
from cogs import ui
from cogs.cards import goal_history as history_cards
from cogs.cards import proposals as cards
from cogs.cards import voices as voice_cards
from cogs.layout import Form
from cogs.request import Request
from db.store import Store

CHOICES = [Choice(name=locale_str(rules.words(metric).msgid), value=metric) for metric in METRICS]
LISTED, A_PAGE = 5, 20


class GoalProposals(ui.ChapterCog):
    """What chapters decide about goals."""

    @app_commands.command(
        name="propose", description=locale_str("Propose a goal, or another target for one, to all chapters (their admins)")
    )
    @app_commands.choices(metric=CHOICES)
    @app_commands.describe(
        metric=locale_str("What it measures; where there is such a goal already, that one would be changed"),
        target=locale_str("The figure to reach; for the gender balance in percent"),
        deadline=locale_str("When it is due, such as 2028-06-30"),
        why=locale_str("Why you propose it; all can read it (name no one)"),
        closes=locale_str("The last day on which chapters can answer; without it the first that is possible"),
        name=locale_str("Its name; without it the name of what it measures"),
    )
    @ui.answered(Action.PROPOSE)
    async def propose(
        self,
        interaction: discord.Interaction,
        metric: str,
        target: Range[int, 1, LARGEST_TARGET],
        deadline: str,
        why: Range[str, 1, WHY_LENGTH] | None = None,
        closes: str | None = None,
        name: Range[str, 1, NAME_LENGTH] | None = None,
    ) -> None:
        """Shows what would be posted, to be confirmed."""
        request = Request(interaction)
        asked, where = Asked(why, closes), place(interaction)
        shown = await proposing.propose(
            request.store, request.caller, metric, target, deadline, name, asked, where, request.form_key, request.now
        )
        await request.answer(cards.preview_card(shown))

    @propose.autocomplete("deadline")
    async def _due(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, goals.deadlines, typed)

    @propose.autocomplete("closes")
    async def _closes(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, proposing.closing_days, typed)

    @app_commands.command(name="history", description=locale_str("What a goal was and is, who adopted it and why"))
    @app_commands.describe(goal=locale_str("The goal; also one that was given up"))
    @ui.answered(Action.READ)
    async def history(self, interaction: discord.Interaction, goal: str) -> None:
        """Shows a goal's revisions and the proposals about it."""
        request = Request(interaction)
        meant = meant_metric(goal, request.locale)
        await request.answer(history_cards.history_card(await goal_history.history(request.store, request.caller, meant, 0, request.now)))

    @history.autocomplete("goal")
    async def _ever(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        locale = Request(interaction).locale

        async def suggest(store: Store, caller: Caller, typed: str, _now: datetime) -> list[str]:
            names = (called(goal, locale) for goal in await goal_history.known(store, caller))
            return [name for name in dict.fromkeys(names) if fold(typed) in fold(name)]

        return await ui.choices(interaction, suggest, typed)

    # A proposal

    @ui.pressed("gp.post", Action.PROPOSE)
    async def post(self, request: Request, form_key: str) -> None:
        """Opens what was previewed."""
        await request.replace(cards.opened_card(await proposing.confirm(request.store, request.caller, form_key, request.now)))

    @ui.pressed("gp.drop", Action.PROPOSE)
    async def drop(self, request: Request, form_key: str) -> None:
        """Forgets what was previewed."""
        await proposing.cancel(request.store, request.caller, form_key)
        await request.replace(cards.dropped_card())

    @ui.pressed("gp.view", Action.READ)
    async def view(self, request: Request, proposal_id: int) -> None:
        """Shows a proposal to one reader."""
        await request.answer(cards.looked_card(await proposals.look(request.store, request.caller, proposal_id, request.now)))

    @ui.pressed("gp.who", Action.READ)
    async def who(self, request: Request, proposal_id: int, voice: Voice, page: int) -> None:
        """Shows which chapters say the same, and why they object."""
        shown = await goal_history.voices(request.store, request.caller, proposal_id, voice, page, A_PAGE, request.now)
        await request.answer(cards.voices_card(shown))

    @ui.pressed("gp.list", Action.READ)
    async def all_of_them(self, request: Request, page: int) -> None:
        """Lists all proposals."""
        await request.answer(cards.list_card(await proposals.listed(request.store, request.caller, page, LISTED, request.now)))

    @ui.pressed("gp.pick", Action.READ)
    async def pick(self, request: Request) -> None:
        """Shows the proposal that was chosen."""
        shown = await proposals.look(request.store, request.caller, request.chosen(int), request.now)
        await request.answer(cards.looked_card(shown))

    # A chapter's voice

    @ui.pressed("gp.say", Action.SPEAK_FOR)
    async def say(self, request: Request, proposal_id: int, version: int, voice: Voice) -> None:
        """Gives the voice of the asker's chapter, or asks which one and why."""
        await _said(request, await voices.speak(request.store, request.caller, proposal_id, version, voice, request.now))

    @ui.pressed("gp.for", Action.SPEAK_FOR)
    async def say_for(self, request: Request, proposal_id: int, version: int, voice: Voice) -> None:
        """Gives the voice of the chapter that was chosen."""
        chosen = request.chosen(int)
        done = await voices.speak(request.store, request.caller, proposal_id, version, voice, request.now, chapter_id=chosen)
        await _said(request, done)

    async def objection(self, request: Request, proposal_id: int, version: int, chapter_id: int) -> Form:
        """The form in which a chapter says why it objects."""
        asked = await voices.speak(request.store, request.caller, proposal_id, version, Voice.OBJECT, request.now, chapter_id=chapter_id)
        assert isinstance(asked, Objecting)
        return voice_cards.objection_form(asked)

    @ui.pressed("gp.obj", Action.SPEAK_FOR, form="objection")
    async def objected(self, request: Request, proposal_id: int, version: int, chapter_id: int) -> None:
        """Stores an objection with its reason."""
        reason = request.field("reason")
        done = await voices.speak(
            request.store, request.caller, proposal_id, version, Voice.OBJECT, request.now, chapter_id=chapter_id, reason=reason
        )
        await _said(request, done)

    # Amending and withdrawing

    @ui.pressed("gp.amend", Action.SPEAK_FOR)
    async def ask_to_amend(self, request: Request, proposal_id: int) -> None:
        """Asks an objector what is proposed instead."""
        await request.open(voice_cards.amend_form(await voices.may_amend(request.store, request.caller, proposal_id, request.now)))

    async def amendment(self, request: Request, proposal_id: int, version: int, chapter_id: int) -> Form:
        """The form in which an objector amends a proposal; `version` is the one that they had before them."""
        asked = await voices.may_amend(request.store, request.caller, proposal_id, request.now, chapter_id=chapter_id)
        return voice_cards.amend_form(asked)

    @ui.pressed("gp.new", Action.SPEAK_FOR, form="amendment")
    async def amend(self, request: Request, proposal_id: int, version: int, chapter_id: int) -> None:
        """Asks all chapters anew about what an objector proposes."""
        typed = {name: request.field(name) for name in ("target", "deadline", "why")}
        view = await voices.amend(request.store, request.caller, proposal_id, version, chapter_id, typed, request.now)
        await request.answer(voice_cards.amended_card(view))

    @ui.pressed("gp.ends", Action.PROPOSE)
    async def ask_to_withdraw(self, request: Request, proposal_id: int) -> None:
        """Asks once more before a proposal is withdrawn."""
        view = await voices.to_withdraw(request.store, request.caller, proposal_id, request.now)
        await request.replace(voice_cards.ends_card(view))

    @ui.pressed("gp.back", Action.PROPOSE)
    async def withdraw(self, request: Request, proposal_id: int) -> None:
        """Withdraws a proposal."""
        await voices.withdraw(request.store, request.caller, proposal_id, request.now)
        await request.replace(cards.looked_card(await proposals.look(request.store, request.caller, proposal_id, request.now)))

    # A revision after a deadline

    @ui.pressed("gp.revise", Action.PROPOSE)
    async def ask_to_revise(self, request: Request, goal_id: int) -> None:
        """Asks what is proposed in the place of a goal."""
        await request.open(await self.revision(request, goal_id))

    async def revision(self, request: Request, goal_id: int) -> Form:
        """The form in which a goal is proposed anew."""
        return history_cards.revise_form(await proposing.to_revise(request.store, request.caller, goal_id))

    @ui.pressed("gp.send", Action.PROPOSE, form="revision")
    async def revise(self, request: Request, goal_id: int) -> None:
        """Opens a proposal to change a goal, in the channel of the form's button."""
        typed = {name: request.field(name) for name in ("target", "deadline", "why")}
        where = place(request.interaction)
        view = await proposing.revise(request.store, request.caller, goal_id, typed, where, request.form_key, request.now)
        await request.answer(cards.opened_card(view))

    # Texts that should not stand there

    @ui.pressed("gp.text", Action.REDACT_PROPOSAL)
    async def texts(self, request: Request, proposal_id: int) -> None:
        """Asks which text of a proposal is to be taken out."""
        await request.answer(voice_cards.texts_card(await goal_history.texts(request.store, request.caller, proposal_id, request.now)))

    @ui.pressed("gp.cut", Action.REDACT_PROPOSAL)
    async def cut(self, request: Request, proposal_id: int) -> None:
        """Asks once more before a text is taken out."""
        await goal_history.texts(request.store, request.caller, proposal_id, request.now)
        await request.replace(voice_cards.cut_card(proposal_id, request.chosen(int)))

    @ui.pressed("gp.gone", Action.REDACT_PROPOSAL)
    async def gone(self, request: Request, proposal_id: int, about: int) -> None:
        """Takes a text out of a proposal: a chapter's reason, or (0) the proposal's own."""
        view = await goal_history.redact(request.store, request.caller, proposal_id, about, request.now)
        await request.replace(voice_cards.gone_card(view))

    # History

    @ui.pressed("gh.open", Action.READ)
    async def open_history(self, request: Request, goal_id: int) -> None:
        """Answers with a goal's history."""
        shown = await goal_history.history(request.store, request.caller, goal_id, 0, request.now)
        await request.answer(history_cards.history_card(shown))

    @ui.pressed("gh.page", Action.READ)
    async def turn_history(self, request: Request, goal_id: int, page: int) -> None:
        """Shows another page of a goal's history."""
        shown = await goal_history.history(request.store, request.caller, goal_id, page, request.now)
        await request.replace(history_cards.history_card(shown))

    @ui.pressed("gh.cut", Action.CHANGE_GOALS)
    async def cut_history(self, request: Request, goal_id: int) -> None:
        """Asks once more before a text is taken out of a goal's history."""
        await goal_history.require_redacting(request.store, request.caller)
        await request.replace(history_cards.cut_card(goal_id, request.chosen(int)))

    @ui.pressed("gh.gone", Action.CHANGE_GOALS)
    async def gone_history(self, request: Request, goal_id: int, revision_id: int) -> None:
        """Takes out why a goal was changed."""
        await goal_history.redact_revision(request.store, request.caller, goal_id, revision_id, request.now)
        await self.turn_history(request, goal_id, 0)


async def _said(request: Request, done: Spoken | Choose | Objecting) -> None:
    """Answers a click: with whose voice stands, or with what is still to be said."""
    if isinstance(done, Choose):
        await request.answer(voice_cards.choose_card(done))
    elif isinstance(done, Objecting):
        await request.open(voice_cards.objection_form(done))
    else:
        message = done.view.stored.message
        if done.moved and message is not None and request.message_id == message[1]:
            # Where Discord lets the message be edited no more for now, the outbox does it in some minutes.
            with suppress(discord.HTTPException):
                await request.replace(cards.proposal_card(done.view), done.view.language)
        await request.answer(voice_cards.spoken_card(done))


def place(interaction: discord.Interaction) -> Where:
    """Where something was typed or pressed, and whether the bot may write there."""
    granted, channel = interaction.app_permissions, interaction.channel
    writes = granted.send_messages_in_threads if isinstance(channel, discord.Thread) else granted.send_messages
    return Where(interaction.channel_id or 0, granted.view_channel and writes)


def meant_metric(typed: str, locale: str) -> str:
    """The metric whose words in the asker's language were typed, else what was typed."""
    spoken = {fold(plain(rules.words(metric), locale)): metric for metric in METRICS}
    return spoken.get(fold(typed), typed)


def called(goal: Goal, locale: str) -> str:
    """What a goal is called in the asker's language."""
    return goal.name or plain(rules.words(goal.metric), locale)
