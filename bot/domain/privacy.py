"""Small totals stay private: what of a composition may be shown to whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain import calendar
from bot.domain.calendar import Month
from bot.domain.checkins import check_number
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.domain.text import text

GENDER = "gender"
WOMEN, MEN, ANOTHER, RATHER_NOT_SAY = "women", "men", "another", "rather_not_say"
GENDERS = (WOMEN, MEN, ANOTHER, RATHER_NOT_SAY)
METHOD_LENGTH = 200


def names_kept_from(today: date, months: int) -> date:
    """The first day of which it is still kept who entered something: as many months ago, or the last day of a shorter month."""
    month = Month.of(today).plus(-months)
    return min(month.first + timedelta(days=today.day - 1), month.plus(1).first - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be seen of one dimension: all its cells, or only the total, or neither ("kept private because you are few")."""

    cells: Mapping[str, int] | None
    total: int | None


@dataclass(frozen=True, slots=True)
class Count:
    """One chapter's composition in one dimension: people per category, on a day."""

    id: int
    chapter_id: int
    day: date
    cells: Mapping[str, int]

    @property
    def people(self) -> int:
        """How many were counted."""
        return sum(self.cells.values())


@dataclass(frozen=True, slots=True)
class Sum:
    """The whole organisation's composition as at a month's end; `sources` says which count each chapter put in."""

    month: Month
    cells: Mapping[str, int]
    sources: Mapping[int, int]
    oldest: date | None

    @property
    def people(self) -> int:
        """How many were counted."""
        return sum(self.cells.values())


def dimensions(policy: Policy) -> dict[str, tuple[str, ...]]:
    """What members are counted by, each with its categories: gender first."""
    return {GENDER: GENDERS, **dict(policy.dimensions)}


def categories_of(dimension: str, policy: Policy) -> tuple[str, ...]:
    """The categories of a dimension; refuses one that is not counted here."""
    found = dimensions(policy).get(dimension)
    if found is None:
        raise Refusal(text("“{dimension}” is not counted here.", dimension=dimension[:40]))
    return found


def check_cells(dimension: str, cells: Mapping[str, int], policy: Policy) -> dict[str, int]:
    """The cells in their order; refuses an unknown dimension, a category left out, numbers out of range and a count of nobody."""
    categories = categories_of(dimension, policy)
    if set(cells) != set(categories):
        raise Refusal(text("Write a number for each group; 0 where there is nobody."))
    checked = {category: check_number(cells[category], text("Each number")) for category in categories}
    if not any(checked.values()):
        raise Refusal(text("Nobody was counted. Write how many people are in each group."))
    return checked


def shares(cells: Mapping[str, int]) -> dict[str, int]:
    """Each category's share of all who were counted, in whole percent that make 100: the largest remainders are rounded up."""
    people = sum(cells.values())
    if not people:
        return {}
    whole = {category: whole_percent(part, people) for category, part in cells.items()}
    by_remainder = sorted(cells, key=lambda category: (-(100 * cells[category] % people), category))
    return whole | {category: whole[category] + 1 for category in by_remainder[: 100 - sum(whole.values())]}


def shown(cells: Mapping[str, int], policy: Policy, *, insider: bool) -> Shown:
    """To all but the chapter's own admins and facilitators: no cell if any is 1–4, and then the total only from 10 on."""
    total = sum(cells.values())
    if insider or not any(1 <= cell <= policy.small_cell for cell in cells.values()):
        return Shown(cells, total)
    return Shown(None, total if total >= policy.small_total else None)


def shown_beside(counts: Mapping[str, Mapping[str, int]], policy: Policy, *, insider: bool) -> dict[str, Shown]:
    """What may be seen of one chapter's counts side by side, by dimension.

    The same few people may stand in two of them: while the total of one is kept private, no other shows one as small.
    """
    seen = {dimension: shown(cells, policy, insider=insider) for dimension, cells in counts.items()}
    if insider or all(each.total is not None for each in seen.values()):
        return seen
    few = {dimension for dimension, cells in counts.items() if sum(cells.values()) < policy.small_total}
    return {dimension: Shown(None, None) if dimension in few else each for dimension, each in seen.items()}


def shown_alone(cells: Mapping[str, int], policy: Policy, *, insider: bool) -> Shown:
    """What may be seen of one count where those of other dimensions are not at hand: with them no small total is told."""
    seen = shown(cells, policy, insider=insider)
    tells = not insider and bool(policy.dimensions) and sum(cells.values()) < policy.small_total
    return Shown(None, None) if tells else seen


def counted_again_from(newest: date, policy: Policy) -> date:
    """The first day on which members are asked to be counted again; a mistake can be corrected at any time."""
    return calendar.months_later(newest, policy.composition_every_months)


def summed(month: Month, counts: list[Count], shown_before: Sum | None, policy: Policy) -> Sum | None:
    """The sum as at a month's end over each chapter's newest count, if they are enough; `shown_before` is the last one ever shown.

    It moves only when enough chapters' counts changed since then: what one chapter said cannot be had by taking the old from the new.
    """
    usable = [count for count in counts if timedelta() <= month.last - count.day < timedelta(days=policy.composition_days)]
    newest = {count.chapter_id: count for count in sorted(usable, key=lambda count: (count.day, count.id))}
    sources = {chapter: count.id for chapter, count in newest.items()}
    before = shown_before.sources if shown_before else {}
    changed = [chapter for chapter in sources.keys() | before.keys() if sources.get(chapter) != before.get(chapter)]
    if len(changed) < policy.sum_chapters:
        return shown_before
    cells: dict[str, int] = {}
    for count in newest.values():
        for category, people in count.cells.items():
            cells[category] = cells.get(category, 0) + people
    if len(newest) < policy.sum_chapters or sum(cells.values()) < policy.sum_people:
        return None
    return Sum(month, cells, sources, min(count.day for count in newest.values()))


def whole_percent(part: int, whole: int) -> int:
    """A share in whole percent, rounded down."""
    return 100 * part // whole


def gender_balance(cells: Mapping[str, int]) -> int | None:
    """The smaller of women and men as a share of both, in whole percent rounded down; None if neither was counted."""
    women, men = cells.get(WOMEN, 0), cells.get(MEN, 0)
    return whole_percent(min(women, men), women + men) if women + men else None
