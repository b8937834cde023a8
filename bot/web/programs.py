"""The same for other programs: the figures as JSON, the newest reports as an Atom feed."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from html import escape
from typing import Any

from feedgenerator import Atom1Feed

from bot.domain import goals
from bot.domain.goals import Metric
from bot.domain.text import text
from bot.domain.writing import line
from bot.services.public import Progress, Reports, Shown
from bot.web.pages import facts
from bot.web.reader import Reader
from cogs.cards.report_words import in_words
from cogs.cards.words import dotted
from db.public import Issued

VERSION = 1
"""Of progress.json: raised when a name in it changes its meaning or goes."""


def data(told: Progress, reader: Reader) -> str:
    """The figures for programs: docs/public-page.md says what each name means."""
    whole = {
        "version": VERSION,
        "organisation": {"name": line(told.whose.name), "url": reader.whole()},
        "day": told.day.isoformat(),
        "goals": [_goal_data(each, reader) for each in told.goals],
        "chapters": {"open": told.open_chapters, "open_and_functioning": told.functioning},
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _goal_data(shown: Shown, reader: Reader) -> dict[str, Any]:
    goal, measured = shown.goal, shown.measured
    return {
        "id": goal.id,
        "metric": goal.metric,
        "name": reader.say(goals.label(goal)),
        "unit": "percent" if goal.metric == Metric.GENDER_BALANCE else "count",
        "target": goal.target,
        "value": measured.value,
        "reached": shown.reached,
        "kept_private": shown.kept_private,
        "starts": goal.starts.isoformat(),
        "deadline": goal.deadline.isoformat(),
        "chapters_behind": measured.behind,
        "chapters": measured.chapters,
        "oldest_part": _iso(measured.oldest),
        "history": [{"day": day.isoformat(), "value": value} for day, value in shown.points],
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


class _Feed(Atom1Feed):  # type: ignore[misc]  # the library has no types
    """A feed that was changed last when its newest entry was, or when the page was switched on: not whenever it is looked at."""

    def __init__(self, since: datetime, **values: Any) -> None:
        super().__init__(**values)
        self._since = since

    def latest_post_date(self) -> datetime:
        """When the newest entry was published or changed."""
        return max((item["updateddate"] for item in self.items), default=self._since)


def feed(shown: Reports, reader: Reader) -> str:
    """The newest reports as an Atom feed."""
    whose = shown.whose
    made = _Feed(
        whose.since,
        title=reader.say(text("{name}: reports of the chapters", name=whose.name)),
        link=reader.whole(),
        description=None,
        feed_url=reader.whole("reports.atom"),
        feed_guid=reader.whole("reports.atom"),
        author_name=line(whose.name),
        language=reader.locale.replace("_", "-"),
    )
    for each in shown.reports:
        link = reader.whole("reports", each.chapter_id, str(each.period))
        made.add_item(
            title=reader.say(text("{chapter}, {period}", chapter=each.chapter, period=each.period)),
            link=link,
            unique_id=link,
            description=_summary(each, reader),
            pubdate=each.published_at.astimezone(UTC),
            updateddate=(each.edited_at or each.published_at).astimezone(UTC),
        )
    written: str = made.writeString("utf-8")
    return written


def _summary(each: Issued, reader: Reader) -> str:
    """A report in lines, as HTML: for that is what the library says of every summary."""
    numbers = [reader.say(dotted(told)) for told in facts(each) if told]
    said: Sequence[str] = [reader.say(text("{title}: {words}", title=title, words=words)) for title, words in in_words(each.report.words)]
    return escape("\n".join([*numbers, *said])).replace("\n", "<br>")
