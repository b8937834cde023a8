"""How goals look: words first, then a bar that repeats them, then what stands behind the figure and how old it is."""

from collections.abc import Iterator
from datetime import date

from bot.domain import goals, privacy
from bot.domain.goals import Goal, Measured, Metric, Standing
from bot.domain.policy import Policy
from bot.domain.text import Listing, Percent, Text, counted, text
from bot.services.boards import Board
from bot.services.goal_revisions import Edited, Retired
from bot.services.goals import Meanings, OneGoal, Recorded
from cogs.cards import outlooks
from cogs.cards.compositions import CATEGORIES, makeup_lines
from cogs.cards.words import in_unit
from cogs.layout import CHOICES, Bar, Block, Button, Card, Line, Option, Row, Rule, Select, Small, Title, Tone, address, card

MONTH = 30


def board_card(board: Board) -> Card:
    """Every goal, target against current."""
    if not board.standings:
        return card(
            Title(text("Where we stand · {day}", day=board.day)),
            Line(text("No goals are set here yet. A coordinator can add one with /goal add.")),
        )
    deadlines = {each.goal.deadline for each in board.standings}
    common = deadlines.pop() if len(deadlines) == 1 else None
    return card(
        Title(text("Where we stand · {day}", day=board.day)),
        None if common is None else Small(_all_due(common, board.day)),
        *(block for each in board.standings for block in _goal(board, each, dated=common is None)),
        Rule(),
        Row((Button(text("What counts?"), address("pg.what")), Button(text("My chapter"), address("ch.mine")))),
        Select(
            address("pg.goal", _as_of(board)),
            text("One goal"),
            tuple(Option(goals.label(each.goal), str(each.goal.id)) for each in board.standings[:CHOICES]),
        ),
    )


def _all_due(deadline: date, day: date) -> Text:
    if deadline < day:
        return text("The deadline of all goals was {day}.", day=deadline)
    return text("All goals are due {day}.", day=deadline)


def _as_of(board: Board) -> date | None:
    return None if board.today else board.day


def _goal(board: Board, standing: Standing, *, dated: bool) -> Iterator[Block]:
    yield Line(_value(standing, board.balance is not None))
    if standing.measured.value is not None:
        yield Bar(standing.measured.value / standing.goal.target)
    yield from (Small(line) for line in _details(board, standing))
    outlook = board.trends[board.standings.index(standing)].outlook if board.trends else None
    foreseen = None if outlook is None else outlooks.line(standing.goal, outlook)
    if foreseen is not None:
        yield Small(foreseen)
    if dated and (outlook is None or not outlooks.names_deadline(outlook)):
        yield Small(due(standing.goal, board.day))


def due(goal: Goal, day: date) -> Text:
    """The deadline, as it is told on a day."""
    return text("The deadline was {day}.", day=goal.deadline) if goal.deadline < day else text("Due {day}.", day=goal.deadline)


def _value(standing: Standing, counted_somewhere: bool) -> Text:
    goal, value = standing.goal, standing.measured.value
    called, target = goals.label(goal), in_unit(goal.metric, goal.target)
    if value is None and goal.metric == Metric.GENDER_BALANCE and counted_somewhere:
        return text("**{goal}**: not enough known; the goal is {target}", goal=called, target=target)
    if value is None:
        return text("**{goal}**: not known yet; the goal is {target}", goal=called, target=target)
    if standing.reached:
        return text("**{goal}**: {value} of {target}, reached", goal=called, value=in_unit(goal.metric, value), target=target)
    return text("**{goal}**: {value} of {target}", goal=called, value=in_unit(goal.metric, value), target=target)


def _details(board: Board, standing: Standing) -> Iterator[Text]:
    yield coverage(standing.measured, board.day)
    match standing.goal.metric:
        case Metric.MEMBERS if board.active.value is not None:
            days = board.policy.active_members_days
            yield counted(
                "{n} met face to face in the last {days} days.",
                "{n} met face to face in the last {days} days.",
                board.active.value,
                days=days,
            )
        case Metric.FUNCTIONING_CHAPTERS if board.at_risk:
            yield counted(
                "{n} of them is at risk in the next {days} days.",
                "{n} of them are at risk in the next {days} days.",
                board.at_risk,
                days=board.policy.at_risk_days,
            )
        case Metric.GENDER_BALANCE if board.shares:
            yield text("Counted: {shares}, as of {day}.", shares=_shares(board), day=board.balance_on)
            if standing.measured.value is None:
                yield text("It is known once at least half of all members have been counted.")


def _shares(board: Board) -> Text:
    parts = [
        text("{category} {share}", category=CATEGORIES[category], share=Percent(board.shares.get(category, 0)))
        for category in privacy.GENDERS
        if category != privacy.RATHER_NOT_SAY or board.shares.get(category)
    ]
    return text("{parts}", parts=Listing(tuple(parts), "comma"))


def coverage(measured: Measured, day: date) -> Text:
    """How many chapters stand behind a figure, and how old its oldest part is."""
    if measured.chapters is None or measured.behind is None:
        return text("Nothing was recorded yet.") if measured.oldest is None else text("Recorded for {day}.", day=measured.oldest)
    if not measured.behind and measured.value is None:
        return text("No chapter has reported this yet.")
    told = counted("From {behind} of {n} chapter", "From {behind} of {n} chapters", measured.chapters, behind=measured.behind)
    if measured.oldest is None:
        return text("{told}.", told=told)
    return text("{told}; the oldest figure is {age}.", told=told, age=_age(measured.oldest, day))


def _age(oldest: date, day: date) -> Text:
    days = max((day - oldest).days, 0)
    if days == 0:
        return text("from today")
    if days <= 2 * MONTH:
        return counted("{n} day old", "{n} days old", days)
    return counted("{n} month old", "{n} months old", days // MONTH)


def goal_card(one: OneGoal) -> Card:
    """One goal: where it stands, what it is made of, and how it came there."""
    board, standing = one.board, one.standing
    goal = standing.goal
    return card(
        Title(text("{goal} · {day}", goal=goals.label(goal), day=board.day)),
        *_goal(board, standing, dated=False),
        Small(_adopted(one)),
        *(Line(line) for line in _made_of(one)),
        Rule(),
        *_history(one),
        Row(
            (
                Button(text("All goals"), address("pg.all", _as_of(board))),
                Button(text("What counts?"), address("pg.what")),
                Button(text("Its history"), address("gh.open", goal.id)),
            )
        ),
    )


def _adopted(one: OneGoal) -> Text:
    goal = one.standing.goal
    if one.decided_on is None:
        return text("Adopted on {starts}, due {deadline}.", starts=goal.starts, deadline=goal.deadline)
    return text("Adopted by the chapters on {day}, due {deadline}.", day=one.decided_on, deadline=goal.deadline)


def _made_of(one: OneGoal) -> Iterator[Text]:
    board = one.board
    match one.standing.goal.metric:
        case Metric.MEMBERS:
            if board.reported.value is not None:
                yield text("In chapters: {n}.", n=board.reported.value)
            if board.outside is not None:
                yield text("Outside chapters: {n}, recorded for {day}.", n=board.outside.value, day=board.outside.day)
            yield from makeup_lines(one.makeup)
        case Metric.FUNCTIONING_CHAPTERS if one.standing.measured.value is not None and board.at_risk is not None:
            yield text("Safe for now: {safe}. At risk: {risk}.", safe=one.standing.measured.value - board.at_risk, risk=board.at_risk)
        case Metric.BRANCH_GATHERINGS:
            for branch, day in one.branches:
                yield text("{branch}: gathered on {day}.", branch=branch, day=day)


def _history(one: OneGoal) -> Iterator[Block]:
    if not one.points:
        yield Small(text("There is no history yet. The first value shows at the end of the month."))
    for day, measured in reversed(one.points):
        if measured.value is None:
            yield Line(text("{day}: not known", day=day))
        else:
            yield Line(text("{day}: {value}", day=day, value=in_unit(one.standing.goal.metric, measured.value)))


def meanings_card(known: Meanings) -> Card:
    """What each figure counts, in a sentence."""
    return card(
        Title(text("What counts")),
        *(Line(text("**{goal}**: {meaning}", goal=goals.words(metric), meaning=meaning(metric, known.policy))) for metric in known.metrics),
        *_who(known),
        Small(
            text("What is not known is never counted as zero. Archived chapters are not counted. Resting ones are, but not as functioning.")
        ),
    )


def _who(known: Meanings) -> Iterator[Block]:
    if known.makeup:
        yield Rule()
        yield Line(text("Who we are, by people's own description in the chapters that counted:"))
        yield from (Line(line) for line in makeup_lines(known.makeup))


def meaning(metric: str, policy: Policy) -> Text:
    """What a metric counts, to stand after its name."""
    match metric:
        case Metric.MEMBERS:
            return text(
                "each chapter's newest answer of the last {days} days, and the members outside chapters that coordinators record.",
                days=policy.members_days,
            )
        case Metric.ACTIVE_MEMBERS:
            return text(
                "how many met face to face, by each chapter's newest answer of the last {days} days.", days=policy.active_members_days
            )
        case Metric.FUNCTIONING_CHAPTERS:
            return text(
                "chapters that came together in the last {together} days, learnt in the last {learns} and reported in the last {reports}.",
                together=policy.together_days,
                learns=policy.learns_days,
                reports=policy.reports_days,
            )
        case Metric.GENDER_BALANCE:
            return text(
                "the smaller of women and men as a share of both, from the chapters' counts of the last {days} days at a month's end.",
                days=policy.composition_days,
            )
        case Metric.BRANCH_GATHERINGS:
            return text("branches with a gathering since the goal was adopted that at least two of its chapters confirmed.")
        case Metric.DUES_BODIES:
            return text(
                "chapters and branches that can hold money and collect dues, confirmed in the last {days} days. Only the number is shown.",
                days=policy.dues_days,
            )
        case Metric.DELEGATES:
            return text("chapters that have chosen a delegate.")
        case Metric.REPORTING_CHAPTERS:
            return text("chapters that published a report in the last {days} days.", days=policy.reporting_days)
        case Metric.MANUAL:
            return text("the newest figure that a coordinator recorded.")
        case _:
            return text("check-ins of this kind since the goal was adopted; one that chapters held together counts once.")


def adopted_card(goal: Goal) -> Card:
    """A goal as it was adopted."""
    adopted = text("**{goal}**: {target} by {day}", goal=goals.label(goal), target=in_unit(goal.metric, goal.target), day=goal.deadline)
    return card(
        Title(text("The goal is adopted")),
        Line(adopted),
        Small(text("Everybody sees it in /progress. The open log says who adopted it.")),
        Row((Button(text("All goals"), address("pg.all", None)),)),
    )


def recorded_card(stored: Recorded) -> Card:
    """A figure as it was stored."""
    goal = stored.standing.goal
    outside = goal.metric == Metric.MEMBERS
    said = (
        counted(
            "Stored: {n} member outside chapters on {day}.", "Stored: {n} members outside chapters on {day}.", stored.figure, day=stored.day
        )
        if outside
        else text("Stored: {n} on {day}.", n=stored.figure, day=stored.day)
    )
    return card(Line(said), Line(_value(stored.standing, False)), Row((Button(text("All goals"), address("pg.all", None)),)))


def edited_card(done: Edited) -> Card:
    """What was changed of a goal, from what to what."""
    before, after = done.before, done.after
    changed: list[Text] = []
    if before.name != after.name:
        changed.append(text("Name: {before} → {after}", before=goals.label(before), after=goals.label(after)))
    if before.target != after.target:
        changed.append(
            text("Target: {before} → {after}", before=in_unit(before.metric, before.target), after=in_unit(after.metric, after.target))
        )
    if before.deadline != after.deadline:
        changed.append(text("Deadline: {before} → {after}", before=before.deadline, after=after.deadline))
    if not changed:
        return card(
            Title(text("{goal}: nothing changed", goal=goals.label(after))),
            Line(text("It is so already: {target} by {day}.", target=in_unit(after.metric, after.target), day=after.deadline)),
            _ALL_GOALS,
        )
    return card(
        Title(text("{goal} is changed", goal=goals.label(after))),
        *(Line(line) for line in changed),
        Small(text("This holds from today on; past days keep the goal that they had. The open log says who changed it.")),
        _ALL_GOALS,
    )


def retire_card(goal: Goal, form_key: str) -> Card:
    """Asks once more before a goal is given up."""
    return card(
        Title(text("Give up the goal {goal}?", goal=goals.label(goal))),
        Line(text("{target} by {day}", target=in_unit(goal.metric, goal.target), day=goal.deadline)),
        Line(text("From today on it is not in /progress any more. Past days keep it. This cannot be taken back.")),
        Row(
            (
                Button(text("Yes, give it up"), address("pg.retire", goal.id, form_key), Tone.DANGER),
                Button(text("Keep it"), address("pg.all", None)),
            )
        ),
    )


def retired_card(done: Retired) -> Card:
    """A goal that is given up."""
    goal = goals.label(done.goal)
    said = text("{goal} was given up before, so nothing changed.", goal=goal) if done.again else text("{goal} is given up.", goal=goal)
    return card(
        Line(said),
        Small(text("Past days keep it: /progress with the option as_of shows them. /goal add adopts another.")),
        _ALL_GOALS,
    )


_ALL_GOALS = Row((Button(text("All goals"), address("pg.all", None)),))
