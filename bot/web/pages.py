"""What stands on each page: plain values turned into a reader's words and numbers, placed by the templates beside this module."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from bot.domain import goals
from bot.domain.calendar import Month
from bot.domain.goals import Metric
from bot.domain.text import Listing, Percent, Text, counted, text
from bot.domain.text import Words as Written
from bot.domain.writing import line
from bot.services.public import ChapterPage, Front, Progress, Reports, Shown
from bot.web import drawing
from bot.web.reader import Reader, written
from bot.web.words import WORDS
from cogs.cards import outlooks
from cogs.cards.compositions import CATEGORIES
from cogs.cards.goals import coverage, due, meaning
from cogs.cards.report_words import in_words, kinds_line, of_activity, of_people
from cogs.cards.words import dotted, in_unit
from db.public import Issued, Open, Spot

EXCERPT = 240
ROWS = 13
"""Figures that stand in a goal's table; progress.json has all."""

# The whole page


def front(shown: Front, reader: Reader) -> str:
    """Everything: goals with their trends, the map, the chapters, the newest reports."""
    told = shown.progress
    return written(
        "front.html",
        reader,
        name=line(told.whose.name),
        title=reader.say(text("{name}: where we stand", name=told.whose.name)),
        day=reader.say(text("As of {day}.", day=told.day)),
        goals=[_goal(told, each, reader) for each in told.goals],
        meanings=[_meant(told, metric, reader) for metric in dict.fromkeys(each.goal.metric for each in told.goals)],
        map=_map(shown.spots, reader.say(_map_says(told)), reader),
        counted=reader.say(_chapters_say(told)) if told.open_chapters else "",
        chapters=[_chapter(each) for each in shown.chapters],
        more_chapters=told.open_chapters > len(shown.chapters),
        reports=[_report(each, reader, brief=True) for each in shown.reports],
        badge_alt=reader.say(badge_says(told)),
        frame=reader.whole("embed"),
    )


# Most changes move no chapter.
@lru_cache(maxsize=32)
def _map(spots: tuple[Spot, ...], says: str, reader: Reader) -> str:
    drawn = drawing.chart(spots)
    if drawn is None:
        return ""
    dots = zip(drawn.dots, _dots_say(drawn.dots, reader), strict=True)
    return written("map.html", reader, map=drawn, dots=dots, land=drawing.land(), says=says)


def _map_says(told: Progress) -> Text:
    return counted("Map with {n} open chapter; it is listed below.", "Map of {n} open chapters; all are listed below.", told.open_chapters)


def _dots_say(dots: Sequence[drawing.Dot], reader: Reader) -> list[str]:
    said = {n: reader.say(counted("{n} chapter", "{n} chapters", n)) for n in {dot.chapters for dot in dots}}
    return [line(dot.name) if dot.name else said[dot.chapters] for dot in dots]


def _chapters_say(told: Progress) -> Text:
    open_ones = counted("{n} chapter is open to everybody", "{n} chapters are open to everybody", told.open_chapters)
    works = counted("{n} of them is functioning", "{n} of them are functioning", told.functioning)
    return text("{open}; {functioning}.", open=open_ones, functioning=works)


def _meant(told: Progress, metric: str, reader: Reader) -> tuple[str, str]:
    return reader.say(goals.words(metric)), reader.say(meaning(metric, told.policy))


def _chapter(each: Open) -> dict[str, Any]:
    where = ", ".join(line(part) for part in (each.city, each.branch) if part and line(part) != line(each.name))
    return {"id": each.id, "name": line(each.name), "where": where, "functioning": each.functioning}


# Goals


def goal_says(shown: Shown) -> Text:
    """How far a goal has come, in words."""
    goal, figure = shown.goal, shown.measured.value
    target = in_unit(goal.metric, goal.target)
    if shown.kept_private:
        return text("kept private because few chapters stand behind it; the goal is {target}", target=target)
    if figure is None:
        return text("not known yet; the goal is {target}", target=target)
    if shown.reached:
        return text("{value} of {target}, reached", value=in_unit(goal.metric, figure), target=target)
    return text("{value} of {target}", value=in_unit(goal.metric, figure), target=target)


def _goal(told: Progress, shown: Shown, reader: Reader) -> dict[str, Any]:
    goal, say = shown.goal, reader.say
    figure = shown.measured.value
    details = [] if shown.kept_private else [coverage(shown.measured, told.day)]
    details += _shares(told) if goal.metric == Metric.GENDER_BALANCE and figure is not None else []
    foreseen = None if shown.outlook is None or shown.reached else outlooks.line(goal, shown.outlook)
    details += [] if foreseen is None else [foreseen]
    if foreseen is None or shown.outlook is None or not outlooks.names_deadline(shown.outlook):
        details.append(due(goal, told.day))
    drawn = drawing.trend(shown.points, goal.target, goal.deadline, _future(shown))
    return {
        "id": goal.id,
        "name": say(goals.label(goal)),
        "says": say(goal_says(shown)),
        "done": None if figure is None else min(100, 100 * figure // goal.target),
        "details": [say(each) for each in details],
        "trend": drawn,
        "trend_says": "" if drawn is None else say(_trend_says(shown)),
        "target": say(text("{value}", value=in_unit(goal.metric, goal.target))),
        "newest": "" if not shown.points else say(text("{value}", value=in_unit(goal.metric, shown.points[-1][1]))),
        "first": "" if drawn is None else say(text("{month}", month=Month.of(drawn.first))),
        "last": "" if drawn is None else say(text("{month}", month=Month.of(drawn.last))),
        "points": [
            (say(text("{day}", day=day)), say(text("{value}", value=in_unit(goal.metric, at))))
            for day, at in shown.points[: -ROWS - 1 : -1]
        ],
    }


def _future(shown: Shown) -> drawing.Future | None:
    """What may come, where a date can be named."""
    outlook = shown.outlook
    if outlook is None or outlook.earliest is None:
        return None
    return (lambda day: outlook.low(day) or 0.0), (lambda day: outlook.high(day) or 0.0)


def _shares(told: Progress) -> list[Text]:
    there = ((words, told.shares.get(name)) for name, words in CATEGORIES.items())
    parts = tuple(text("{category} {share}", category=words, share=Percent(share)) for words, share in there if share)
    return [text("Counted: {shares}.", shares=Listing(parts, "comma"))] if parts else []


def _trend_says(shown: Shown) -> Text:
    """What the drawing shows, for who does not see it."""
    (first, began), (newest, now) = shown.points[0], shown.points[-1]
    return text(
        "{goal}: from {began} on {first} to {now} on {newest}; the goal is {target} by {deadline}.",
        goal=goals.label(shown.goal),
        began=in_unit(shown.goal.metric, began),
        first=first,
        now=in_unit(shown.goal.metric, now),
        newest=newest,
        target=in_unit(shown.goal.metric, shown.goal.target),
        deadline=shown.goal.deadline,
    )


# Chapters and reports


def chapters(shown: ChapterPage, reader: Reader) -> str:
    """A page of the open chapters."""
    here = text("Open chapters, page {page} of {pages}", page=shown.page + 1, pages=shown.pages)
    return written(
        "chapters.html",
        reader,
        name=line(shown.whose.name),
        title=reader.say(text("{name}: open chapters", name=shown.whose.name)),
        heading=reader.say(here if shown.pages > 1 else text("Open chapters")),
        counted=reader.say(counted("{n} chapter is open to everybody.", "{n} chapters are open to everybody.", shown.total)),
        chapters=[_chapter(each) for each in shown.chapters],
        before=None if shown.page == 0 else _turned(reader, shown.page),
        after=None if shown.page + 1 == shown.pages else _turned(reader, shown.page + 2),
    )


def _turned(reader: Reader, page: int) -> str:
    there = reader.at("chapters")
    return f"{there}{'&' if '?' in there else '?'}page={page}"


def reports(shown: Reports, reader: Reader) -> str:
    """The reports of one open chapter, or the newest of all."""
    said = text("Reports of {chapter}", chapter=shown.chapter.name) if shown.chapter else WORDS["newest"]
    return written(
        "reports.html",
        reader,
        name=line(shown.whose.name),
        title=reader.say(text("{name}: {what}", name=shown.whose.name, what=said)),
        heading=reader.say(said),
        chapter=None if shown.chapter is None else _chapter(shown.chapter),
        reports=[_report(each, reader, brief=True) for each in shown.reports],
    )


def report(shown: Reports, reader: Reader) -> str:
    """One report."""
    (only,) = shown.reports
    return written(
        "report.html",
        reader,
        name=line(shown.whose.name),
        title=reader.say(text("{chapter}, {period}", chapter=only.chapter, period=only.period)),
        report=_report(only, reader, brief=False),
        chapter_id=only.chapter_id,
    )


def _report(each: Issued, reader: Reader, *, brief: bool) -> dict[str, Any]:
    say = reader.say
    said = [(say(title), _cut(words) if brief else words) for title, words in in_words(each.report.words)]
    kinds = each.report.activity.kinds
    return {
        "chapter": line(each.chapter),
        "period": say(text("{period}", period=each.period)),
        "link": reader.at("reports", each.chapter_id, str(each.period)),
        "day": say(text("Published on {day}.", day=each.published_at.date())),
        "date": each.published_at.date().isoformat(),
        "facts": [reader.say(dotted(told)) for told in facts(each) if told],
        "texts": [(title, say(text("{words}", words=Written(words)))) for title, words in (said[:1] if brief else said)],
        "kinds": say(text("Activities: {kinds}", kinds=kinds_line(kinds))) if kinds else "",
        "quiet": each.quiet,
        "edited": each.edited_at is not None,
    }


def facts(each: Issued) -> Iterator[tuple[Text, ...]]:
    """A report's numbers, in lines of facts; some lines are empty."""
    yield tuple(of_people(each.report.people))
    yield tuple(of_activity(each.report.activity))


def _cut(words: str) -> str:
    return words if len(words) <= EXCERPT else words[: EXCERPT - 1].rstrip() + "…"


# For other pages and programs


def embed(told: Progress, reader: Reader) -> str:
    """The goals alone, small enough to stand on another page."""
    return written(
        "embed.html",
        reader,
        name=line(told.whose.name),
        title=reader.say(text("{name}: where we stand", name=told.whose.name)),
        day=reader.say(text("As of {day}.", day=told.day)),
        goals=[_goal(told, each, reader) for each in told.goals],
    )


def badge_says(told: Progress) -> Text:
    """The first goal in a few words."""
    if not told.goals:
        return WORDS["no_goals"]
    first = told.goals[0]
    return text("{goal}: {says}", goal=goals.label(first.goal), says=goal_says(first))


def badge(told: Progress, reader: Reader) -> str:
    """The first goal as a small picture."""
    label = reader.say(goals.label(told.goals[0].goal)) if told.goals else line(told.whose.name)[:40]
    figure = _figure(told.goals[0], reader) if told.goals else "–"
    says = reader.say(badge_says(told))
    return written("badge.svg", reader, label=label, figure=figure, left=_wide(label), right=_wide(figure), says=says)


def _figure(shown: Shown, reader: Reader) -> str:
    target = in_unit(shown.goal.metric, shown.goal.target)
    if shown.measured.value is None:
        return reader.say(text("? of {target}", target=target))
    return reader.say(text("{value} of {target}", value=in_unit(shown.goal.metric, shown.measured.value), target=target))


def _wide(words: str) -> int:
    """Room for some words in a badge: letters beyond Latin are often twice as wide."""
    return 14 + round(sum(6.6 if letter < "\u2000" else 12 for letter in words))


def message(what: str, reader: Reader) -> str:
    """A short page that says why there is no other."""
    home = reader.at() if reader.slug else None
    return written("message.html", reader, name="", title=reader.say(WORDS[what]), why=reader.say(WORDS[f"{what}_why"]), home=home)
