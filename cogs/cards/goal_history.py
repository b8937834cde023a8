"""How a goal's history looks, and the invitation to evaluate when its deadline has passed."""

from collections.abc import Iterator

from bot.domain import goals
from bot.domain.goals import Goal, Standing
from bot.domain.text import Listing, Moment, Person, Text, Value, Words, counted, text
from bot.services.evaluations import Missed
from bot.services.goal_history import Entry, History
from cogs.cards.proposals import result, what
from cogs.cards.voices import wording
from cogs.cards.words import in_unit
from cogs.layout import Block, Button, Card, Form, Line, Option, Row, Rule, Select, Small, Title, Tone, address, card

GLIMPSE = 60


def history_card(shown: History) -> Card:
    """What happened to a goal and why, the newest first."""
    goal = shown.goal
    turn = [Button(text("Newer"), address("gh.page", goal.id, shown.page - 1))] if shown.page else []
    turn += [Button(text("Older"), address("gh.page", goal.id, shown.page + 1))] if shown.page + 1 < shown.pages else []
    now = text("It was given up.") if shown.retired else text("Now: {target} by {deadline}.", **_is(goal))
    return card(
        Title(text("History of the goal {goal}", goal=goals.label(goal))),
        Line(now),
        *(block for entry in shown.entries for block in _entry(entry)),
        _cut(shown) if shown.may_redact else None,
        Row((*turn, Button(text("All proposals"), address("gp.list", 0)))),
    )


def _is(goal: Goal) -> dict[str, Value]:
    return {"target": in_unit(goal.metric, goal.target), "deadline": goal.deadline}


def _entry(entry: Entry) -> Iterator[Block]:
    yield Rule()
    revision, proposal = entry.revision, entry.proposal
    if entry.passed is not None:
        yield Line(_passed(entry.passed))
    elif revision is None and proposal is not None:
        yield Line(text("{day} · Proposed: {what}", day=Moment(entry.at), what=what(proposal)))
        if proposal.is_open:
            yield Line(text("Open until the end of {day}.", day=proposal.stored.closes_on))
        else:
            yield Line(result(proposal))
    elif revision is not None:
        yield Line(text("{day} · {changed}", day=Moment(entry.at), changed=_changed(entry)))
        if proposal is None:
            who = text("Chapterhouse") if revision.adopted_by is None else Person(revision.adopted_by)
            yield Small(text("By {who}.", who=who))
        else:
            yield Line(result(proposal))
    if proposal is not None:
        yield Small(
            counted(
                "{answered} of {n} active chapter answered: {support} in support, {aside} stood aside, {object} objected.",
                "{answered} of {n} active chapters answered: {support} in support, {aside} stood aside, {object} objected.",
                proposal.tally.active,
                answered=proposal.tally.answered,
                support=proposal.tally.support,
                aside=proposal.tally.aside,
                object=proposal.tally.object,
            )
        )
    why = (revision.why if revision is not None else None) or (proposal.stored.why if proposal is not None else None)
    if why:
        yield Line(text("Why: {why}", why=Words(why)))
    if proposal is not None:
        yield Row((Button(text("Look at it"), address("gp.view", proposal.stored.id)),))


def _passed(standing: Standing) -> Text:
    goal, value = standing.goal, standing.measured.value
    told: dict[str, Value] = {"day": goal.deadline, "target": in_unit(goal.metric, goal.target)}
    if value is None:
        return text("{day} · The deadline: the figure was not known well enough on that day. The goal was {target}.", **told)
    if standing.reached:
        return text("{day} · The deadline: {value} of {target}, reached", value=in_unit(goal.metric, value), **told)
    return text("{day} · The deadline: {value} of {target}", value=in_unit(goal.metric, value), **told)


def _changed(entry: Entry) -> Text:
    revision, before = entry.revision, entry.before
    assert revision is not None
    goal = revision.goal
    if revision.retired:
        return text("Given up")
    if before is None:
        return text("Adopted: {target} by {deadline}", **_is(goal))
    changed: list[Text] = []
    if before.target != goal.target:
        changed.append(
            text("target {before} → {after}", before=in_unit(before.metric, before.target), after=in_unit(goal.metric, goal.target))
        )
    if before.deadline != goal.deadline:
        changed.append(text("deadline {before} → {after}", before=before.deadline, after=goal.deadline))
    if before.name != goal.name:
        changed.append(text("name {before} → {after}", before=goals.label(before), after=goals.label(goal)))
    return text("Changed: {changes}", changes=Listing(tuple(changed), "comma")) if changed else text("Confirmed as it was")


def _cut(shown: History) -> Block | None:
    held = [entry.revision for entry in shown.entries if entry.revision is not None and entry.revision.why]
    if not held:
        return None
    options = tuple(Option(text("{why}", why=(each.why or "")[:GLIMPSE]), str(each.id)) for each in held)
    return Select(address("gh.cut", shown.goal.id), text("Take a text out (coordinators)"), options)


def cut_card(goal_id: int, revision_id: int) -> Card:
    """Asks once more before a text is gone for good."""
    return card(
        Title(text("Take this text out?")),
        Line(text("Nobody can bring it back.")),
        Row(
            (
                Button(text("Yes, take it out"), address("gh.gone", goal_id, revision_id), Tone.DANGER),
                Button(text("Keep it"), address("gh.page", goal_id, 0)),
            )
        ),
    )


# A deadline that has passed


def evaluation_card(missed: Missed) -> Card:
    """Invites all members to look together at what was reached and what was hard; nothing ends by it."""
    goal, value = missed.goal, missed.then.value
    label = goals.label(goal)
    if value is None:
        reached = text(
            "Its figure was not known well enough on that day; the goal was {target}.", target=in_unit(goal.metric, missed.target)
        )
    else:
        told = {"value": in_unit(goal.metric, value), "target": in_unit(goal.metric, missed.target)}
        reached = text("On that day it was **{value} of {target}**.", **told)
    return card(
        Title(text("A day to look back: {goal}", goal=label)),
        Line(text("The deadline of the goal {goal} was {day}. {reached}", goal=label, day=missed.deadline, reached=reached)),
        Line(
            text(
                "Nothing ends by this. It is a good moment to ask together what helped, what was hard, and what we want to aim for now. "
                "Everybody is invited to answer here."
            )
        ),
        *_quotes(missed),
        Small(text("Chapter admins and coordinators can propose another target or deadline; the chapters are asked then.")),
        Row(
            (
                Button(text("Propose a revision"), address("gp.revise", goal.id)),
                Button(text("The goal's history"), address("gh.open", goal.id)),
            )
        ),
    )


def _quotes(missed: Missed) -> Iterator[Block]:
    if missed.quotes:
        yield Rule()
        yield Line(text("What chapters say is hard, where they let others quote it:"))
    for quote in missed.quotes:
        yield Line(text("**{chapter}**, {period}: {words}", chapter=quote.chapter, period=quote.period, words=Words(quote.words)))


def revise_form(goal: Goal) -> Form:
    """Asks what is proposed in the place of a goal."""
    return wording(
        address("gp.send", goal.id),
        text("Propose a revision"),
        goal,
        None,
        hint=text("The proposal is posted in this channel, and all chapters can answer it."),
    )
