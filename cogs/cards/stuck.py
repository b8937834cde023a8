"""How messages are told of that were not delivered: which, why, and what to do next."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.stuck import Stuck, Why
from bot.domain.text import Listing, Moment, Role, Style, Text, counted, text
from cogs.layout import Card, Line, Title, card

NAMED, LINES = 3, 7
"""How many messages a line names, and how many lines a card holds."""

_WHAT: Mapping[str, Text] = {
    "prompt": text("the monthly question"),
    "first_nudge": text("a reminder of the report"),
    "second_nudge": text("a reminder of the report"),
    "later": text("a reminder of the report"),
    "report": text("the post of a report"),
    "refresh": text("a change to a message"),
    "cover": text("a change to a message"),
    "digest_refresh": text("a change to the weekly digest"),
    "partner": text("a question about a joint check-in"),
    "gathering": text("a question about a gathering"),
    "rest": text("the offer of a rest"),
    "handover": text("the offer to look after it"),
    "handover_answer": text("the answer to an offer"),
    "release": text("the news of a release"),
    "claim": text("the news of a facilitator"),
    "stand_in": text("a question whether somebody stands in"),
    "stand_in_answer": text("the answer of a stand-in"),
    "stand_in_over": text("the news that no stand-in is needed any more"),
    "digest": text("the weekly digest"),
    "reminder": text("a facilitator's reminder"),
    "unpost": text("the deletion of a post"),
    "upkeep": text("a word about the bot's backups"),
    "lost": text("a word about a permission that was taken away"),
    "remains": text("a word about posts that could not be deleted"),
    "scoreboard": text("the scoreboard"),
    "undelivered": text("a word about messages that were not delivered"),
}

_WHY: Mapping[Why, Text] = {
    Why.CLOSED: text(
        "The bot may not do that in its channel. In the channel's settings, under Permissions, let it view the channel and send messages."
    ),
    Why.GONE: text("The channel or message was deleted. Choose another channel with /chapter edit, or with /setup."),
    Why.NO_TAG: text("The forum asks for a tag. In its settings, allow posts without a tag."),
    Why.NO_MESSAGES: text("The person takes no direct messages. Talk to them in another way."),
    Why.NOBODY: text("There was nobody to send it to. Name an admin with /chapter admins."),
    Why.DISCORD: text("Discord did not take it, for days. Look at its subject yourself."),
}


def stuck_lines(stuck: Sequence[Stuck]) -> list[Text]:
    """What is stuck: one line for each reason, with what to do next."""
    groups: dict[tuple[bool, Why, str | None], list[Stuck]] = {}
    for each in stuck:
        reason = (True, Why.DISCORD, None) if each.waits else (False, each.why, each.reference)
        groups.setdefault(reason, []).append(each)
    return [_line(*reason, theirs) for reason, theirs in groups.items()]


def _line(waits: bool, why: Why, reference: str | None, stuck: Sequence[Stuck]) -> Text:
    messages = Listing(_named(stuck))
    if waits:
        return text("Could not be delivered so far: {messages}. It is tried again by itself.", messages=messages)
    told = text("Could not be delivered: {messages}.", messages=messages)
    if reference is not None:
        mistake = text("That is a mistake in the program: tell whoever runs the bot the reference {reference}.", reference=reference)
        return text("{fault} {advice}", fault=told, advice=mistake)
    return text("{fault} {advice}", fault=told, advice=_WHY[why])


def _named(stuck: Sequence[Stuck]) -> tuple[Text, ...]:
    """The first of them, each once, and how many more."""
    different = list(dict.fromkeys((each.kind, each.chapter) for each in stuck))
    some = [_one(kind, chapter) for kind, chapter in different[:NAMED]]
    more = len(different) - len(some)
    return (*some, counted("{n} more", "{n} more", more)) if more else tuple(some)


def _one(kind: str, chapter: str | None) -> Text:
    what = _WHAT.get(kind, text("a message"))
    return what if chapter is None else text("{message} ({chapter})", message=what, chapter=chapter)


def count_line(stuck: Sequence[Stuck]) -> list[Text]:
    """How many messages are stuck, and since when the oldest; nothing if none is."""
    if not stuck:
        return []
    oldest: datetime = min(each.since for each in stuck)
    return [
        counted(
            "{n} message is stuck, since {moment}.",
            "{n} messages are stuck, the oldest since {moment}.",
            len(stuck),
            moment=Moment(oldest, Style.DAY_AND_HOUR),
        )
    ]


def undelivered_card(stuck: Sequence[Stuck], coordinators: int | None) -> Card:
    """Tells facilitators and coordinators, once, what did not reach anybody."""
    title = counted("{n} message reached nobody", "{n} messages reached nobody", len(stuck))
    lines = (Line(line) for line in stuck_lines(stuck)[:LINES])
    readers = [] if coordinators is None else [Line(text("For {role}.", role=Role(coordinators)))]
    return card(Title(title), *readers, *lines, Line(text("/overdue shows this for two weeks.")), notifies_role=coordinators)
