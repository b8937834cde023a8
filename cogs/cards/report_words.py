"""What a report says, line by line."""

from collections.abc import Iterator, Mapping

from bot.domain.checkins import Kind, Tally
from bot.domain.reports import Activity, Answers, Part, People, Report, Words
from bot.domain.text import Listing, Text, counted, text
from bot.domain.text import Words as Written
from cogs.cards.words import DUES, KINDS, dotted
from cogs.layout import (
    Block,
    Line,
    Small,
)

GLIMPSE = 120
LISTED = 4

PARTS: Mapping[Part, Text] = {Part.PEOPLE: text("People"), Part.ACTIVITY: text("Activity"), Part.WORDS: text("In words")}


def jump(guild_id: int, place: tuple[int, int]) -> str:
    """The address at which Discord shows a message."""
    return f"https://discord.com/channels/{guild_id}/{place[0]}/{place[1]}"


def glimpse(answers: Answers, *, own: bool = False, note: bool = True) -> Text:
    """A part in one line, fit for all to see unless its `own` people ask: of dues and the private note only that they are answered.

    Without `note` nobody is asked for a private note, and nothing is said of it where there is none.
    """
    facts = tuple(_facts(answers, own, note))
    return dotted(facts) if facts else text("nothing answered")


def _facts(answers: Answers, own: bool, note: bool) -> Iterator[Text]:
    if isinstance(answers, People):
        yield from of_people(answers)
    elif isinstance(answers, Activity):
        yield from of_activity(answers)
        if answers.kinds:
            yield text("activities: {kinds}", kinds=kinds_line(answers.kinds))
    else:
        for title, words in in_words(answers):
            short = words if len(words) <= GLIMPSE else words[: GLIMPSE - 1] + "…"
            yield text("{title}: {words}", title=title, words=short)
        if answers.dues is not None:
            yield text("Dues: {answer}", answer=DUES[answers.dues]) if own else text("Dues: answered")
        if answers.private_note:
            yield text("Private note: written")
        elif note:
            yield text("Private note: none")


def kinds_line(kinds: tuple[Kind, ...]) -> Text:
    """The kinds of activity in one line."""
    return text("{kinds}", kinds=Listing(tuple(KINDS[kind] for kind in kinds), "comma"))


def meetings_line(known: Tally) -> Text:
    """How many meetings there were, and how many people came to each; from the fifth on only how many came to all of them."""
    told = counted("{n} meeting", "{n} meetings", known.meetings)
    came = [people for people in known.people if people is not None]
    if not came:
        return told
    if len(came) > LISTED:
        people = counted(
            "{first} and {n} more time, {total} people if each time is counted",
            "{first} and {n} more times, {total} people if each time is counted",
            len(came) - LISTED,
            first=Listing(tuple(came[:LISTED]), "comma"),
            total=sum(came),
        )
    else:
        people = counted("{people} person", "{people} people", came[-1], people=Listing(tuple(came)))
    uncounted = len(known.people) - len(came)
    if not uncounted:
        return text("{meetings} ({people})", meetings=told, people=people)
    unknown = counted("once not counted", "{n} times not counted", uncounted)
    return text("{meetings} ({people}, {unknown})", meetings=told, people=people, unknown=unknown)


def of_people(people: People) -> Iterator[Text]:
    """How many are members and how many met, as far as it is known."""
    if people.members is not None:
        yield counted("{n} member", "{n} members", people.members)
    if people.met is not None:
        yield counted("{n} met face to face", "{n} met face to face", people.met)


def of_activity(activity: Activity) -> Iterator[Text]:
    """What was done and tried, as far as it is known."""
    if activity.meetings is not None:
        yield counted("{n} meeting", "{n} meetings", activity.meetings)
    if activity.education is not None:
        yield counted("{n} education", "{n} education", activity.education)
    if activity.tried is not None and activity.worked is not None:
        worked = counted("{n} worked", "{n} worked", activity.worked)
        yield counted("{n} project tried, {worked}", "{n} projects tried, {worked}", activity.tried, worked=worked)
    elif activity.tried is not None:
        yield counted("{n} project tried", "{n} projects tried", activity.tried)
    elif activity.worked is not None:
        yield counted("{n} project worked", "{n} projects worked", activity.worked)


def in_words(words: Words) -> Iterator[tuple[Text, str]]:
    """Each text that was written, with what it answers."""
    for title, said in (
        (text("What is changing"), words.changing),
        (text("What is hard"), words.hard),
        (text("Help wanted"), words.help),
    ):
        if said is not None:
            yield title, said


def body(content: Report) -> Iterator[Block]:
    """A report's public answers; what was left empty is not shown, zero is."""
    people, numbers = tuple(of_people(content.people)), tuple(of_activity(content.activity))
    if people:
        yield Line(dotted(people))
    if numbers:
        yield Line(dotted(numbers))
    for title, words in in_words(content.words):
        yield Line(text("**{title}**\n{words}", title=title, words=Written(words)))
    if content.activity.kinds:
        yield Small(text("Activities: {kinds}", kinds=kinds_line(content.activity.kinds)))
