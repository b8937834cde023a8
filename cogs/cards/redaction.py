"""How taking a text out of a published report looks: choosing it, confirming it, and that it is gone."""

from collections.abc import Mapping

from bot.domain.text import Text, text
from bot.services.redacting import Redactable, Redaction
from cogs.layout import Button, Card, Line, Option, Row, Select, Title, Tone, address, card

TEXTS: Mapping[Redactable, Text] = {
    Redactable.CHANGING: text("What is changing"),
    Redactable.HARD: text("What is hard"),
    Redactable.HELP: text("Help wanted"),
}


def choice_card(shown: Redaction) -> Card:
    """Asks which text is to be taken out."""
    options = tuple(Option(TEXTS[each], each.value) for each in shown.texts)
    return card(
        Title(text("Take a text out of {chapter}'s {period}", chapter=shown.chapter.name, period=shown.period)),
        Line(text("It disappears from the post and from every earlier version. To change a text instead, press Correct on the report.")),
        Select(address("rp.which", shown.chapter.id, shown.period), text("Choose a text"), options),
    )


def confirmation_card(shown: Redaction, which: Redactable) -> Card:
    """Asks once more before a text is gone for good."""
    at = (shown.chapter.id, shown.period)
    return card(
        Title(text("Take “{title}” out of {chapter}'s {period}?", title=TEXTS[which], chapter=shown.chapter.name, period=shown.period)),
        Line(text("Nobody can bring it back.")),
        Row(
            (
                Button(text("Yes, take it out"), address("rp.gone", *at, which), Tone.DANGER),
                Button(text("Keep it"), address("rp.read", *at)),
            )
        ),
    )


def redacted_card(shown: Redaction, which: Redactable) -> Card:
    """Says that a text is gone."""
    said = text("“{title}” is taken out of {chapter}'s {period}.", title=TEXTS[which], chapter=shown.chapter.name, period=shown.period)
    return card(Line(said), Row((Button(text("Read"), address("rp.read", shown.chapter.id, shown.period)),)))
