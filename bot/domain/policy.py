"""The numbers and choices that an organisation may make its own; the defaults are those the rules were written with."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

EVERY_KIND = ("meeting", "education", "outreach", "recruitment", "campaign", "networking", "fundraiser", "project", "social")
"""The kinds of check-in, by value."""
EVERY_QUESTION = (
    "members",
    "met",
    "kinds",
    "meetings",
    "education",
    "tried",
    "worked",
    "dues",
    "changing",
    "hard",
    "help",
    "private_note",
)
"""The questions of the monthly report, by the names of their answers, in the order in which they are asked."""

Dimension = tuple[str, tuple[str, ...]]
"""Something that members may be counted by beside gender: its name, and its categories."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Every number of the rules that can be chosen; days are calendar days, hours are hours of the clock."""

    together_days: int = 45
    together_count: int = 1
    together_people: int = 2
    together_kinds: tuple[str, ...] = EVERY_KIND
    learns_days: int = 135
    learns_count: int = 1
    reports_days: int = 135
    reports_count: int = 1
    at_risk_days: int = 7
    new_days: int = 135

    prompt_day: int = 1
    prompt_hour: int = 9
    first_nudge_day: int = 5
    second_nudge_day: int = 9
    due_day: int = 10
    nudge_rest_hours: int = 72
    later_hour: int = 9
    opens: int = 8
    closes: int = 21
    questions: tuple[str, ...] = EVERY_QUESTION
    dues_every_months: int = 6

    digest_weekday: int = 0
    digest_hour: int = 9
    worth_a_call: int = 10
    in_touch_days: int = 14

    checkin_days_back: int = 400
    members_days: int = 365
    active_members_days: int = 92
    composition_days: int = 365
    composition_every_months: int = 6
    dues_days: int = 365
    reporting_days: int = 365

    direct_chapters: int = 10
    adoption: str = "consent"
    proposal_days: int = 21

    small_cell: int = 4
    small_total: int = 10
    sum_chapters: int = 3
    sum_people: int = 10
    dimensions: tuple[Dimension, ...] = ()

    retention_months: int = 24

    @classmethod
    def of(cls, chosen: Mapping[str, Any]) -> "Policy":
        """The defaults with what an organisation chose; keys that no rule knows any more are left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{key: _fixed(value) for key, value in chosen.items() if key in known})


def _fixed(value: Any) -> Any:
    """Plain lists as tuples, all through, so that equal policies are one key of a cache."""
    return tuple(_fixed(each) for each in value) if isinstance(value, list | tuple) else value
