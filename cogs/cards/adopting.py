"""How it looks to make chapters from roles or channels: the form, what would be added and left, and what was."""

from collections.abc import Iterator

from bot.domain.text import Listing, Text, Value, counted, text
from bot.services.adopting import PREFIX_LENGTH, Kind, Plan
from cogs.cards.setup_steps import BACK
from cogs.layout import Button, Card, ChoiceField, Form, Line, Option, Row, Small, TextField, Title, Tone, address, card

NAMED, LEFT = 40, 15


def find_form() -> Form:
    """Asks what chapters are made from, and how the names begin."""
    options = (Option(text("Roles"), Kind.ROLES.value, chosen=True), Option(text("Channels"), Kind.CHANNELS.value))
    prefix = TextField(
        "prefix", text("Their names begin with"), text("chapter- finds chapter-sao-paulo"), "chapter-", PREFIX_LENGTH, required=True
    )
    kind = ChoiceField("kind", text("From"), options, required=True)
    return Form(address("su.found"), text("Chapters from what is here"), (kind, prefix))


def plan_card(plan: Plan) -> Card:
    """What would be added and what left."""
    n = len(plan.add)
    yes = Button(counted("Add {n} chapter", "Add {n} chapters", n), address("su.adopt", plan.key), Tone.PRIMARY)
    return card(
        Title(counted("This would add {n} chapter", "This would add {n} chapters", n) if n else text("This would add nothing")),
        Line(text("{names}", names=_names(plan))) if n else None,
        Small(text("Names can be changed later with /chapter rename, places with /chapter edit.")) if n else None,
        *_left(plan),
        Row((yes, BACK) if n else (BACK,)),
    )


def _names(plan: Plan) -> Listing:
    named: list[Value] = [name for _, name in plan.add[:NAMED]]
    more = len(plan.add) - NAMED
    return Listing((*named, *([counted("{n} more", "{n} more", more)] if more > 0 else [])), "comma")


def _left(plan: Plan) -> Iterator[Line]:
    if not plan.left:
        return
    yield Line(counted("**{n} would be left**", "**{n} would be left**", len(plan.left)))
    for found, reason in plan.left[:LEFT]:
        yield Line(text("• {name}: {reason}", name=found.name, reason=reason))
    more = len(plan.left) - LEFT
    if more > 0:
        yield Line(counted("and {n} more", "and {n} more", more))


def added_note(plan: Plan) -> Text:
    """What was added."""
    return counted("Added {n} chapter.", "Added {n} chapters.", len(plan.add))
