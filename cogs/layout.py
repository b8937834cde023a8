"""Cards and forms as plain values, and the one place that turns them into Discord's components."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from io import BytesIO
from typing import Any, TypeAlias

import discord
from discord import ui

from bot.domain.text import Text
from bot.locales import plain, say

TEXT_LIMIT = 4000
LABEL_LIMIT = 45
BUTTON_LIMIT = 80
OPTION_LIMIT = 100
# Of Discord's 100 characters, 15 are kept for a marker.
ADDRESS_LIMIT = 85
BOX_IDS = 1_000_000_000
"""Ids of components from here on are ours: Discord numbers those that have none from 1 on."""
CHOICES = 25
PICTURE_WORDS = 1024
TAG_LENGTH = 20
"""So many letters of a branch's name are the tag of its reports in a forum."""


class Tone(StrEnum):
    """What a button stands out as; its words say what it does."""

    PRIMARY = "primary"
    PLAIN = "secondary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Title:
    """The first line of a card."""

    text: Text


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph."""

    text: Text


@dataclass(frozen=True, slots=True)
class Small:
    """A paragraph in small letters."""

    text: Text


@dataclass(frozen=True, slots=True)
class Bar:
    """How far something has come, from 0 to 1: it repeats what the words beside it say."""

    filled: float
    width: int = 20


@dataclass(frozen=True, slots=True)
class Rule:
    """A line between two groups."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button and where its click goes: an `address()`."""

    label: Text
    to: str
    tone: Tone = Tone.PLAIN
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class LinkButton:
    """A button that opens an address."""

    label: Text
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """Up to five buttons side by side."""

    buttons: tuple[Button | LinkButton, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select."""

    label: Text
    value: str
    description: Text | None = None
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Select:
    """A choice of at most 25; the chosen values go to its address."""

    to: str
    placeholder: Text
    options: tuple[Option, ...]
    least: int = 1
    most: int = 1


@dataclass(frozen=True, slots=True)
class PersonSelect:
    """A choice of one member of the server."""

    to: str
    placeholder: Text


@dataclass(frozen=True, slots=True)
class RoleSelect:
    """A choice of one role of the server."""

    to: str
    placeholder: Text


@dataclass(frozen=True, slots=True)
class ChannelSelect:
    """A choice of one text channel of the server, or (`forums`) of a forum as well."""

    to: str
    placeholder: Text
    forums: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that is sent along, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is sent along, and in words what it shows."""

    name: str
    content: bytes
    words: Text


Menu: TypeAlias = Select | PersonSelect | RoleSelect | ChannelSelect
Block: TypeAlias = Title | Line | Small | Bar | Rule | Row | Menu | Attachment | Picture


@dataclass(frozen=True, slots=True)
class Card:
    """A message: its blocks in reading order, and the only people it notifies."""

    blocks: tuple[Block, ...]
    notifies: tuple[int, ...] = ()
    notifies_role: int | None = None


def card(*blocks: Block | None, notifies: Sequence[int] = (), notifies_role: int | None = None) -> Card:
    """A card of these blocks, leaving out those that are None."""
    return Card(tuple(block for block in blocks if block is not None), tuple(notifies), notifies_role)


def files(shown: Card, locale: str) -> list[discord.File]:
    """The pictures of a card, to be sent with it."""
    return [
        discord.File(BytesIO(block.content), block.name, description=plain(block.words, locale, limit=PICTURE_WORDS))
        for block in shown.blocks
        if isinstance(block, Picture)
    ]


def with_picture(shown: Card, picture: Picture | None) -> Card:
    """The card with a picture under its words: over the first row of buttons or choices, where there is one."""
    if picture is None:
        return shown
    at = next((place for place, block in enumerate(shown.blocks) if isinstance(block, Row | Select)), len(shown.blocks))
    return replace(shown, blocks=(*shown.blocks[:at], picture, *shown.blocks[at:]))


def address(action: str, *parts: object) -> str:
    """The custom_id under which a click, choice or form comes back: the action and what it needs to know."""
    joined = ":".join((action, *("" if part is None else str(part) for part in parts)))
    if len(joined) > ADDRESS_LIMIT:
        raise ValueError(f"longer than Discord allows: {joined}")
    return joined


def is_marked(components: Iterable[Any], marker: int) -> bool:
    """Whether a message's components are those of a card with this marker."""
    for each in components:
        if each.id == BOX_IDS + marker or (getattr(each, "custom_id", None) or "").endswith(f"~{marker}"):
            return True
        if is_marked(getattr(each, "children", ()), marker):
            return True
    return False


def mark_of(components: Iterable[Any]) -> int | None:
    """The marker that a message's card was made with, None if it has none."""
    return next((each.id - BOX_IDS for each in components if (each.id or 0) >= BOX_IDS), None)


def unmarked(custom_id: str) -> str:
    """The address without the marker of the message that it stands in."""
    return custom_id.partition("~")[0]


@dataclass(frozen=True, slots=True)
class TextField:
    """A question answered in words or by a number; `most` characters at the most."""

    name: str
    label: Text
    hint: Text | None = None
    value: str = ""
    most: int = 10
    long: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class ChoiceField:
    """A question answered by one of at most ten choices shown side by side, or of at most 25 in a list."""

    name: str
    label: Text
    options: tuple[Option, ...]
    hint: Text | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class ManyField:
    """A question answered by any number of choices; none means not known."""

    name: str
    label: Text
    options: tuple[Option, ...]
    hint: Text | None = None


@dataclass(frozen=True, slots=True)
class PersonField:
    """A question answered by one member of the server."""

    name: str
    label: Text
    hint: Text | None = None


Field: TypeAlias = TextField | ChoiceField | ManyField | PersonField
Typed: TypeAlias = Mapping[str, str | list[str] | None]


@dataclass(frozen=True, slots=True)
class Form:
    """A modal: at most five questions, and where the answers go."""

    to: str
    title: Text
    fields: tuple[Field, ...] = field(default=())

    def filled(self, typed: Typed) -> "Form":
        """The same form holding what somebody typed before."""
        return replace(self, fields=tuple(_filled(each, typed[each.name]) if each.name in typed else each for each in self.fields))


def _filled(question: Field, answer: str | list[str] | None) -> Field:
    if isinstance(question, TextField):
        return replace(question, value=str(answer or "")[: question.most])
    if isinstance(question, ChoiceField | ManyField):
        chosen = answer if isinstance(answer, list) else [answer]
        return replace(question, options=tuple(replace(option, chosen=option.value in chosen) for option in question.options))
    return question


def to_view(shown: Card, locale: str, *, marker: int | None = None) -> ui.LayoutView:
    """The card as Discord's components; stopped, so that discord.py keeps nothing of it in memory.

    A `marker` is put behind every address and stands in the box's id, so that the message can be recognised later, with buttons or
    without; `unmarked` takes it off.
    """
    view = ui.LayoutView(timeout=None)
    box: ui.Container[ui.LayoutView] = ui.Container(id=None if marker is None else BOX_IDS + marker)
    items = _joined(shown.blocks, locale)
    if sum(len(item) for item in items if isinstance(item, str)) > TEXT_LIMIT:
        items = _joined(shown.blocks, locale, compact=True)
    room = TEXT_LIMIT
    for item in items:
        if isinstance(item, str):
            cut = item if len(item) <= room else item[: max(room - 1, 0)] + "…"
            room -= len(cut)
            if cut:
                box.add_item(ui.TextDisplay(cut))
        else:
            box.add_item(item)
    view.add_item(box)
    if marker is not None:
        for child in view.walk_children():
            if (
                isinstance(child, ui.Button | ui.Select | ui.UserSelect | ui.RoleSelect | ui.ChannelSelect)
                and child.custom_id
                and child.is_dispatchable()
            ):
                child.custom_id = f"{child.custom_id}~{marker}"
    view.stop()
    return view


def _joined(blocks: Sequence[Block], locale: str, *, compact: bool = False) -> list[str | ui.Item[ui.LayoutView]]:
    """Neighbouring paragraphs become one text, because a message may hold 40 components."""
    items: list[str | ui.Item[ui.LayoutView]] = []
    for block in blocks:
        shown = _shown(block, locale, compact=compact)
        if isinstance(shown, str) and items and isinstance(items[-1], str):
            items[-1] += "\n" + shown
        else:
            items.append(shown)
    return items


def _shown(block: Block, locale: str, *, compact: bool) -> str | ui.Item[ui.LayoutView]:
    match block:
        case Title(text):
            return f"### {say(text, locale)}"
        case Line(text):
            return say(text, locale, compact=compact)
        case Small(text):
            return "\n".join(f"-# {line}" for line in say(text, locale).splitlines() if line.strip())
        case Bar(filled, width):
            full = round(min(max(filled, 0.0), 1.0) * width)
            return f"`{'▓' * full}{'░' * (width - full)}`"
        case Rule():
            return ui.Separator()
        case Row(buttons):
            return ui.ActionRow(*(_button(button, locale) for button in buttons))
        case Select() | PersonSelect() | RoleSelect() | ChannelSelect():
            return ui.ActionRow(_select(block, locale))
        case Attachment(name):
            return ui.File(f"attachment://{name}")
        case Picture(name, _, words):
            return ui.MediaGallery(discord.MediaGalleryItem(f"attachment://{name}", description=plain(words, locale, limit=PICTURE_WORDS)))


def _button(button: Button | LinkButton, locale: str) -> ui.Button[ui.LayoutView]:
    label = plain(button.label, locale, limit=BUTTON_LIMIT)
    if isinstance(button, LinkButton):
        return ui.Button(label=label, url=button.url)
    return ui.Button(label=label, custom_id=button.to, style=discord.ButtonStyle[button.tone.value], disabled=button.disabled)


def _select(select: Menu, locale: str) -> ui.Item[ui.LayoutView]:
    placeholder = plain(select.placeholder, locale, limit=150)
    if isinstance(select, PersonSelect):
        return ui.UserSelect(custom_id=select.to, placeholder=placeholder)
    if isinstance(select, RoleSelect):
        return ui.RoleSelect(custom_id=select.to, placeholder=placeholder)
    if isinstance(select, ChannelSelect):
        kinds = [discord.ChannelType.text, discord.ChannelType.news] + ([discord.ChannelType.forum] if select.forums else [])
        return ui.ChannelSelect(custom_id=select.to, placeholder=placeholder, channel_types=kinds)
    most = min(select.most, len(select.options))
    return ui.Select(
        custom_id=select.to, placeholder=placeholder, min_values=select.least, max_values=most, options=_options(select.options, locale)
    )


def _options(options: Sequence[Option], locale: str) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(
            label=plain(option.label, locale, limit=OPTION_LIMIT),
            value=option.value,
            description=None if option.description is None else plain(option.description, locale, limit=OPTION_LIMIT),
            default=option.chosen,
        )
        for option in options[:CHOICES]
    ]


def to_modal(form: Form, locale: str) -> ui.Modal:
    """The form as Discord's modal; stopped, because its submit is read from its address alone."""
    modal = ui.Modal(title=plain(form.title, locale, limit=LABEL_LIMIT), custom_id=form.to, timeout=None)
    for question in form.fields:
        hint = None if question.hint is None else plain(question.hint, locale, limit=OPTION_LIMIT)
        label = plain(question.label, locale, limit=LABEL_LIMIT)
        modal.add_item(ui.Label(text=label, description=hint, component=_component(question, locale)))
    modal.stop()
    return modal


def _component(question: Field, locale: str) -> ui.Item[ui.Modal]:
    match question:
        case TextField():
            return ui.TextInput(
                custom_id=question.name,
                style=discord.TextStyle.paragraph if question.long else discord.TextStyle.short,
                default=question.value or None,
                max_length=question.most,
                required=question.required,
            )
        case ChoiceField() if len(question.options) <= 10:
            radios = [
                discord.RadioGroupOption(label=plain(option.label, locale, limit=OPTION_LIMIT), value=option.value, default=option.chosen)
                for option in question.options
            ]
            return ui.RadioGroup(custom_id=question.name, options=radios, required=question.required)
        case ChoiceField():
            return ui.Select(custom_id=question.name, options=_options(question.options, locale), required=question.required)
        case ManyField():
            options = _options(question.options, locale)
            return ui.Select(custom_id=question.name, options=options, min_values=0, max_values=len(options), required=False)
        case PersonField():
            return ui.UserSelect(custom_id=question.name, required=True)


def mentions(shown: Card) -> discord.AllowedMentions:
    """Nobody is notified by a card but those it names for it."""
    users = [discord.Object(user_id) for user_id in shown.notifies]
    roles = [] if shown.notifies_role is None else [discord.Object(shown.notifies_role)]
    return discord.AllowedMentions(everyone=False, users=users, roles=roles, replied_user=False)
