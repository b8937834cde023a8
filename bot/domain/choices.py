"""The values of settings in words: how each is shown, and how what somebody wrote is read."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from bot.domain.chapters import fold
from bot.domain.policy import Dimension, Policy
from bot.domain.refusal import Refusal
from bot.domain.settings import WEEKDAYS, Setting, Unit, range_of
from bot.domain.settings import shown as number_shown
from bot.domain.text import Listing, Text, Value, text

DIMENSIONS, CATEGORIES, NAME_LENGTH = 3, 4, 20
"""So many dimensions beside gender, so many categories of each (its form has one question for each), letters of a name."""
ALL, NONE = "all", "none"

KIND_CHOICES: Mapping[str, Text] = {
    "meeting": text("Meeting"),
    "education": text("Education"),
    "outreach": text("Outreach"),
    "recruitment": text("Recruitment"),
    "campaign": text("Campaign"),
    "networking": text("Networking"),
    "fundraiser": text("Fundraiser"),
    "project": text("Project"),
    "social": text("Social"),
}
QUESTION_CHOICES: Mapping[str, Text] = {
    "members": text("Members now"),
    "met": text("Met face to face"),
    "kinds": text("Kinds of activity"),
    "meetings": text("Meetings"),
    "education": text("With education"),
    "tried": text("Projects or activities tried"),
    "worked": text("How many of these worked"),
    "dues": text("Dues"),
    "changing": text("What is changing"),
    "hard": text("What is hard"),
    "help": text("Help wanted"),
    "private_note": text("Private note"),
}
RULE_CHOICES: Mapping[str, Text] = {
    "consent": text("By consent"),
    "majority": text("By majority"),
}
CHOICES: Mapping[Unit, Mapping[str, Text]] = {
    Unit.KINDS: KIND_CHOICES,
    Unit.QUESTIONS: QUESTION_CHOICES,
    Unit.RULE: RULE_CHOICES,
}

Spoken = Callable[[Text], Iterable[str]]
"""A word in every language in which somebody may have written it."""

_NUMBER = re.compile(r"(?:day\s+)?(\d{1,6})(?:[:.]00)?(?:\s*[^\W\d_]+\.?)*", re.IGNORECASE)
_PLAIN = re.compile(r"[^\W_]+(?:[ '’/–-]+[^\W_]+)*\+?")


def value(setting: Setting, chosen: Any) -> Text:
    """What a setting is set to, in words."""
    if setting.unit.is_number:
        return number_shown(setting, chosen)
    if setting.unit is Unit.DIMENSIONS:
        return _dimensions(chosen)
    words = CHOICES[setting.unit]
    if setting.unit is Unit.RULE:
        return words[chosen]
    if len(chosen) == len(words):
        return text("all of them")
    return text("{chosen}", chosen=Listing(tuple(words[each] for each in chosen), "comma"))


def _dimensions(chosen: Iterable[Dimension]) -> Text:
    told: list[Value] = [text("{name} ({categories})", name=name, categories=Listing(each, "comma")) for name, each in chosen]
    return text("{dimensions}", dimensions=Listing(tuple(told))) if told else text("nothing else")


def typed(setting: Setting, chosen: Any) -> str:
    """A value as it can be typed again."""
    if setting.unit is Unit.DIMENSIONS:
        return "; ".join(f"{name}: {', '.join(categories)}" for name, categories in chosen) or NONE
    if setting.unit.is_number or setting.unit is Unit.RULE:
        return str(chosen)
    return ALL if len(chosen) == len(CHOICES[setting.unit]) else ", ".join(chosen)


def read(setting: Setting, written: str, policy: Policy, spoken: Spoken) -> Any:
    """The value that somebody wrote for a setting; refuses what cannot be read, and says what could."""
    tidy = " ".join(written.split())
    match setting.unit:
        case Unit.DIMENSIONS:
            return _read_dimensions(tidy, policy.dimensions)
        case Unit.KINDS | Unit.QUESTIONS | Unit.RULE:
            return _read_choices(setting, tidy, spoken)
        case Unit.WEEKDAY:
            return _read_weekday(setting, tidy, spoken)
        case _:
            found = _NUMBER.fullmatch(tidy)
            if found is None:
                raise Refusal(text("{range} Write a whole number. You wrote “{written}”.", range=range_of(setting), written=tidy[:40]))
            return int(found[1])


def _read_weekday(setting: Setting, written: str, spoken: Spoken) -> int:
    for number, day in enumerate(WEEKDAYS):
        if fold(written) in {str(number), *(fold(each) for each in spoken(day))}:
            return number
    raise Refusal(text("{name}: write a day of the week, such as Monday. You wrote “{written}”.", name=setting.name, written=written[:40]))


def chosen(setting: Setting, keys: Collection[str]) -> tuple[str, ...] | str:
    """These choices in their order, or the one; refuses one that there is not, none at all, and questions that make no report."""
    words = CHOICES[setting.unit]
    taken = tuple(each for each in words if each in keys)
    if setting.unit is Unit.RULE:
        if len(taken) != 1 or len(set(keys)) != 1:
            raise Refusal(text("{name}: choose one of these: {there}.", name=setting.name, there=_there(words)))
        return taken[0]
    if not taken or len(taken) != len(set(keys)):
        raise Refusal(text("{name}: choose one or more of these: {there}.", name=setting.name, there=_there(words)))
    return taken


def _there(words: Mapping[str, Text]) -> Listing:
    return Listing(tuple(words.values()), "comma")


def _read_choices(setting: Setting, written: str, spoken: Spoken) -> tuple[str, ...] | str:
    words = CHOICES[setting.unit]
    if fold(written) == ALL and setting.unit is not Unit.RULE:
        return tuple(words)
    keys = {fold(name): key for key, word in words.items() for name in (key, *spoken(word))}
    wanted = [part.strip() for part in written.split(",") if part.strip()]
    unknown = [each for each in wanted if fold(each) not in keys]
    if unknown:
        told: dict[str, Value] = {"written": unknown[0][:40], "there": _there(words)}
        if setting.unit is Unit.RULE:
            raise Refusal(text("“{written}” is none of these: {there}. Write one of them.", **told))
        raise Refusal(text("“{written}” is none of these: {there}. Part them by commas.", **told))
    return chosen(setting, {keys[fold(each)] for each in wanted})


def _read_dimensions(written: str, before: tuple[Dimension, ...]) -> tuple[Dimension, ...]:
    """Each one written takes the place of the one of its name, or stands beside the others; "none" takes it, or all, away."""
    if fold(written) == NONE:
        return ()
    now = {fold(name): (name, categories) for name, categories in before}
    for part in filter(None, (each.strip() for each in written.split(";"))):
        name, colon, listed = part.partition(":")
        name = _name(name.strip())
        if not colon:
            raise Refusal(text("Write it like this: age: under 26, 26 to 40, over 40. To take one away: age: none."))
        if fold(listed.strip()) == NONE:
            now.pop(fold(name), None)
        else:
            now[fold(name)] = (name, _categories(name, listed))
    if len(now) > DIMENSIONS:
        raise Refusal(text("At most {most} can be counted beside gender. Take one away first, such as: age: none.", most=DIMENSIONS))
    return tuple(now.values())


def _name(written: str) -> str:
    if len(written) > NAME_LENGTH or not _PLAIN.fullmatch(written):
        raise Refusal(
            text(
                "“{written}” cannot be a name here: use letters, digits and spaces, at most {most} in all.",
                written=written[:40],
                most=NAME_LENGTH,
            )
        )
    if fold(written) == "gender":
        raise Refusal(text("Gender is always counted. Choose another name."))
    return written


def _categories(name: str, written: str) -> tuple[str, ...]:
    found = tuple(_name(each.strip()) for each in written.split(",") if each.strip())
    if not 2 <= len(found) <= CATEGORIES or len({fold(each) for each in found}) != len(found):
        raise Refusal(
            text("“{name}” needs 2 to {most} different groups, such as: age: under 26, 26 to 40, over 40.", name=name, most=CATEGORIES)
        )
    return found
