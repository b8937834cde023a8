"""A sentence written out for one reader: every kind of value has one way to be shown on Discord and one where markup means nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, tzinfo
from typing import Any

from bot.domain.calendar import Month
from bot.domain.text import Brief, Link, Listing, Moment, Percent, Person, Place, Role, Text, Words
from bot.domain.writing import line
from bot.locales import markup
from bot.locales.voice import Voice, brief, clock, day, listing, month, number, percent

Show = Callable[[Any, "Page"], str]


@dataclass(frozen=True, eq=False, slots=True)
class Page:
    """Where a sentence is read: in whose language, how each kind of value looks there, and in which zone if the page cannot tell."""

    voice: Voice
    shows: Mapping[type, Show]
    zone: tzinfo = UTC

    def write(self, text: Text) -> str:
        """The sentence with its values; raises LookupError if one is missing and TypeError if it is no kind of value."""
        written = []
        for literal, name in self.voice.template(text):
            written.append(literal)
            if name is not None:
                written.append(self.show(text.values[name]))
        return "".join(written)

    def show(self, value: object) -> str:
        """One value as this page shows its kind."""
        shows = self.shows.get(type(value))
        if shows is None:
            raise TypeError(f"{type(value).__name__} is not a value that a sentence can hold")
        return shows(value, self)

    def at(self, zone: tzinfo) -> "Page":
        """The same page, read in another zone."""
        return self if zone is self.zone else replace(self, zone=zone)


def _moment(value: Moment, _: Page) -> str:
    if value.at.tzinfo is None:
        raise TypeError("a moment needs its zone")
    return f"<t:{int(value.at.timestamp())}:{value.style}>"


_LINK_LABEL = str.maketrans({"[": "(", "]": ")"})
_ADDRESS = str.maketrans({mark: f"%{ord(mark):02X}" for mark in '()<>[]\\ "*|~`'})


def _link(value: Link, page: Page) -> str:
    # Discord looks for the bracket that ends a label without heeding backslashes.
    label = page.write(value.label).replace("\\[", "(").replace("\\]", ")").translate(_LINK_LABEL)
    return f"[{label}]({line(value.url).translate(_ADDRESS)})"


_EVERYWHERE: dict[type, Show] = {
    int: lambda value, page: number(value, page.voice.locale),
    float: lambda value, page: number(value, page.voice.locale),
    date: lambda value, page: day(value, page.voice.locale),
    Month: lambda value, page: month(value, page.voice.locale),
    Brief: lambda value, page: brief(value.month, page.voice.locale, year=value.year),
    Percent: lambda value, page: percent(value.whole, page.voice.locale),
    Listing: lambda value, page: listing([page.show(item) for item in value.items], value.joined_by, page.voice.locale),
    Text: lambda value, page: page.write(value),
}

ON_DISCORD: Mapping[type, Show] = _EVERYWHERE | {
    str: lambda value, _: markup.isolated(markup.escaped(line(value))),
    Words: lambda value, _: "\n".join(markup.isolated(markup.escaped(each)) for each in markup.lines(value.written)),
    Moment: _moment,
    Person: lambda value, _: f"<@{value.user_id}>",
    Place: lambda value, _: f"<#{value.channel_id}>",
    Role: lambda value, _: f"<@&{value.role_id}>",
    Link: _link,
}


def _block(value: Words, _: Page) -> str:
    # Inside a block only its own mark means anything.
    return "```\n" + "\n".join(markup.isolated(each).replace("`", "\u02cb") for each in markup.lines(value.written)) + "\n```"


COMPACT: Mapping[type, Show] = {**ON_DISCORD, Words: _block}
"""For a message that would be too long: escaping may double the longer words, a block shows them letter for letter without."""

PLAIN: Mapping[type, Show] = _EVERYWHERE | {
    str: lambda value, _: markup.isolated(line(value)),
    Words: lambda value, _: "\n".join(map(markup.isolated, markup.lines(value.written))),
    Moment: lambda value, page: clock(value.at.astimezone(page.zone), value.style, page.voice.locale),
    Person: lambda value, _: f"@{value.user_id}",
    Place: lambda value, _: f"#{value.channel_id}",
    Role: lambda value, _: f"@{value.role_id}",
    Link: lambda value, page: page.write(value.label),
}
