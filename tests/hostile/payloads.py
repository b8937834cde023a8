"""Interactions as Discord would deliver them, and as it never would: made from the program's own commands, addresses and forms."""

import inspect
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from discord import AppCommandOptionType as Kind
from discord import app_commands
from hypothesis import strategies as st

from bot.client import ChapterBot
from bot.domain.calendar import Month
from cogs.layout import ChoiceField, Form, ManyField, PersonField, TextField
from cogs.request import AGAIN, Handler
from tests.hostile.words import anything, hostile, numbers
from tests.hostile.world import MONTH, OPEN, Organisation

COMMAND, COMPONENT, TYPING, SENT = 2, 3, 4, 5
Leaf = app_commands.Command[Any, ..., Any]
Draw = st.DrawFn
NOWHERE = 999999999999999999
ORDINARY = (Kind.string, Kind.integer, Kind.boolean, Kind.number)


@dataclass(frozen=True, slots=True)
class Payload:
    """One interaction: who sends it, whether in a direct message, and the raw `data` and other pieces."""

    type: int
    who: str
    direct: bool
    data: dict[str, Any]
    extra: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    tried: tuple[str, ...] = ()

    def written(self) -> str:
        """All of it as text, to find again what the bot repeats."""
        return json.dumps([self.data, self.extra], ensure_ascii=False, default=str)


@dataclass(frozen=True, slots=True)
class Known:
    """What the attempts are made of: the program, both organisations, what each option offers, and every form that was seen."""

    bot: ChapterBot
    here: Organisation
    there: Organisation
    offers: Mapping[tuple[str, str], Sequence[str]]
    forms: Mapping[str, Sequence[Form]]

    def leaves(self) -> list[Leaf]:
        """Every command that can be typed."""
        return [each for each in self.bot.tree.walk_commands() if isinstance(each, app_commands.Command)]

    def disguised(self, written: str) -> str:
        """The words without either organisation's own: who stored those next door would look like a leak."""
        return self.here.disguised(self.there.disguised(written))

    def typed(self) -> list[tuple[Leaf, str]]:
        """Every option that offers something while it is typed."""
        return [(leaf, option.display_name) for leaf in self.leaves() for option in leaf.parameters if option.autocomplete]


PEOPLE = ("ana", "ben", "lea", "fay", "flo", "cora", "mo", "mia", "eve", "ugo", "una", "uma")
who = st.sampled_from((*PEOPLE, *("ana", "cora", "fay") * 3))
direct = st.sampled_from((False,) * 9 + (True,))


# Slash commands


@st.composite
def commands(draw: Draw, known: Known, leaf: Leaf) -> Payload:
    """A command with options that are right, wrong, missing, surplus or of another type."""
    given, resolved = [], {}
    for option in leaf.parameters:
        chance = draw(st.integers(0, 9))
        if (option.required and chance < 9) or (not option.required and chance < 4):
            value = draw(_value(known, leaf, option, resolved))
            given.append({"type": option.type.value, "name": option.display_name, "value": value})
    tried = tuple(f"{leaf.qualified_name} {each['name']}" for each in given)
    if draw(st.integers(0, 4)) == 0:
        given = draw(_spoilt(given))
    data: dict[str, Any] = {"id": "1", "type": 1, **_nested(leaf, given)}
    if resolved:
        data["resolved"] = resolved
    if draw(st.integers(0, 15)) == 0:
        data.pop(draw(st.sampled_from(sorted(data.keys() - {"name"}))))
    return Payload(COMMAND, draw(who), draw(direct), data, draw(extras(known)), f"/{leaf.qualified_name}", tried)


@st.composite
def typing(draw: Draw, known: Known, leaf: Leaf, focused: str) -> Payload:
    """A command that is being typed."""
    option = next(each for each in leaf.parameters if each.display_name == focused)
    before = [each for each in leaf.parameters if each.display_name != focused and draw(st.integers(0, 3)) == 0]
    given = [{"type": each.type.value, "name": each.display_name, "value": draw(_value(known, leaf, each, {}))} for each in before]
    given.append({"type": option.type.value, "name": focused, "value": draw(_words(known, leaf, option)), "focused": True})
    if draw(st.integers(0, 7)) == 0:
        given = draw(_spoilt(given))
    data = {"id": "1", "type": 1, **_nested(leaf, given)}
    return Payload(TYPING, draw(who), draw(direct), data, draw(extras(known)), f"/{leaf.qualified_name} {focused}…", (focused,))


def _nested(leaf: Leaf, given: list[dict[str, Any]]) -> dict[str, Any]:
    *groups, name = leaf.qualified_name.split()
    spec: dict[str, Any] = {"name": name, "options": given}
    for depth, group in enumerate(reversed(groups)):
        spec = {"name": group, "options": [spec | {"type": 1 if depth == 0 else 2}]}
    return spec


def _value(known: Known, leaf: Leaf, option: app_commands.Parameter, resolved: dict[str, Any]) -> st.SearchStrategy[Any]:
    match option.type:
        case Kind.string:
            return _words(known, leaf, option)
        case Kind.integer | Kind.number:
            least, most = option.min_value or 0, option.max_value or 10
            return st.sampled_from([least, most, least - 1, most + 1, (least + most) // 2, 12]) | numbers
        case Kind.boolean:
            return st.booleans()
        case _:
            return _entity(known, resolved)


def _words(known: Known, leaf: Leaf, option: app_commands.Parameter) -> st.SearchStrategy[str]:
    offered = map(known.disguised, known.offers.get((leaf.qualified_name, option.display_name), ()))
    fitting = [str(choice.value) for choice in option.choices] or list(offered)
    names = [*known.here.names(), "London", "Leeds", *known.there.names(), MONTH, OPEN, "2026-10-19", "yesterday", "2026-12", "none", ""]
    listed = st.lists(st.sampled_from(names) | hostile, min_size=1, max_size=5).map(", ".join)
    return st.sampled_from(fitting or names) | st.sampled_from(names) | hostile | listed


@st.composite
def _entity(draw: Draw, known: Known, resolved: dict[str, Any]) -> str:
    """Somebody or something chosen: of here, of the neighbour, of nowhere, described rightly, wrongly or not at all."""
    pool = [*sorted(known.here.snowflakes), *sorted(known.there.snowflakes), NOWHERE, 0, 2**63, 1]
    chosen = str(draw(st.sampled_from(pool)))
    user = {"id": chosen, "username": draw(hostile)[:32], "discriminator": "0", "avatar": None, "bot": draw(st.booleans())}
    member = {"roles": [str(each) for each in sorted(known.here.roles.values())][: draw(st.integers(0, 3))], "joined_at": None, "flags": 0}
    member |= {"deaf": False, "mute": False, "permissions": "0"}
    role = {"id": chosen, "name": draw(hostile)[:100], "color": 0, "colors": {"primary_color": 0}, "position": 1, "permissions": "0"}
    role |= {"hoist": False, "managed": False, "mentionable": True, "flags": 0}
    kind = draw(st.sampled_from([0, 0, 0, 15, 2, 4, 5, 11, 1, 77]))
    channel = {"id": chosen, "type": kind, "name": draw(hostile)[:100], "permissions": "0", "parent_id": None}
    for kinds in draw(
        st.sampled_from([("users", "members"), ("users",), ("roles",), ("channels",), (), ("users", "members", "roles", "channels")])
    ):
        entry = {"users": user, "members": member, "roles": role, "channels": channel}[kinds]
        resolved.setdefault(kinds, {})[chosen] = entry
    return chosen


@st.composite
def _spoilt(draw: Draw, given: list[dict[str, Any]]) -> list[Any]:
    """Options as no client sends them: another type, no value, a value of another kind, twice, or one that nobody asked for."""
    spoilt = [dict(each) for each in given]
    surplus = {"type": 3, "name": draw(st.sampled_from(["surplus", "chapter", "__class__", "self", "interaction", ""])), "value": "x"}
    way = draw(st.integers(0, 6))
    if way == 0 or not spoilt:
        return [*spoilt, surplus]
    victim = draw(st.sampled_from(spoilt))
    if way == 1:
        victim["type"] = draw(st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, -1, 99, "3", None]))
    elif way == 2:
        victim.pop(draw(st.sampled_from(sorted(victim))))
    elif way == 3:
        spoilt.append(dict(victim))
    elif way == 4:
        spoilt.remove(victim)
    else:
        victim["value"] = draw(anything)
    return spoilt


# Buttons, selects and forms


def addresses(known: Known) -> dict[str, Handler | None]:
    """Every action that a custom_id can name, with what answers it."""
    return {**known.bot.handlers, AGAIN: None}


@st.composite
def address_of(draw: Draw, known: Known, action: str) -> str:
    """A custom_id of this action: with numbers of here, of the neighbour or of nowhere; with too many or too few parts; none at all."""
    handler = addresses(known)[action]
    names = ["form_key"] if handler is None else list(inspect.signature(handler.run).parameters)[1:]
    kinds: Sequence[type] = (str,) if handler is None else handler.types
    org = draw(st.sampled_from([known.here, known.here, known.here, known.there]))
    parts = [draw(_part(org, kind, name)) for kind, name in zip(kinds, names, strict=True)]
    way = draw(st.integers(0, 11))
    if way == 0:
        parts.append(draw(hostile))
    elif way == 1 and parts:
        parts.pop()
    elif way in (2, 3) and parts:
        parts[draw(st.integers(0, len(parts) - 1))] = draw(hostile)
    joined = ":".join((action, *parts))
    marked = draw(st.sampled_from(["", "", "", "~7", "~", "~~", "~x:y", "~99999999999999999999"]))
    return (joined + marked)[: draw(st.sampled_from([100, 100, 100, 5000]))]


def _part(org: Organisation, kind: Any, name: str) -> st.SearchStrategy[str]:
    ids = org.ids.get(name.lstrip("_"))
    if kind is int:
        usual = [str(each) for each in ids or (0, 1, 2, 7, 30)]
        return st.sampled_from(usual) | st.sampled_from(
            ["0", "-1", "99999", str(2**63 - 1), str(2**63), "+1", "01", " 1", "1_0", "١", "²", "1.0", ""]
        )
    if kind is Month or name == "month":
        return st.sampled_from([MONTH, MONTH, OPEN, "2026-10", "2026-11", "0001-01", "9999-12", "2026-13", "", "２０２６-09"])
    if inspect.isclass(kind) and issubclass(kind, StrEnum):
        return st.sampled_from([*(each.value for each in kind), "", "x"])
    if name == "form_key":
        return st.sampled_from([*org.form_keys, "1", "", "x" * 40, "9" * 60])
    return st.sampled_from(["on", "off", "yes", "no", "all", "meeting", "functioning", "2026-10-19", "today", ""]) | hostile.filter(
        lambda w: ":" not in w
    )


def chosen(known: Known) -> st.SearchStrategy[Any]:
    """What a select hands over: something that was offered, something that never was, a thousand of it, or nothing at all."""
    plain = [str(each) for org in (known.here, known.there) for each in org.ids["chapter_id"] + org.ids["checkin_id"]]
    one = st.sampled_from([*plain, MONTH, "members", "delegates", "0", "reports", "hard"]) | hostile | numbers.map(str)
    return st.lists(one, max_size=3) | one.map(lambda each: [each[:100]] * 1000) | st.just([]) | st.lists(anything, min_size=1, max_size=2)


@st.composite
def presses(draw: Draw, known: Known, action: str) -> Payload:
    """A click or a choice."""
    data: dict[str, Any] = {"custom_id": draw(address_of(known, action)), "component_type": draw(st.sampled_from([2, 3, 5, 6, 8, 99]))}
    if draw(st.booleans()):
        data["values"] = draw(chosen(known))
    if draw(st.integers(0, 5)) == 0:
        _entity_in(draw, known, data)
    return Payload(COMPONENT, draw(who), draw(direct), data, draw(extras(known)), action)


@st.composite
def unknown_presses(draw: Draw, known: Known) -> Payload:
    """A custom_id that was never ours, or is no more."""
    actions = sorted(addresses(known))
    odd = st.sampled_from(
        ["", ":", "::", "~", "nothing", "rp", "RP.CARD:1:2026-09", "rp.card", "again", "again:", "again:1:2", "__class__:1", "\x00"]
    )
    near = st.builds(lambda action, tail: action + tail, st.sampled_from(actions), hostile)
    sent = draw(st.booleans())
    data: dict[str, Any] = {"custom_id": draw(odd | near | hostile)}
    data |= {"components": []} if sent else {"component_type": 2}
    return Payload(SENT if sent else COMPONENT, draw(who), draw(direct), data, draw(extras(known)), "unknown address")


@st.composite
def sendings(draw: Draw, known: Known, form: Form, variant: str) -> Payload:
    """A form that is sent: every field with something right or wrong, in the shape that Discord has or in another."""
    action = form.to.split(":")[0]
    to = form.to if draw(st.booleans()) else draw(address_of(known, action))
    data: dict[str, Any] = {"custom_id": to}
    rows, tried = [], []
    for question in form.fields:
        if draw(st.integers(0, 11)):
            tried.append(f"{variant} {question.name}")
            rows.append({"type": 18, "id": 1, "component": draw(_answer(known, question, data))})
    data["components"] = draw(_misshapen(rows)) if draw(st.integers(0, 4)) == 0 else rows
    person = draw(who)
    return Payload(SENT, person, draw(direct), data, draw(extras(known)), f"form {variant}", tuple(tried))


@st.composite
def _answer(draw: Draw, known: Known, question: Any, data: dict[str, Any]) -> dict[str, Any]:
    base: dict[str, Any] = {"custom_id": question.name, "id": 2}
    odd = draw(st.integers(0, 9)) == 0
    match question:
        case TextField():
            usual = st.sampled_from(["12", "7", "0", "2026-10-19", known.disguised(question.value)]) | hostile
            return base | {"type": 4, "value": draw(anything if odd else usual)}
        case ChoiceField() | ManyField():
            offered = [option.value for option in question.options]
            if isinstance(question, ChoiceField) and len(offered) <= 10:
                return base | {"type": 21, "value": draw(anything if odd else st.sampled_from([*offered, *offered, "x", None]) | hostile)}
            some = st.lists(st.sampled_from(offered), max_size=len(offered)) | chosen(known)
            return base | {"type": 3, "values": draw(anything if odd else some)}
        case PersonField():
            return base | {"type": 5, "values": draw(anything) if odd else [_entity_in(draw, known, data)][: draw(st.integers(0, 3))]}
    raise TypeError(question)


def _entity_in(draw: Draw, known: Known, data: dict[str, Any]) -> str:
    resolved: dict[str, Any] = {}
    name = draw(_entity(known, resolved))
    if resolved:
        data["resolved"] = resolved
    return name


@st.composite
def _misshapen(draw: Draw, rows: list[dict[str, Any]]) -> list[Any]:
    """The same answers as rows of old, twice, deeper down, without their parts, or among things that are no answers."""
    match draw(st.integers(0, 6)):
        case 0:
            return [{"type": 1, "components": [row["component"]]} for row in rows]
        case 1:
            return rows + rows
        case 2:
            return [{"type": 18, "component": {"type": 18, "component": row["component"]}} for row in rows]
        case 3:
            return [{"type": 18, "component": {k: v for k, v in row["component"].items() if k != "custom_id"}} for row in rows]
        case 4:
            return [{"type": 18}, {"type": 10, "content": "x"}, *rows]
        case 5:
            return [{"type": 18, "component": {k: v for k, v in row["component"].items() if not k.startswith("value")}} for row in rows]
        case _:
            return [*rows, {"type": 18, "component": {"type": 4, "custom_id": draw(hostile), "value": draw(hostile)}}]


def extras(known: Known) -> st.SearchStrategy[dict[str, Any]]:
    """What stands around the data: as a rule what belongs there, now and then another server or a language that there is not."""
    odd: list[dict[str, Any]] = [
        {"locale": "xx"},
        {"locale": "../../etc"},
        {"guild_locale": "zz-ZZ"},
        {"guild_id": str(NOWHERE)},
        {"guild_id": str(known.there.guild.id)},
        {"context": 2},
        {"channel": {"id": str(NOWHERE), "type": 99}},
    ]
    return st.sampled_from([{}] * 40 + odd)


def fields(known: Known) -> Iterator[tuple[str, Form, str]]:
    """Every form that was seen, each of its faces once: action, form, and a name for the face."""
    for action, faces in known.forms.items():
        for number, form in enumerate(faces):
            yield action, form, action if len(faces) == 1 else f"{action}#{number}"
