"""How the set-up looks: what is set, what is missing, and what the bot may not do yet."""

from collections.abc import Iterator, Sequence

from bot.domain.text import Place, Role, Text, counted, text
from bot.services.asking import Stage
from bot.services.organisations import Overview, language_name
from cogs.cards.setup_steps import CALLED, Able, Step, chooser, open_steps, step_blocks
from cogs.cards.stuck import stuck_lines
from cogs.cards.upkeep import trouble_lines
from cogs.layout import Block, Button, Card, Line, Row, Rule, Title, address, card


def setup_card(shown: Overview, faults: Sequence[Text], able: Able, *notes: Text) -> Card:
    """What is set here, what is missing, what is wrong, and the next step with the buttons that take it."""
    missing, steps = list(_missing(shown)), open_steps(shown)
    if faults:
        title = text("Something in this set-up needs you")
    elif missing:
        title = text("Chapterhouse works here; some things are not set yet")
    else:
        title = text("Chapterhouse is set up")
    return card(
        Title(title),
        *(Line(note) for note in notes),
        *(Line(line) for line in _set(shown)),
        *_told(text("**Not set yet**"), missing),
        *_told(text("**To mend**"), faults),
        *_told(text("**To know**"), [*trouble_lines(shown.upkeep), *stuck_lines(shown.stuck)]),
        Rule(),
        *_next(shown, steps, able),
        chooser(text("Another step, or change something")),
        Row(
            (
                Button(text("Look again"), address("su.look")),
                Button(text("Chapters"), address("ch.list")),
                Button(text("Help"), address("he.home")),
            )
        ),
    )


def _set(shown: Overview) -> Iterator[Text]:
    here = shown.organisation
    if here.coordinator_role is not None:
        yield text("Coordinators: {role}", role=Role(here.coordinator_role))
    if here.facilitator_role is not None:
        yield text("Facilitators: {role}", role=Role(here.facilitator_role))
    if here.facilitators_channel is not None:
        yield text("Facilitators' channel: {channel}", channel=Place(here.facilitators_channel))
    if here.reports_channel is not None:
        yield text("Reports are posted in {channel}", channel=Place(here.reports_channel))
    yield text("Time zone: {zone} · Language: {language}", zone=here.timezone, language=language_name(here.language))
    if shown.deadlines:
        yield counted(
            "{n} goal, due by {day}: /progress shows it",
            "{n} goals, due by {day}: /progress shows them",
            len(shown.deadlines),
            day=max(shown.deadlines),
        )
    yield counted("{n} chapter", "{n} chapters", shown.chapters)
    if shown.stage is Stage.PILOT:
        yield text("A pilot runs: only its chapters are asked")
    if shown.stage is Stage.ON:
        yield text("All chapters are asked once a month")


def _missing(shown: Overview) -> Iterator[Text]:
    here = shown.organisation
    if here.coordinator_role is None:
        yield text("A coordinator role: until then, whoever may manage this server is coordinator. `/setup coordinator_role`")
    if here.facilitator_role is None:
        yield text("A facilitator role: the people who call chapters that have gone quiet. `/setup facilitator_role`")
    if here.facilitators_channel is None:
        yield text(
            "A channel for facilitators: until then chapters without facilitator stand only in /overdue, "
            "and what coordinators should know stands only here. `/setup facilitators_channel`"
        )
    if here.reports_channel is None:
        yield text(
            "A channel for reports, preferably a forum: until then reports are published but posted nowhere. `/setup reports_channel`"
        )
    if here.timezone == "UTC":
        yield text("Your time zone: until then days and Mondays are those of UTC. `/setup timezone`")
    if not shown.chapters:
        yield text("Chapters: `/import file` or `/chapter add`")
    if shown.stage is Stage.OFF:
        yield text("Your yes to asking: until then no chapter is asked, reminded, or in a digest")


def _told(heading: Text, sentences: Sequence[Text]) -> Iterator[Block]:
    if sentences:
        yield Rule()
        yield Line(heading)
        yield from (Line(text("• {sentence}", sentence=sentence)) for sentence in sentences)


def _next(shown: Overview, steps: Sequence[Step], able: Able) -> Iterator[Block]:
    if not steps:
        yield Line(text("/setup can be run again at any time: it changes only what you give."))
        return
    yield Line(text("**Next: {step}**", step=CALLED[steps[0]]))
    yield from step_blocks(steps[0], shown, able)
