"""How coordinators learn that the care for the database fails: in words, with whom to ask."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.text import Moment, Role, Style, Text, counted, text
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


def unstored_card(since: datetime, coordinators: int | None) -> Card:
    """For the facilitators' channel, while nothing can be stored; notifies the coordinators."""
    return card(
        Title(text("Nothing can be stored at the moment")),
        Line(text("For {role}.", role=Role(coordinators))) if coordinators is not None else None,
        Line(
            text(
                "Since {when} the bot cannot write: what is entered is given back to whoever typed it, and nothing that is due goes out. "
                "What was stored before is still there.",
                when=Moment(since, Style.DAY_AND_HOUR),
            )
        ),
        Line(text("Ask whoever runs the bot to look at its disk: `python -m bot check` says more.")),
        Small(text("This is said once, and again when it is over.")),
        notifies_role=coordinators,
    )


def stored_again_card() -> Card:
    """For the same people, when it is over."""
    return card(
        Line(text("What is entered is stored again, and what is due goes out now.")),
        Small(text("Whoever got their words back in the meantime can send them again.")),
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
