"""How a proposal is made: shown to whoever makes it, confirmed, and posted where it was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.domain import calendar, checkins, goals, proposals, rights
from bot.domain.chapters import check_name, fold
from bot.domain.goals import Goal, Metric
from bot.domain.proposals import Act, Content, Rule
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import Place, text
from bot.services import access, goal_revisions
from bot.services import goals as direct
from bot.services.drafts import KEPT_FOR
from bot.services.proposals import View, found_here, roles, view_of
from db import changes, outbox, pending
from db import goals as stored_goals
from db import proposals as stored
from db.organisations import Organisation
from db.proposals import New
from db.store import Connection, Store

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Where:
    """The channel in which a proposal was typed, and whether the bot may write there."""

    channel_id: int
    may_post: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody typed beside what they propose: why, and until when chapters may answer."""

    why: str | None = None
    closes: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be posted, and where, before it is confirmed; `before` is the goal that it is about."""

    content: Content
    before: Goal | None
    why: str | None
    rule: Rule
    closes_on: date
    channel_id: int
    form_key: str


# Who may


async def _proposing(c: Connection, caller: Caller) -> Organisation:
    organisation = await access.organisation(c, caller)
    rights.require(Action.PROPOSE, await roles(c, organisation, caller))
    return organisation


async def _coordinated(c: Connection, caller: Caller) -> Organisation:
    organisation = await access.organisation(c, caller)
    rights.require(Action.CHANGE_GOALS, access.roles_in(organisation, caller))
    return organisation


async def chapters_decide(store: Store, caller: Caller) -> bool:
    """Whether /goal add, edit and retire open a proposal here; whoever may not change goals is refused."""
    async with store.read() as c:
        return await direct.chapters_decide(c, await _coordinated(c, caller))


# Making one


async def propose(
    store: Store,
    caller: Caller,
    metric: str,
    target: int,
    deadline: str,
    name: str | None,
    asked: Asked,
    where: Where,
    form_key: str,
    now: datetime,
) -> Preview:
    """Proposes a goal; where one of this name, or the only one without, measures this, proposes to change that one."""
    async with store.write() as c:
        organisation = await _proposing(c, caller)
        today = calendar.today(now, organisation.zone)
        in_force = await stored_goals.in_force(c, organisation.guild_id)
        tidy = direct.own_name(name)
        same = _same(in_force, goals.check_metric(metric), tidy)
        due = direct.deadline_of(deadline, today)
        if same is None:
            made = goals.new(in_force, metric, target, due, tidy, today)
            return await _keep(c, organisation, caller, Content.of(Act.ADD, made), None, asked, where, form_key, now)
        others = [goal for goal in in_force if goal.id != same.id]
        after = goals.changed(same, target, due, None, others, today)
        return await _keep(c, organisation, caller, Content.of(Act.EDIT, after), same, asked, where, form_key, now)


def _same(in_force: Sequence[Goal], metric: str, name: str | None) -> Goal | None:
    return next((goal for goal in in_force if goal.metric == metric and fold(goal.name or "") == fold(name or "")), None)


async def propose_new(
    store: Store,
    caller: Caller,
    metric: str,
    target: int,
    deadline: str | None,
    name: str | None,
    asked: Asked,
    where: Where,
    form_key: str,
    now: datetime,
) -> Preview:
    """What /goal add proposes where chapters decide."""
    async with store.write() as c:
        organisation = await _coordinated(c, caller)
        today = calendar.today(now, organisation.zone)
        due = direct.deadline_of(deadline, today)
        in_force = await stored_goals.in_force(c, organisation.guild_id)
        made = goals.new(in_force, metric, target, due, direct.own_name(name), today)
        return await _keep(c, organisation, caller, Content.of(Act.ADD, made), None, asked, where, form_key, now)


async def propose_change(
    store: Store,
    caller: Caller,
    wanted: str,
    target: int | None,
    deadline: str | None,
    name: str | None,
    asked: Asked,
    where: Where,
    form_key: str,
    now: datetime,
) -> Preview:
    """What /goal edit proposes where chapters decide."""
    async with store.write() as c:
        organisation = await _coordinated(c, caller)
        in_force = await stored_goals.in_force(c, organisation.guild_id)
        edited = goal_revisions.changed(in_force, wanted, target, deadline, name, organisation.zone, now)
        content = Content.of(Act.EDIT, edited.after)
        return await _keep(c, organisation, caller, content, edited.before, asked, where, form_key, now)


async def propose_to_retire(store: Store, caller: Caller, wanted: str, asked: Asked, where: Where, form_key: str, now: datetime) -> Preview:
    """What /goal retire proposes where chapters decide."""
    async with store.write() as c:
        organisation = await _coordinated(c, caller)
        goal = goals.find(await stored_goals.in_force(c, organisation.guild_id), wanted)
        return await _keep(c, organisation, caller, Content.of(Act.RETIRE, goal), goal, asked, where, form_key, now)


async def _keep(
    c: Connection,
    organisation: Organisation,
    caller: Caller,
    content: Content,
    before: Goal | None,
    asked: Asked,
    where: Where,
    form_key: str,
    now: datetime,
) -> Preview:
    """Checks a proposal and keeps it for a day, to be confirmed."""
    if not where.may_post:
        raise Refusal(
            text(
                "I may not write in {channel}, and a proposal is posted where it is made. Type the command in a channel that all "
                "chapters read and in which I may write.",
                channel=Place(where.channel_id),
            )
        )
    new = await _new(c, organisation, content, before, asked, now)
    entry = {"proposal": _plain(content), "goal": before and before.id, "why": new.why, "closes": str(new.closes_on)}
    await pending.keep(c, organisation.guild_id, form_key, caller.user_id, entry | {"channel": where.channel_id}, now)
    return Preview(content, before, new.why, new.rule, new.closes_on, where.channel_id, form_key)


async def _new(c: Connection, organisation: Organisation, content: Content, before: Goal | None, asked: Asked, now: datetime) -> New:
    """A first version of this, with the rule that is in force now; refuses what cannot be asked, or is asked already."""
    policy, today = organisation.policy, calendar.today(now, organisation.zone)
    if before is not None and content == Content.of(Act.EDIT, before):
        raise Refusal(
            text(
                "{goal} has this target and this deadline already. Give another one, so that there is something to decide.",
                goal=goals.label(before),
            )
        )
    await _require_alone(c, organisation, content, before)
    closes = None if asked.closes is None else checkins.parse_day(asked.closes, today, ahead=True)
    last = proposals.check_closing(closes, today, policy.proposal_days)
    if content.act is not Act.RETIRE:
        proposals.check_lasts(content.deadline, last)
    ends = calendar.start_of(last + calendar.ONE_DAY, organisation.zone)
    return New(content, proposals.check_why(asked.why), Rule(policy.adoption), last, ends)


async def _require_alone(c: Connection, organisation: Organisation, content: Content, before: Goal | None, but: int | None = None) -> None:
    """Refuses a second open proposal about the same goal: chapters would not know which one holds."""
    for other in await stored.open_ones(c, organisation.guild_id):
        about_it = before is not None and other.goal_id == before.id
        called = fold(content.name or content.metric) == fold(other.content.name or other.content.metric)
        if other.id != but and (about_it or (before is None and other.goal_id is None and called)):
            raise Refusal(
                text(
                    "There is a proposal about {goal} already, open until {day}. Answer that one: All proposals in /goal history shows it.",
                    goal=goals.called(content.metric, content.name),
                    day=other.closes_on,
                )
            )


def _plain(content: Content) -> dict[str, Any]:
    values = {"act": content.act.value, "metric": content.metric, "name": content.name, "target": content.target}
    return values | {"deadline": str(content.deadline)}


async def confirm(store: Store, caller: Caller, form_key: str, now: datetime) -> View:
    """Opens what was kept, once, and owes its message; sent again it is the same one."""
    async with store.write() as c:
        organisation = await _proposing(c, caller)
        made = await stored.of_form(c, organisation.guild_id, form_key)
        if made is None:
            entry = await pending.find(c, organisation.guild_id, form_key, caller.user_id, now - KEPT_FOR)
            if entry is None or "proposal" not in entry:
                raise Refusal(text("This is no longer kept: what you typed is deleted after a day. Please begin again."))
            await pending.drop(c, organisation.guild_id, form_key)
            content = _read(entry["proposal"])
            before = await _about(c, organisation.guild_id, entry["goal"])
            new = await _new(c, organisation, content, before, Asked(entry["why"], entry["closes"]), now)
            made = await _open(c, organisation, caller, new, before, entry["channel"], form_key, now)
        return await view_of(c, organisation, await found_here(c, organisation.guild_id, made), now)


def _read(plain: dict[str, Any]) -> Content:
    return Content(Act(plain["act"]), plain["metric"], plain["name"], plain["target"], date.fromisoformat(plain["deadline"]))


async def _about(c: Connection, guild_id: int, goal_id: int | None) -> Goal | None:
    """The goal that a proposal is about; refuses one that was given up meanwhile."""
    if goal_id is None:
        return None
    found = await stored_goals.find(c, guild_id, goal_id)
    if found is None or found[1]:
        raise Refusal(text("This goal is not in force any more. Type /progress to see those that are."))
    return found[0]


async def _open(
    c: Connection, organisation: Organisation, caller: Caller, new: New, before: Goal | None, channel_id: int, form_key: str, now: datetime
) -> int:
    guild_id, content = organisation.guild_id, new.content
    if content.act is Act.ADD:
        goals.check_new(await stored_goals.in_force(c, guild_id), content.metric, content.name)
    about = None if before is None else before.id
    made = await stored.add(c, guild_id, form_key, about, new, channel_id, now, caller.user_id)
    fields = {"target", "deadline"} | ({"name"} if content.name else set())
    if before is not None:
        fields = {name for name in ("target", "deadline", "name") if getattr(before, name) != getattr(content, name)}
    kind = {Act.ADD: "goal.propose", Act.EDIT: "goal.rethink", Act.RETIRE: "goal.doubt"}[content.act]
    await changes.log(c, guild_id, kind, now, caller.user_id, goal_id=about, fields=fields)
    await outbox.put(c, guild_id, "proposal", f"proposal:{made}", now, now, proposal_id=made)
    return made


async def cancel(store: Store, caller: Caller, form_key: str) -> None:
    """Forgets what was kept, so that it cannot be posted any more."""
    async with store.write() as c:
        organisation = await _proposing(c, caller)
        if await pending.find(c, organisation.guild_id, form_key, caller.user_id, EPOCH) is not None:
            await pending.drop(c, organisation.guild_id, form_key)


async def closing_days(store: Store, caller: Caller, typed: str, now: datetime) -> list[str]:
    """Days on which a proposal can close: for an option that is being typed."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
    first = proposals.check_closing(None, calendar.today(now, organisation.zone), organisation.policy.proposal_days)
    days = [str(first + timedelta(weeks=weeks)) for weeks in range(6)]
    return [day for day in days if typed.strip() in day]


async def to_revise(store: Store, caller: Caller, goal_id: int) -> Goal:
    """The goal that somebody wants to propose anew."""
    async with store.read() as c:
        organisation = await _proposing(c, caller)
        about = await _about(c, organisation.guild_id, goal_id)
        assert about is not None
        return about


async def revise(store: Store, caller: Caller, goal_id: int, typed: Mapping[str, str], where: Where, form_key: str, now: datetime) -> View:
    """Opens a proposal to change a goal from a form, with its message in the channel of that form's button."""
    async with store.write() as c:
        organisation = await _proposing(c, caller)
        made = await stored.of_form(c, organisation.guild_id, form_key)
        if made is None:
            before = await _about(c, organisation.guild_id, goal_id)
            assert before is not None
            content = await reworded(c, organisation, Content.of(Act.EDIT, before), before, typed, now)
            preview = await _keep(c, organisation, caller, content, before, Asked(typed.get("why")), where, form_key, now)
            await pending.drop(c, organisation.guild_id, form_key)
            new = await _new(c, organisation, content, before, Asked(preview.why), now)
            made = await _open(c, organisation, caller, new, before, where.channel_id, form_key, now)
        return await view_of(c, organisation, await found_here(c, organisation.guild_id, made), now)


async def reworded(
    c: Connection, organisation: Organisation, content: Content, about: Goal | None, typed: Mapping[str, str], now: datetime
) -> Content:
    """What is proposed with the target, deadline and name of a form in place of its own; what would give a goal up changes it instead."""
    today = calendar.today(now, organisation.zone)
    in_force = await stored_goals.in_force(c, organisation.guild_id)
    was = Goal(0 if about is None else about.id, content.metric, content.name, content.target, today, content.deadline)
    written = typed.get("target", "").strip()
    if content.metric == Metric.GENDER_BALANCE:
        written = written.removesuffix("%")
    target = checkins.parse_number(written, text("The target"), goals.LARGEST_TARGET)
    deadline = typed.get("deadline", "").strip()
    name = typed.get("name", "").strip() or None
    tidy = None if name is None else check_name(name, text("The name"))
    due = checkins.parse_day(deadline, today, ahead=True) if deadline else content.deadline
    others = [goal for goal in in_force if about is None or goal.id != about.id]
    after = goals.changed(was, target if target is not None else content.target, due, tidy, others, today)
    return Content.of(Act.EDIT if content.act is Act.RETIRE else content.act, after)
