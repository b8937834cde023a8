"""How proposals look: what is proposed, what chapters say to it, and what came of it."""

from collections.abc import Iterator, Mapping

from bot.domain import calendar, goals, proposals
from bot.domain.proposals import Act, Content, Outcome, Rule, State, Voice
from bot.domain.text import Listing, Moment, Person, Place, Style, Text, Value, Words, counted, text
from bot.services.goal_history import Voices
from bot.services.proposals import Looked, Page, View
from bot.services.proposing import Preview
from cogs.cards.report_words import jump
from cogs.cards.words import in_unit
from cogs.layout import (
    CHOICES,
    Block,
    Button,
    Card,
    Line,
    LinkButton,
    Option,
    Row,
    Select,
    Small,
    Title,
    Tone,
    address,
    card,
)
from cogs.layout import (
    Rule as Ruler,
)

REASONS = 5
"""So many objections are told with their reasons in the message; the others stand on pages."""

_DOES: Mapping[Voice, Text] = {
    Voice.SUPPORT: text("Support"),
    Voice.ASIDE: text("Stand aside"),
    Voice.OBJECT: text("Object"),
}
SAYS: Mapping[Voice, Text] = {
    Voice.SUPPORT: text("supports it"),
    Voice.ASIDE: text("stands aside"),
    Voice.OBJECT: text("objects"),
}
_RULES: Mapping[Rule, Text] = {
    Rule.CONSENT: text("It is adopted if at least half of the active chapters have answered by then and no objection stands."),
    Rule.MAJORITY: text("It is adopted if at least half of the active chapters have answered by then and more support it than object."),
}


# What is proposed


def called(content: Content) -> Text:
    """What a proposal is about."""
    return goals.called(content.metric, content.name)


def proposed(content: Content, before: Content | None) -> Text:
    """What would be, and what is."""
    told: dict[str, Value] = {"goal": called(content), "target": in_unit(content.metric, content.target), "deadline": content.deadline}
    if content.act is Act.RETIRE:
        return text("Give up the goal {goal}: {target} by {deadline}", **told)
    if content.act is Act.ADD:
        return text("A new goal: {goal}, {target} by {deadline}", **told)
    if before is None or (before.name, before.target, before.deadline) == (content.name, content.target, content.deadline):
        return text("{goal}: {target} by {deadline}", **told)
    told |= {"was": called(before), "old": in_unit(before.metric, before.target), "until": before.deadline}
    if before.name != content.name:
        return text("{goal}: {target} by {deadline}, instead of {was}: {old} by {until}", **told)
    return text("{goal}: {target} by {deadline}, instead of {old} by {until}", **told)


def what(view: View) -> Text:
    """What a proposal would change, or has changed."""
    before = None if view.before is None or not view.is_open else Content.of(Act.EDIT, view.before)
    return proposed(view.stored.content, before)


def preview_card(shown: Preview) -> Card:
    """What would be posted, and where."""
    before = None if shown.before is None else Content.of(Act.EDIT, shown.before)
    return card(
        Title(text("Ask the chapters?")),
        Line(text("**{what}**", what=proposed(shown.content, before))),
        Line(text("Why: {why}", why=Words(shown.why))) if shown.why else None,
        Line(
            text(
                "It would be posted in {channel}. If not all chapters can read that, type the command in a channel that they can read.",
                channel=Place(shown.channel_id),
            )
        ),
        Line(text("Chapters can answer until the end of {day}. {rule}", day=shown.closes_on, rule=_RULES[shown.rule])),
        Row(
            (
                Button(text("Post it"), address("gp.post", shown.form_key), Tone.PRIMARY),
                Button(text("Not now"), address("gp.drop", shown.form_key)),
            )
        ),
    )


def dropped_card() -> Card:
    """That nothing was posted."""
    return card(Line(text("Nothing was posted, and nothing changed. Type the command again whenever you want.")))


def opened_card(view: View) -> Card:
    """That a proposal is open."""
    stored = view.stored
    where = None if stored.channel_id is None else Small(text("It stands in {channel} in a moment.", channel=Place(stored.channel_id)))
    return card(
        Title(text("The chapters are asked")),
        Line(what(view)),
        Line(text("They can answer until the end of {day}. You hear what came of it.", day=stored.closes_on)),
        where,
        Row((Button(text("Look at it"), address("gp.view", stored.id)),)),
    )


# The proposal itself


def proposal_card(view: View) -> Card:
    """A proposal for all to read and for chapters to answer."""
    return card(*_body(view), _how(view), *_voting(view))


def _how(view: View) -> Small:
    hidden = text("Chapters that hide count like all others; they are not named, and are in these numbers only where they are not few.")
    if not view.is_open:
        return Small(hidden)
    own = text("One voice for each chapter: any of its admins gives it, and can change it until the close.")
    return Small(text("{own} {hidden}", own=own, hidden=hidden))


def _body(view: View) -> Iterator[Block]:
    """What is proposed, what chapters say to it, and what came of it."""
    stored = view.stored
    yield Title(text("Proposal: {goal}", goal=called(stored.content)))
    yield Line(text("**{what}**", what=what(view)))
    if stored.why:
        yield Line(text("Why: {why}", why=Words(stored.why)))
    if stored.version > 1:
        yield Small(
            text("It was amended after an objection on {day}, and from then on all chapters were asked anew.", day=Moment(stored.opened_at))
        )
    yield Ruler()
    yield from _voices(view)
    yield Line(answered(view))
    if view.is_open:
        yield Line(text("Open until the end of {day}. {rule}", day=stored.closes_on, rule=_RULES[stored.rule]))
    else:
        yield Line(result(view))


def _voices(view: View) -> Iterator[Block]:
    counts = {Voice.SUPPORT: view.tally.support, Voice.ASIDE: view.tally.aside, Voice.OBJECT: view.tally.object}
    for voice in Voice:
        said = view.named.get(voice, ())
        if not counts[voice]:
            yield Line(text("{voice}: 0", voice=_DOES[voice]))
            continue
        more = counts[voice] - len(said)
        names: tuple[Value, ...] = tuple(each.chapter for each in said)
        if more > 0:
            names += (counted("{n} more", "{n} more", more),)
        told: dict[str, Value] = {"voice": _DOES[voice], "n": counts[voice]}
        yield Line(text("{voice}: **{n}** · {chapters}", chapters=Listing(names), **told))
        if voice is Voice.OBJECT:
            for each in [each for each in said if each.reason][:REASONS]:
                yield Small(text("{chapter}: {reason}", chapter=each.chapter, reason=each.reason or ""))


def answered(view: View) -> Text:
    """How many chapters spoke, and how many had to."""
    tally = view.tally
    told = {"answered": tally.answered, "needed": tally.needed}
    return counted(
        "Answered: {answered} of {n} active chapter. Needed: {needed}.",
        "Answered: {answered} of {n} active chapters. Needed: {needed}.",
        tally.active,
        **told,
    )


def result(view: View) -> Text:
    """What came of a proposal, in a sentence."""
    stored = view.stored
    if stored.state is State.WITHDRAWN:
        return text("**Withdrawn** by whoever made it, so nothing was changed.")
    if stored.state is State.VOID:
        return text("The chapters agreed, but the goal is another one by now, so **nothing was changed**.")
    if stored.state is State.ADOPTED:
        day = stored.closes_on + calendar.ONE_DAY
        agreed = text("at least half of the active chapters had answered, and no objection stood")
        if stored.rule is Rule.MAJORITY:
            agreed = text("at least half of the active chapters had answered, and more of them supported it than objected")
        return text("**Adopted on {day}**: {agreed}.", day=day, agreed=agreed)
    match view.outcome:
        case Outcome.TOO_FEW_AND_OBJECTION:
            return text(
                "**Not adopted**: too few chapters answered, and an objection stands. A chapter that objects can amend it until {day}; "
                "then all are asked anew.",
                day=stored.closes_on + proposals.AMENDED_WITHIN,
            )
        case Outcome.OBJECTION:
            return text(
                "**Not adopted**: an objection stands. A chapter that objects can amend it until {day}; then all are asked anew.",
                day=stored.closes_on + proposals.AMENDED_WITHIN,
            )
        case Outcome.NO_MAJORITY:
            return text("**Not adopted**: not more chapters support it than object.")
        case _:
            return text("**Not adopted**: too few chapters answered. It can be proposed again at any time.")


def _voting(view: View, *, own: bool = False) -> Iterator[Block]:
    stored = view.stored
    if view.is_open:
        buttons = tuple(Button(_DOES[voice], address("gp.say", stored.id, stored.version, voice)) for voice in Voice)
        yield Row(buttons)
    more = [] if own else [Button(text("More about it"), address("gp.view", stored.id))]
    objected = (view.outcome is not None and view.outcome.objected) or (view.is_open and view.tally.object > 0)
    if stored.rule is Rule.CONSENT and (objected or own) and stored.state in (State.OPEN, State.STOPPED):
        more.append(Button(text("Amend it"), address("gp.amend", stored.id)))
    if more:
        yield Row(tuple(more))


def looked_card(looked: Looked) -> Card:
    """A proposal for one reader, with what their own chapters say and what else they may do."""
    view, stored = looked.view, looked.view.stored
    objects = any(each.voice is Voice.OBJECT for each in looked.own)
    more: list[Button | LinkButton] = [
        Button(_WHO[voice], address("gp.who", stored.id, voice, 0)) for voice in Voice if view.named.get(voice)
    ]
    if stored.message is not None:
        more.append(LinkButton(text("Where it was posted"), jump(stored.guild_id, stored.message)))
    rest: list[Button | LinkButton] = []
    if looked.may_redact:
        rest.append(Button(text("Take a text out"), address("gp.text", stored.id)))
    if looked.made and view.is_open:
        rest.append(Button(text("Withdraw it"), address("gp.ends", stored.id)))
    rest.append(Button(text("All proposals"), address("gp.list", 0)))
    return card(
        *_body(view),
        *(Line(_own(each.chapter, each.voice, each.said_by, Moment(each.said_at, Style.DAY_AND_HOUR))) for each in looked.own),
        _how(view),
        *_voting(view, own=objects),
        Row(tuple(more)) if more else None,
        Row(tuple(rest)),
    )


_WHO: Mapping[Voice, Text] = {
    Voice.SUPPORT: text("Who supports it"),
    Voice.ASIDE: text("Who stands aside"),
    Voice.OBJECT: text("Who objects, and why"),
}


def _own(chapter: str, voice: Voice, by: int | None, at: Moment) -> Text:
    told: dict[str, Value] = {"chapter": chapter, "says": SAYS[voice], "moment": at}
    if by is None:
        return text("Your chapter's voice: {chapter} {says}, since {moment}.", **told)
    return text("Your chapter's voice: {chapter} {says}, as {person} said on {moment}.", person=Person(by), **told)


def voices_card(shown: Voices) -> Card:
    """The chapters that say the same, and why they object."""
    stored, at = shown.view.stored, (shown.view.stored.id, shown.voice)
    lines = [
        Line(text("**{chapter}**: {reason}", chapter=each.chapter, reason=Words(each.reason)))
        if each.reason
        else Line(text("**{chapter}**", chapter=each.chapter))
        for each in shown.said
    ]
    turn = [Button(text("Back"), address("gp.who", *at, shown.page - 1))] if shown.page else []
    turn += [Button(text("More"), address("gp.who", *at, shown.page + 1))] if shown.more else []
    return card(
        Title(text("{goal}: {who}", goal=called(stored.content), who=_WHO[shown.voice])),
        *(lines or [Line(text("Nobody does that can be named."))]),
        Row((*turn, Button(text("The proposal"), address("gp.view", stored.id)))),
    )


def list_card(shown: Page) -> Card:
    """All proposals, open ones first."""
    if not shown.views:
        return card(
            Title(text("Proposals")),
            Line(text("No goal was proposed here yet. Chapter admins and coordinators can do so with /goal propose.")),
        )
    options = tuple(Option(called(view.stored.content), str(view.stored.id)) for view in shown.views[:CHOICES])
    turn = [Button(text("Back"), address("gp.list", shown.page - 1))] if shown.page else []
    turn += [Button(text("More"), address("gp.list", shown.page + 1))] if shown.page + 1 < shown.pages else []
    return card(
        Title(text("Proposals")),
        *(Line(text("**{what}** · {state}", what=what(view), state=_state(view))) for view in shown.views),
        Select(address("gp.pick"), text("Look at one"), options),
        Row(tuple(turn)) if turn else None,
    )


def _state(view: View) -> Text:
    if view.is_open:
        return text("open until the end of {day}", day=view.stored.closes_on)
    return result(view)


def link(view: View) -> Iterator[Block]:
    """The way to the message, once it is posted."""
    if view.stored.message is not None:
        yield Row((LinkButton(text("Open the proposal"), jump(view.stored.guild_id, view.stored.message)),))
