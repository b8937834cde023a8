"""The shapes of what Discord sends with a click, a choice or a form, and of what stands in an address."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.domain.calendar import YEARS, Month
from cogs.layout import CHOICES

# Halves of letters cannot be written as UTF-8, and PostgreSQL takes no NUL: neither is anything that somebody can have meant.
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_LARGEST = 2**63
# As much room as there is for the key of a form.
_LONGEST_WORD = 40

When = TypeVar("When", date, Month)
Values = Annotated[list[str], Field(max_length=CHOICES)]


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True)


class _Answer(_Shape):
    custom_id: str
    value: str | None = None
    values: Values = []


class _Row(_Shape):
    component: _Answer | None = None


class _User(_Shape):
    bot: bool = False


class _Member(_Shape):
    roles: list[Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]] = []


class _Resolved(_Shape):
    users: dict[str, _User] = {}
    members: dict[str, _Member] = {}


class _Pressed(_Shape):
    custom_id: str
    values: Values = []
    components: list[_Row] | None = None
    resolved: _Resolved = _Resolved()


def well_formed(data: Any) -> bool:
    """Whether a click, a choice or a form has the shape that Discord gives them, and answers no question twice."""
    try:
        pressed = _Pressed.model_validate(data)
    except ValidationError:
        return False
    if pressed.components is None:
        return True
    names = [row.component.custom_id for row in pressed.components if row.component]
    return len(set(names)) == len(names) > 0


def cleaned(data: Any) -> Any:
    """The same data without letters that cannot be stored; of a list longer than any of Discord's only so much that it is seen to be."""
    match data:
        case str():
            return data if data.isascii() and "\0" not in data else _UNWRITABLE.sub("", data)
        case dict():
            return {name: cleaned(value) for name, value in data.items()}
        case list():
            return [cleaned(value) for value in data[: CHOICES + 1]]
    return data


def read(part: str, kind: Any) -> Any:
    """A part of an address, or a chosen value, as its kind; raises ValueError unless it is written as the program writes it."""
    if kind is int:
        if not (part.isascii() and part.isdecimal() and str(int(part)) == part and int(part) < _LARGEST):
            raise ValueError(part)
        return int(part)
    if kind is Month:
        return _in_reach(Month.parse(part))
    if kind is date:
        return _in_reach(date.fromisoformat(part))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(part)
    if len(part) > _LONGEST_WORD:
        raise ValueError(part)
    return part


def _in_reach(when: When) -> When:
    if when.year not in YEARS:
        raise ValueError(when)
    return when


def id_or_word(chosen: str) -> int | str:
    """A chosen value that is either a number of ours or a word."""
    try:
        return int(read(chosen, int))
    except ValueError:
        return chosen
