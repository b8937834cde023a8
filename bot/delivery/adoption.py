"""What is said about proposals, and when a goal's deadline has passed."""

from datetime import date

from bot.delivery.letters import POST_TITLE_LIMIT, Desk, Direct, InChannel, Letter, Place, Post
from bot.domain import goals
from bot.domain.text import text
from bot.locales import plain
from bot.services import deciding, evaluations, proposals, voices
from cogs.cards import goal_history as history_cards
from cogs.cards import proposals as cards
from cogs.cards import voices as voice_cards
from db import outbox


async def proposal(desk: Desk) -> Letter | None:
    """A proposal, in the channel in which it was made; not again where its message stands already."""
    view = await proposals.posted(desk.c, desk.organisation.guild_id, desk.errand.payload["proposal_id"], desk.now)
    if view is None or view.stored.channel_id is None or view.stored.message_id is not None:
        return None
    return Letter(cards.proposal_card(view), view.language, (InChannel(view.stored.channel_id),))


async def proposal_show(desk: Desk) -> Letter | None:
    """The message of a proposal, brought up to date."""
    guild_id, proposal_id = desk.organisation.guild_id, desk.errand.payload["proposal_id"]
    view = await proposals.posted(desk.c, guild_id, proposal_id, desk.now)
    if view is None or view.stored.message is None:
        return None
    sent = await outbox.sent_under(desk.c, guild_id, f"proposal:{proposal_id}")
    channel_id, message_id = view.stored.message
    place = Place(channel_id, message_id, mark=None if sent is None else sent.mark)
    return Letter(cards.proposal_card(view), view.language, edits=(place,))


async def proposal_closed(desk: Desk) -> Letter | None:
    """What came of a proposal, to one who made it or objected."""
    user_id = desk.errand.payload["user_id"]
    news = await deciding.news(desk.c, desk.organisation, desk.errand.payload["proposal_id"], user_id, desk.now)
    if news is None:
        return None
    earliest = await desk.sending_hour(desk.organisation.zone)
    return Letter(voice_cards.closed_card(news), desk.organisation.language, (Direct(user_id),), asks=user_id, earliest=earliest)


async def voice(desk: Desk) -> Letter | None:
    """The news that another admin of the chapter spoke, to whoever spoke before: it names the chapter, so by direct message alone."""
    chapter, told = await desk.chapter(), desk.errand.payload
    if chapter is None or "by" not in told:
        return None
    found = await voices.replaced(desk.c, desk.organisation, chapter, told["proposal_id"], told["by"], desk.now)
    if found is None:
        return None
    user_id = told["user_id"]
    return Letter(voice_cards.replaced_card(found), desk.organisation.language, (Direct(user_id),), asks=user_id)


async def deadline(desk: Desk) -> Letter | None:
    """The invitation to evaluate: where reports go, else to coordinators, who can hand it on."""
    found = await _missed(desk)
    if found is None:
        return None
    language, reports = desk.organisation.language, desk.organisation.reports_channel
    coordinators = desk.organisation.facilitators_channel
    title = plain(text("{goal} · {day}", goal=goals.label(found.goal), day=found.deadline), language, limit=POST_TITLE_LIMIT)
    routes = (Post(reports, title, None),) if reports is not None else ()
    other = (InChannel(coordinators),) if coordinators is not None else ()
    earliest = await desk.sending_hour(desk.organisation.zone)
    return Letter(history_cards.evaluation_card(found), language, (*routes, *other), earliest=earliest)


async def deadline_show(desk: Desk) -> Letter | None:
    """The invitation that went out, with what may be quoted by now."""
    found = await _missed(desk, anew=True)
    key = evaluations.key(desk.errand.payload["goal_id"], date.fromisoformat(desk.errand.payload["deadline"]))
    sent = await outbox.sent_under(desk.c, desk.organisation.guild_id, key)
    if found is None or sent is None or sent.channel_id is None or sent.message_id is None:
        return None
    place = Place(sent.channel_id, sent.message_id, mark=sent.mark)
    return Letter(history_cards.evaluation_card(found), desk.organisation.language, edits=(place,))


async def _missed(desk: Desk, *, anew: bool = False) -> evaluations.Missed | None:
    about = desk.errand.payload
    return await evaluations.missed(desk.c, desk.organisation, about["goal_id"], date.fromisoformat(about["deadline"]), anew=anew)
