"""What facilitators are told: their list of the week, what they asked to be reminded of, what they ask each other, what went wrong."""

from bot.delivery.letters import Desk, Direct, InChannel, Letter, Place
from bot.services import absences, backlog, contacts, facilitation, handovers
from cogs.cards import absences as absence_cards
from cogs.cards import contacts as contact_cards
from cogs.cards import facilitation as digest_cards
from cogs.cards import handovers as handover_cards
from cogs.cards import stuck as stuck_cards


async def digest(desk: Desk) -> Letter | None:
    """The weekly digest: to its reader, else to the facilitators' channel, where others read it as well."""
    reader, channel_id = desk.errand.payload.get("user_id"), desk.organisation.facilitators_channel
    found = None if reader is None else await facilitation.digest_for(desk.c, desk.organisation, reader, desk.now)
    shared = await facilitation.digest_for(desk.c, desk.organisation, reader, desk.now, in_channel=True)
    routes: list[Direct | InChannel] = [] if reader is None or found is None else [Direct(reader)]
    if channel_id is not None and shared is not None:
        routes.append(InChannel(channel_id, digest_cards.digest_card(shared, in_channel=True)))
    seen = found or shared
    if seen is None or not routes:
        return None
    earliest = await desk.sending_hour(desk.organisation.zone)
    return Letter(digest_cards.digest_card(seen), desk.organisation.language, tuple(routes), asks=reader, earliest=earliest)


async def digest_again(desk: Desk) -> Letter | None:
    """The newest digest as it stands now, in place of what it said."""
    reader, channel_id = desk.errand.payload.get("user_id"), desk.organisation.facilitators_channel
    sent = await facilitation.sent_digest(desk.c, desk.organisation, reader)
    if sent is None or sent.channel_id is None or sent.message_id is None:
        return None
    in_channel = sent.channel_id == channel_id
    found = await facilitation.digest_for(desk.c, desk.organisation, reader, desk.now, in_channel=in_channel)
    shown = digest_cards.done_card() if found is None else digest_cards.digest_card(found, in_channel=in_channel)
    return Letter(shown, desk.organisation.language, edits=(Place(sent.channel_id, sent.message_id, mark=sent.mark),))


async def reminder(desk: Desk) -> Letter | None:
    """The chapter that a facilitator wanted to be reminded of; it waits for one who is away."""
    chapter, user_id = await desk.chapter(), desk.errand.payload.get("user_id")
    if chapter is None or user_id is None:
        return None
    shown = await contacts.reminder(desk.c, desk.organisation, chapter.id, user_id, desk.now)
    if shown is None:
        return None
    away = await absences.of_person(desk.c, desk.organisation.guild_id, user_id, desk.now)
    back = None if away is None else absences.back_at(desk.organisation, away)
    earliest = back or await desk.sending_hour(desk.organisation.zone)
    return Letter(contact_cards.reminder_card(shown), desk.organisation.language, (Direct(user_id),), asks=user_id, earliest=earliest)


async def handover(desk: Desk) -> Letter | None:
    """An offer to the person who was chosen, or its answer to whoever made it; in the facilitators' channel if they take no messages."""
    offer = await handovers.read_offer(desk.c, desk.organisation, desk.errand.payload["handover_id"])
    if offer is None or (desk.errand.kind == "handover") is not (offer.handover.answered_at is None):
        return None
    asked = offer.handover.answered_at is None
    shown = handover_cards.offer_card(offer) if asked else handover_cards.answer_card(offer)
    reader = offer.handover.to_user if asked else offer.handover.from_user
    return Letter(shown, desk.organisation.language, (Direct(reader),), asks=reader)


async def farewell(desk: Desk) -> Letter | None:
    """That somebody was released, to them."""
    chapter_id, told = desk.errand.chapter_id, desk.errand.payload
    if chapter_id is None:
        return None
    found = await handovers.farewell(desk.c, desk.organisation, chapter_id, told["user_id"], told["by"])
    if found is None:
        return None
    return Letter(handover_cards.farewell_card(found), desk.organisation.language, (Direct(found.user_id),), asks=found.user_id)


async def stand_in(desk: Desk) -> Letter | None:
    """The question whether somebody stands in, its answer to whoever is away, or the news that it is over."""
    asked = await absences.read(desk.c, desk.organisation, desk.errand.payload["absence_id"], desk.now)
    if asked is None or asked.absence.stand_in is None:
        return None
    answered, reader = asked.absence.accepted is not None, asked.absence.stand_in
    match desk.errand.kind:
        case "stand_in" if not answered and not asked.over:
            shown = absence_cards.question_card(asked)
        case "stand_in_answer" if answered and not asked.over:
            reader, shown = asked.absence.user_id, absence_cards.answer_card(asked)
        case "stand_in_over":
            shown = absence_cards.over_card(asked)
        case _:
            return None
    return Letter(shown, desk.organisation.language, (Direct(reader),), asks=reader)


async def undelivered(desk: Desk) -> Letter | None:
    """What reached nobody: for the facilitators' channel, mentioning coordinators; of a hidden chapter, for its own facilitators."""
    reader, organisation = desk.errand.payload["user_id"], desk.organisation
    untold = await backlog.to_tell(desk.c, organisation, reader, desk.now)
    if not untold:
        return None
    language, earliest = organisation.language, await desk.sending_hour(organisation.zone)
    if reader != backlog.CHANNEL:
        return Letter(stuck_cards.undelivered_card(untold, None), language, (Direct(reader),), asks=reader, earliest=earliest)
    if organisation.facilitators_channel is None:
        return None
    shown = stuck_cards.undelivered_card(untold, organisation.coordinator_role)
    return Letter(shown, language, (InChannel(organisation.facilitators_channel),), earliest=earliest)
