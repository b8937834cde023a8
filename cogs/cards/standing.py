"""How a chapter stands, in one sentence for whoever has just recorded something."""

from collections.abc import Mapping

from bot.domain.functioning import Criterion, CriterionVerdict, Met, Status, Verdict
from bot.domain.text import Listing, Text, Value, text
from cogs.cards.words import instead_of_meeting

MENDS: Mapping[Criterion, Text] = {
    Criterion.TOGETHER: text("a meeting"),
    Criterion.LEARNS: text("something with an education part"),
    Criterion.REPORTS: text("a report that is published in time"),
}


def _mends(each: CriterionVerdict) -> Text:
    these = instead_of_meeting(each.kinds) if each.criterion is Criterion.TOGETHER else None
    return MENDS[each.criterion] if these is None else text("a check-in ({kinds})", kinds=these)


def standing_line(chapter: str, verdict: Verdict, *, new: bool = True) -> Text:
    """Until when the chapter functions (`new`: now that something was recorded) and what carries it on, or what it still needs."""
    if verdict.status is Status.RESTING:
        return text("{chapter} is resting, so this does not change its status.", chapter=chapter)
    if verdict.status.counts_as_functioning and verdict.lapses_on is not None:
        first = tuple(_mends(each) for each in verdict.criteria if each.lapses_on == verdict.lapses_on)
        named: dict[str, Value] = {"chapter": chapter, "day": verdict.lapses_on, "what": Listing(first)}
        if new:
            return text("{chapter} now functions until {day}; {what} by then carries it on.", **named)
        return text("{chapter} functions until {day}; {what} by then carries it on.", **named)
    missing = tuple(_mends(each) for each in verdict.criteria if each.met is not Met.MET)
    return text("For {chapter} to function, this is still needed: {what}.", chapter=chapter, what=Listing(missing))
