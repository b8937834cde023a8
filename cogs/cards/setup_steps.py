"""The steps of the set-up: what each is for, and the buttons and choices that take it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.text import Role, Text, counted, text
from bot.services.asking import Stage
from bot.services.organisations import Overview, language_choices, language_name
from cogs.layout import (
    Block,
    Button,
    Card,
    ChannelSelect,
    Form,
    Line,
    Option,
    RoleSelect,
    Row,
    Rule,
    Select,
    Small,
    TextField,
    Title,
    Tone,
    address,
    card,
)

BACK = Button(text("Back to the set-up"), address("su.look"))


class Step(StrEnum):
    """What is set up, in the order in which it is best done."""

    COORDINATORS = "coordinators"
    FACILITATORS = "facilitators"
    ROOM = "room"
    ZONE = "zone"
    CHAPTERS = "chapters"
    REPORTS = "reports"
    GOALS = "goals"
    TELL = "tell"
    ASKING = "asking"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Able:
    """What the bot may make by itself in this server."""

    roles: bool = False
    channels: bool = False
    forums: bool = False
    tags_behind: bool = False


CALLED: Mapping[Step, Text] = {
    Step.COORDINATORS: text("Coordinators"),
    Step.FACILITATORS: text("Facilitators"),
    Step.ROOM: text("Facilitators' channel"),
    Step.ZONE: text("Time zone"),
    Step.CHAPTERS: text("Chapters"),
    Step.REPORTS: text("Channel for reports"),
    Step.GOALS: text("Goals"),
    Step.TELL: text("Tell the chapters"),
    Step.ASKING: text("Whom the bot asks"),
    Step.LANGUAGE: text("Language"),
}
MADE: Mapping[Step, Text] = {
    Step.COORDINATORS: text("Coordinators"),
    Step.FACILITATORS: text("Facilitators"),
    Step.ROOM: text("facilitators"),
    Step.REPORTS: text("chapter-reports"),
}
"""What the bot calls the roles and channels that it makes."""


OTHERS = text("Other")
"""The tag of reports whose branch has none of its own."""


def open_steps(shown: Overview) -> list[Step]:
    """What is still to be done, in order."""
    here = shown.organisation
    missing = {
        Step.COORDINATORS: here.coordinator_role is None,
        Step.FACILITATORS: here.facilitator_role is None,
        Step.ROOM: here.facilitators_channel is None,
        Step.ZONE: here.timezone == "UTC",
        Step.CHAPTERS: not shown.chapters,
        Step.REPORTS: here.reports_channel is None,
        Step.GOALS: not shown.deadlines,
        Step.ASKING: shown.stage is Stage.OFF,
    }
    return [step for step in Step if missing.get(step)]


def chooser(placeholder: Text) -> Select:
    """A choice of all steps, those that are done too."""
    return Select(address("su.pick"), placeholder, tuple(Option(CALLED[step], step.value) for step in Step))


def step_card(step: Step, shown: Overview, able: Able) -> Card:
    """One step by itself."""
    return card(Title(CALLED[step]), *step_blocks(step, shown, able), Rule(), chooser(text("Another step")), Row((BACK,)))


def step_blocks(step: Step, shown: Overview, able: Able) -> Iterator[Block]:
    """What a step is for, and what takes it."""
    match step:
        case Step.COORDINATORS | Step.FACILITATORS:
            yield from _role(step, able)
        case Step.ROOM:
            yield from _room(able)
        case Step.CHAPTERS:
            yield from _chapters()
        case Step.REPORTS:
            yield from _reports(shown, able)
        case Step.TELL:
            yield from _tell()
        case Step.ASKING:
            yield from _asking(shown)
        case _:
            yield from _small_step(step, shown)


def _small_step(step: Step, shown: Overview) -> Iterator[Block]:
    if step is Step.ZONE:
        yield from _zone()
    elif step is Step.GOALS:
        yield from _goals(shown)
    else:
        yield from _language(shown)


def _make(step: Step, label: Text) -> Row:
    return Row((Button(label, address("su.make", step), Tone.PRIMARY),))


def _role(step: Step, able: Able) -> Iterator[Block]:
    if step is Step.COORDINATORS:
        yield Line(text("Coordinators add chapters, keep the goals and see to this set-up."))
    else:
        yield Line(text("Facilitators look after several chapters, and call those that have gone quiet."))
    if able.roles:
        yield _make(step, text("Make the role, and give it to me") if step is Step.COORDINATORS else text("Make the role"))
    else:
        yield Small(role_by_hand(step))
    yield RoleSelect(address("su.role", step), text("Or choose a role"))


def role_by_hand(step: Step) -> Text:
    """How somebody makes a role in Discord."""
    return text(
        "To make one: in the server's settings, under Roles, press Create Role, call it {name}, give it to the right people. "
        "Then choose it here.",
        name=text("{name}", name=MADE[step]),
    )


def channel_by_hand(step: Step) -> Text:
    """How somebody makes a channel in Discord."""
    if step is Step.ROOM:
        return text(
            "To make one: beside the channels press +, call it {name}, make it private, and let the two roles and the bot see it. "
            "Then choose it here.",
            name=text("{name}", name=MADE[step]),
        )
    return text(
        "To make one: beside the channels press +, choose Forum if it is there, call it {name}. Then choose it here.",
        name=text("{name}", name=MADE[step]),
    )


def _room(able: Able) -> Iterator[Block]:
    yield Line(text("Here the bot writes to facilitators and coordinators: who may need a call, and what needs you."))
    if able.channels:
        yield _make(Step.ROOM, text("Make it, private to both roles"))
    else:
        yield Small(channel_by_hand(Step.ROOM))
    yield ChannelSelect(address("su.room", Step.ROOM), text("Or choose a channel"))


def _reports(shown: Overview, able: Able) -> Iterator[Block]:
    yield Line(text("Here each published report is posted, for all members to read and comment on."))
    if able.channels and able.forums:
        n = len(shown.branches)
        yield Small(
            counted(
                "The forum gets a tag for {n} branch, and one for others.",
                "The forum gets a tag for each of {n} branches, and one for others.",
                n,
            )
            if n
            else text("The forum gets tags for your branches once there are chapters.")
        )
        yield _make(Step.REPORTS, text("Make a forum"))
    elif able.channels:
        yield _make(Step.REPORTS, text("Make a channel"))
    else:
        yield Small(channel_by_hand(Step.REPORTS))
    if able.tags_behind:
        yield Row((Button(text("Bring the forum's tags up to date"), address("su.tags")),))
    yield ChannelSelect(address("su.room", Step.REPORTS), text("Or choose a forum or channel"), forums=True)


def _zone() -> Iterator[Block]:
    yield Line(text("The organisation's days and Mondays are counted in it. Each chapter has its own besides."))
    yield Row((Button(text("Set the time zone"), address("su.zone"), Tone.PRIMARY),))


def zone_form(zone: str) -> Form:
    """Asks for the organisation's time zone."""
    hint = text("A city of that zone, such as London, or America/Sao_Paulo")
    return Form(
        address("su.zoned"),
        text("Time zone"),
        (TextField("zone", text("Time zone"), hint, "" if zone == "UTC" else zone, 64, required=True),),
    )


def _language(shown: Overview) -> Iterator[Block]:
    yield Line(text("What the bot posts is in this language; answers are in the asker's own, if the bot speaks it."))
    here = shown.organisation.language
    options = tuple(Option(text("{language}", language=name), code, chosen=code == here) for code, name in language_choices().items())
    yield Select(address("su.speak"), text("{language}", language=language_name(here)), options)


def _goals(shown: Overview) -> Iterator[Block]:
    yield Line(
        text(
            "Five goals to begin with: 5,000 members, 100 functioning chapters, gender balance, 5 branches that gathered, "
            "10 bodies that collect dues. "
            "/goal edit changes a goal, /goal retire ends it, /progress shows them."
        )
    )
    if not shown.deadlines:
        yield Row((Button(text("Make the five goals"), address("su.goals"), Tone.PRIMARY),))


def _chapters() -> Iterator[Block]:
    yield Line(
        text(
            "From a spreadsheet: /import file. One by one: /chapter add. All that have a role or a channel here already: the button below."
        )
    )
    yield Row((Button(text("From the server's roles or channels …"), address("su.find")),))


def _tell() -> Iterator[Block]:
    yield Line(text("For the chapters: why the bot is here, what it asks, what it never stores. You read it before it is posted."))
    yield ChannelSelect(address("su.tell"), text("Where to post it"))


def _asking(shown: Overview) -> Iterator[Block]:
    if shown.stage is Stage.OFF:
        yield Line(text("No chapter is asked anything before you agree: first a pilot with some chapters, later all."))
    yield Row(
        (
            Button(text("Whom the bot asks …"), address("as.show", 0), Tone.PRIMARY),
            Button(text("Tell the chapters first …"), address("su.text")),
        )
    )


def how_by_hand(step: Step) -> Text:
    """How somebody makes in Discord what the bot may not make."""
    return role_by_hand(step) if step in (Step.COORDINATORS, Step.FACILITATORS) else channel_by_hand(step)


def not_held(shown: Overview) -> Text:
    """What somebody has to know who chose a coordinator role that they do not hold."""
    role = Role(shown.organisation.coordinator_role or 0)
    return text("You do not have {role} yourself. Give it to yourself in the server's settings, under Members, to add chapters.", role=role)
