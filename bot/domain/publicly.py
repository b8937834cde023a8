"""What may stand on a public page: sums over enough chapters, and of a report what its chapter says to everybody."""

import re
from collections.abc import Container
from dataclasses import replace
from itertools import count

from bot.domain.chapters import fold
from bot.domain.goals import Goal, Measured, Metric
from bot.domain.policy import Policy
from bot.domain.reports import Report
from bot.domain.writing import line

SLUG_LENGTH = 40
NAME_LENGTH = 100
NAMELESS = "organisation"

_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
_NOT_OF_CHAPTERS = frozenset({Metric.MANUAL.value, Metric.BRANCH_GATHERINGS.value})
"""What coordinators record, and what whole branches did: no sum over chapters."""


def slug_of(name: str, taken: Container[str] = frozenset()) -> str:
    """The last part of a page's address: plain letters and digits of the name, with a number where another has it."""
    plain = _NOT_PLAIN.sub("-", fold(line(name)))[:SLUG_LENGTH].strip("-") or NAMELESS
    return next(slug for n in count(1) if (slug := plain if n == 1 else f"{plain}-{n}") not in taken)


def shown(goal: Goal, measured: Measured, policy: Policy) -> Measured:
    """The figure as everybody may see it: a sum over fewer chapters than the policy asks for is as unknown as one over none."""
    if goal.metric in _NOT_OF_CHAPTERS:
        return measured
    if kept_private(goal, measured, policy):
        return Measured(None)
    if measured.chapters is not None and measured.chapters < policy.sum_chapters:
        return replace(measured, behind=None, chapters=None)
    return measured


def kept_private(goal: Goal, measured: Measured, policy: Policy) -> bool:
    """Whether there is a figure that so few chapters stand behind that it would tell of one of them."""
    return goal.metric not in _NOT_OF_CHAPTERS and 0 < (measured.behind or 0) < policy.sum_chapters


def said(report: Report, *, may_share: bool) -> Report:
    """What a report says to everybody: never the private note or how the chapter stands on dues, what is hard only if it may be shared."""
    return replace(report, words=replace(report.words, private_note=None, dues=None, hard=report.words.hard if may_share else None))
