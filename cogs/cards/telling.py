"""The text that tells chapters why the bot came, what it asks, and what it never stores."""

from bot.domain.text import Place, Role, Text, text
from bot.services.organisations import Overview
from cogs.layout import Button, Card, Line, Row, Rule, Title, Tone, address, card

BACK = Button(text("Back to the set-up"), address("su.look"))


def tell_card(shown: Overview) -> Card:
    """Why the bot came, what it asks, and what it never stores; for all to read."""
    here = shown.organisation
    return card(
        Title(text("Hello, this is Chapterhouse")),
        Line(
            text(
                "**Why I am here.** We are many chapters, and no one can see how all of them are doing. With two minutes a month from "
                "each, everybody sees how far we have come, and a chapter that needs a hand is called while it still helps."
            )
        ),
        Line(
            text(
                "**What I ask.** On day {day} of each month, at {hour}:00 of your own clock, I ask your chapter how the last month was. "
                "Your admins take turns. What you told me with /checkin is filled in already, any question may be left out, "
                "a quiet month is an answer, and a chapter may rest.",
                day=here.policy.prompt_day,
                hour=here.policy.prompt_hour,
            )
        ),
        Line(
            text(
                "**What I never store.** Who attended, who pays, who is what: I keep totals only, and hide those of small groups. "
                "I rank no chapter. I read no messages. I know by name only admins, facilitators, and who wrote or changed an entry."
            )
        ),
        Line(_ask_whom(shown)),
        Row((Button(text("What can I do here?"), address("he.home")),)),
    )


def _ask_whom(shown: Overview) -> Text:
    role = shown.organisation.coordinator_role
    if role is None:
        return text("Everybody can type /progress and /help. Questions: ask whoever manages this server.")
    return text("Everybody can type /progress and /help. Questions: ask {role}.", role=Role(role))


def tell_preview(shown: Overview, channel_id: int) -> Card:
    """The text as it would be posted, and the button that posts it."""
    post = Button(text("Post it"), address("su.say", channel_id), Tone.PRIMARY)
    where = text("This would be posted in {channel}, notifying nobody:", channel=Place(channel_id))
    return card(Line(where), Rule(), *tell_card(shown).blocks[:-1], Rule(), Row((post, BACK)))


def told_card(channel_id: int) -> Card:
    """That the text is posted."""
    return card(Line(text("Posted in {channel}.", channel=Place(channel_id))), Row((BACK,)))
