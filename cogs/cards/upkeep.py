"""How coordinators learn that the care for the database fails: in words, with whom to ask."""

from collections.abc import Sequence

from bot.domain.text import Moment, Role, Text, counted, text
from bot.services.upkeep import FAILED, UNCOPIED, UNDONE, Trouble
from cogs.layout import Card, Line, Small, Title, card


def trouble_card(trouble: Trouble, coordinators: int | None) -> Card:
    """For the facilitators' channel; notifies the coordinators."""
    return card(
        Title(text("Something for whoever runs the bot")),
        Line(text("For {role}.", role=Role(coordinators))) if coordinators is not None else None,
        Line(_trouble(trouble)),
        Small(text("This is said once, until it goes well again.")),
        notifies_role=coordinators,
    )


def trouble_lines(troubles: Sequence[Trouble]) -> list[Text]:
    """What does not go well, one sentence each."""
    return [_trouble(each) for each in troubles]


def _trouble(trouble: Trouble) -> Text:
    since = Moment(trouble.since)
    if trouble.fault == FAILED:
        return text(
            "Since {day} the nightly backup of everything that is entered here could not be made. Nothing is lost so far. "
            "Ask whoever runs the bot to look at it: `python -m bot check` says more.",
            day=since,
        )
    if trouble.fault == UNCOPIED:
        return text(
            "Since {day} the nightly backup is made, but does not reach its second place. "
            "Ask whoever runs the bot to look at it: `python -m bot check` says more.",
            day=since,
        )
    if trouble.fault == UNDONE:
        return text(
            "Since {day} the weekly look whether all figures are right could not be taken. "
            "Ask whoever runs the bot to look at it: `python -m bot check` says more.",
            day=since,
        )
    return counted(
        "The weekly look at all figures found {n} that is not what was entered. What was entered is not touched by it. "
        "Ask whoever runs the bot to look at it: `python -m bot check --deep` names it.",
        "The weekly look at all figures found {n} that are not what was entered. What was entered is not touched by it. "
        "Ask whoever runs the bot to look at it: `python -m bot check --deep` names them.",
        trouble.n,
    )
