"""The policy: what is in force, what a change would come to, and the change itself once it is confirmed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.domain import calendar, choices, effects, errands, functioning, rights, settings
from bot.domain.changes import Kind
from bot.domain.chapters import fold
from bot.domain.effects import Effect, Next
from bot.domain.functioning import Status
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.settings import SETTINGS, Group, Setting
from bot.domain.text import Listing, Text, text
from bot.locales import catalogues, plain
from bot.services import access, spelling
from bot.services.drafts import KEPT_FOR
from db import changes, chapters, organisations, pending, policies
from db.organisations import Organisation
from db.policies import Stands
from db.store import Connection, Store

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class InForce:
    """What a setting is set to, and since when and by whom if it was ever changed."""

    setting: Setting
    value: Any
    since: datetime | None = None
    by: int | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """The settings of one group, the names of all that differ from the default, and whether the asker may change them."""

    group: Group
    entries: tuple[InForce, ...]
    differing: tuple[InForce, ...]
    may_set: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a change would come to, before it is confirmed; `overtaken` if somebody changed the policy since it was last shown."""

    now: InForce
    value: Any
    form_key: str
    effect: Effect | None
    next_before: Next | None
    next_after: Next | None
    asked_at_once: bool
    chapters: int | None = None
    overtaken: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What is in force now; `changed` unless the click changed nothing."""

    now: InForce
    changed: bool


async def show(store: Store, caller: Caller, group: Group) -> Overview:
    """What is in force, for everybody."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
        chosen = await policies.chosen(c, organisation.guild_id)
    entries = [_in_force(setting, organisation.policy, chosen) for setting in SETTINGS.values()]
    return Overview(
        group=group,
        entries=tuple(each for each in entries if each.setting.group is group),
        differing=tuple(each for each in entries if each.value != each.setting.default),
        may_set=rights.may(Action.CHANGE_POLICY, access.roles_in(organisation, caller)),
    )


def _in_force(setting: Setting, policy: Policy, chosen: dict[str, policies.Chosen]) -> InForce:
    last = chosen.get(setting.key)
    value = getattr(policy, setting.key)
    return InForce(setting, value) if last is None else InForce(setting, value, last.since, last.set_by)


async def propose(store: Store, caller: Caller, name: str, written: str, form_key: str, now: datetime) -> Proposal | Done:
    """What a change would come to; it is kept for a day, to be confirmed."""
    async with store.read() as c:
        organisation = await _for_change(c, caller)
    setting = meant(name)
    value = choices.read(setting, written, organisation.policy, _spoken)
    return await _propose(store, caller, setting, value, form_key, now)


async def propose_chosen(store: Store, caller: Caller, key: str, chosen: Sequence[str], form_key: str, now: datetime) -> Proposal | Done:
    """The same for choices that were made in a select."""
    async with store.read() as c:
        await _for_change(c, caller)
    setting = meant(key)
    return await _propose(store, caller, setting, choices.chosen(setting, chosen), form_key, now)


async def _for_change(c: Connection, caller: Caller) -> Organisation:
    organisation = await access.organisation(c, caller)
    rights.require(Action.CHANGE_POLICY, access.roles_in(organisation, caller))
    return organisation


async def _propose(
    store: Store, caller: Caller, setting: Setting, value: Any, form_key: str, now: datetime, *, overtaken: bool = False
) -> Proposal | Done:
    async with store.write() as c:
        organisation = await _for_change(c, caller)
        in_force = _in_force(setting, organisation.policy, await policies.chosen(c, organisation.guild_id))
        after = settings.changed(organisation.policy, setting.key, value)
        if in_force.value == value:
            return Done(in_force, changed=False)
        entry = {"policy": setting.key, "value": value, "seen": await policies.version(c, organisation.guild_id)}
        await pending.keep(c, organisation.guild_id, form_key, caller.user_id, entry, now)
        there = await chapters.count(c, organisation.guild_id) if setting.key == "direct_chapters" else None
    before, zone = organisation.policy, organisation.zone
    found = await _effect(store, organisation, after, now) if setting.key in effects.JUDGING else None
    return Proposal(
        now=in_force,
        value=value,
        form_key=form_key,
        effect=found,
        next_before=effects.next_time(setting.key, before, zone, now),
        next_after=effects.next_time(setting.key, after, zone, now),
        asked_at_once=effects.asked_at_once(before, after, zone, now),
        chapters=there,
        overtaken=overtaken,
    )


async def _effect(store: Store, organisation: Organisation, after: Policy, now: datetime) -> Effect:
    """Judges every chapter under both policies by the one rule, some at a time, so that nobody waits meanwhile."""
    visible, hidden = Counter[tuple[Status, Status]](), Counter[tuple[Status, Status]]()
    days: dict[str, date] = {}
    last = 0
    while True:
        async with store.read() as c:
            one = await policies.stands(c, organisation.guild_id, organisation.policy, last, AT_ONCE)
            other = await policies.stands(c, organisation.guild_id, after, last, AT_ONCE)
        if not one:
            return effects.shown_moves(visible, hidden, after)
        then = {each.id: each for each in other}
        for each in one:
            if each.zone not in days:
                days[each.zone] = calendar.today(now, calendar.zone(each.zone))
            if each.id in then:
                day = days[each.zone]
                moves = _status(each, organisation.policy, day), _status(then[each.id], after, day)
                (hidden if each.hidden else visible)[moves] += 1
        last = one[-1].id


def _status(stands: Stands, policy: Policy, day: date) -> Status:
    lapses_on = functioning.lapse_day(stands.standings, policy)
    return functioning.status(lapses_on, stands.state(day), stands.added_on, stands.heard_on, policy, day)


async def confirm(store: Store, caller: Caller, key: str, form_key: str, again: str, now: datetime) -> Proposal | Done:
    """Puts a proposed value in force, once; if the policy was changed since it was shown, shows anew (as form `again`) what it comes to."""
    setting = meant(key)
    async with store.write() as c:
        organisation = await _for_change(c, caller)
        guild_id = organisation.guild_id
        entry = await pending.find(c, guild_id, form_key, caller.user_id, now - KEPT_FOR)
        if entry is None or entry.get("policy") != setting.key:
            return Done(_in_force(setting, organisation.policy, await policies.chosen(c, guild_id)), changed=False)
        await pending.drop(c, guild_id, form_key)
        wanted = getattr(Policy.of({setting.key: entry["value"]}), setting.key)
        if entry["seen"] == await policies.version(c, guild_id):
            after = settings.changed(organisation.policy, setting.key, wanted)
            await policies.put(c, guild_id, setting.key, entry["value"], now, caller.user_id)
            await organisations.change(c, guild_id, {"next_at": now, **_digested(organisation, after, now)})
            await changes.log(c, guild_id, Kind.POLICY_CHANGE, now, caller.user_id, fields=(setting.key,))
            return Done(InForce(setting, wanted, now, caller.user_id), changed=True)
    return await _propose(store, caller, setting, wanted, again, now, overtaken=True)


def _digested(organisation: Organisation, after: Policy, now: datetime) -> dict[str, Any]:
    """With another day or hour, a digest whose moment would have passed already is not sent: the next one is."""
    zone = organisation.zone
    due_day, _ = errands.newest_digest(now, organisation.policy, zone)
    if organisation.digested_on is None or organisation.digested_on < due_day:
        return {}
    return {"digested_on": max(organisation.digested_on, errands.newest_digest(now, after, zone)[0])}


async def cancel(store: Store, caller: Caller, key: str, form_key: str, now: datetime) -> Done:
    """Forgets a proposed value; what is in force stays."""
    setting = meant(key)
    async with store.write() as c:
        organisation = await _for_change(c, caller)
        entry = await pending.find(c, organisation.guild_id, form_key, caller.user_id, now - KEPT_FOR)
        if entry is not None and entry.get("policy") == setting.key:
            await pending.drop(c, organisation.guild_id, form_key)
        return Done(_in_force(setting, organisation.policy, await policies.chosen(c, organisation.guild_id)), changed=False)


def meant(name: str) -> Setting:
    """The setting of this key or name, in any language that the bot speaks; refuses another, with the nearest."""
    if name in SETTINGS:
        return SETTINGS[name]
    names = {fold(spoken): setting for setting in SETTINGS.values() for spoken in _spoken(setting.name)}
    wanted = fold(name)
    if wanted in names:
        return names[wanted]
    near = spelling.near(wanted[:120], list(names))
    if not near:
        raise Refusal(text("There is no setting “{name}”. /policy show shows them all.", name=name[:60]))
    found = dict.fromkeys(names[each].key for each in near[: access.NEAREST])
    listed = Listing(tuple(text("“{name}”", name=SETTINGS[key].name) for key in found), "or")
    raise Refusal(text("There is no setting “{name}”. Did you mean {near}?", name=name[:60], near=listed))


def _spoken(word: Text) -> list[str]:
    return [plain(word, code) for code in catalogues()]


async def keys(_store: Store, _caller: Caller, typed: str, _now: datetime) -> list[tuple[Text, str]]:
    """The settings whose name holds what is typed, in any language, for an option that is being typed."""
    wanted = fold(typed)
    held = (each for each in SETTINGS.values() if wanted in each.key or any(wanted in fold(name) for name in _spoken(each.name)))
    return [(setting.name, setting.key) for setting in held]


async def values(store: Store, caller: Caller, name: str, typed: str, _now: datetime) -> list[tuple[Text, str]]:
    """What may be typed for a setting: what it is, what it was made with, and what is being typed if it may be that."""
    async with store.read() as c:
        policy = (await access.organisation(c, caller)).policy
    setting = meant(name)
    current = getattr(policy, setting.key)
    offered = [
        (text("{value} (as it is now)", value=choices.value(setting, current)), choices.typed(setting, current)),
        (
            text("{value} (as the rules were written)", value=choices.value(setting, setting.default)),
            choices.typed(setting, setting.default),
        ),
    ]
    if typed.strip():
        wanted = choices.read(setting, typed, policy, _spoken)
        settings.changed(policy, setting.key, wanted)
        return [(choices.value(setting, wanted), typed.strip())]
    if setting.unit is settings.Unit.WEEKDAY:
        offered += [(settings.WEEKDAYS[n], str(n)) for n in range(7)]
    return offered
