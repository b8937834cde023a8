"""How branches look: their list, what was changed of one, and a gathering as its recorder sees it."""

from collections.abc import Iterator

from bot.domain.chapters import Dues, Money
from bot.domain.text import Listing, Text, counted, text
from bot.services.branches import Added, BranchPage, Edited, Entry
from bot.services.facts import Key
from bot.services.gatherings import Record
from cogs.cards.words import DUES, MONEY
from cogs.layout import Block, Button, Card, Line, Option, Row, Select, Small, Title, Tone, address, card
from db.chapters import Branch
from db.facts import Fact
from db.gatherings import Recorded
from db.measures import CONFIRMED

NAMED = 25


def list_card(shown: BranchPage) -> Card:
    """A page of the branches, by name."""
    return card(
        Title(counted("{n} branch", "{n} branches", shown.total)),
        *(block for entry in shown.entries for block in _entry(entry)),
        *_further(shown),
        *_turn(shown),
    )


def _entry(entry: Entry) -> Iterator[Block]:
    branch = entry.branch
    facts = [counted("{n} chapter", "{n} chapters", entry.chapters), *([text("{code}", code=branch.currency)] if branch.currency else [])]
    if branch.name != entry.country:
        facts.insert(0, text("{country}", country=entry.country))
    yield Line(text("**{branch}** · {facts}", branch=branch.name, facts=Listing(tuple(facts), "comma")))
    if entry.gathered_on is not None:
        yield Small(text("Newest gathering: {day}", day=entry.gathered_on))
    if entry.waiting is not None:
        yield Small(
            text(
                "A gathering on {day} is waiting: {confirmed} of {asked} chapters have confirmed it, and it counts from {n} on.",
                day=entry.waiting.day,
                confirmed=entry.waiting.confirmed,
                asked=entry.waiting.asked,
                n=CONFIRMED,
            )
        )


def _further(shown: BranchPage) -> Iterator[Block]:
    if not shown.entries:
        yield Line(text("There are no branches yet. A coordinator can add one with /branch add."))
        return
    if shown.pages > 1:
        yield Small(text("Page {page} of {pages}.", page=shown.page + 1, pages=shown.pages))
    if shown.may_change:
        yield Small(text("To change one: /branch edit. To record that one gathered: /branch gathering."))
    options = tuple(Option(text("{branch}", branch=entry.branch.name), str(entry.branch.id)) for entry in shown.entries)
    yield Select(address("br.open"), text("See the chapters of …"), options)


def _turn(shown: BranchPage) -> Iterator[Block]:
    if shown.pages > 1:
        yield Row(
            (
                Button(text("Previous page"), address("br.page", max(shown.page - 1, 0)), disabled=shown.page == 0),
                Button(text("Next page"), address("br.page", shown.page + 1), disabled=shown.page + 1 >= shown.pages),
            )
        )


_LIST = Row((Button(text("All branches"), address("br.page", 0)),))


def added_card(added: Added) -> Card:
    """A branch that was just added."""
    return card(
        Title(text("{branch} is added", branch=added.branch.name)),
        Line(text("Country: {country}", country=added.country)),
        Line(_currency(added.branch)),
        Small(text("Chapters join it with the option branch of /chapter add.")),
        _LIST,
    )


def _currency(branch: Branch) -> Text:
    return text("Currency: {code}", code=branch.currency) if branch.currency else text("Currency: not set")


def edited_card(done: Edited) -> Card:
    """What was changed of a branch, from what to what; without a change how it stands."""
    before, after = done.before, done.after
    changed: list[Text] = []
    if before.name != after.name:
        changed.append(text("Name: {before} → {after}", before=before.name, after=after.name))
    if before.currency != after.currency:
        was = before.currency or text("not set")
        changed.append(text("Currency: {before} → {after}", before=was, after=after.currency or text("not set")))
    changed += [_fact_changed(done, key) for key in (Key.MONEY, Key.DUES) if done.confirmed(key)]
    if changed:
        return card(Title(text("{branch} is changed", branch=after.name)), *map(Line, changed), Small(_counts()), _LIST)
    return card(
        Title(text("{branch}: nothing changed", branch=after.name)),
        Line(text("It is so already.")),
        Line(_currency(after)),
        *(Line(_fact(key, done.facts.get(key))) for key in (Key.MONEY, Key.DUES)),
        Small(_counts()),
        _LIST,
    )


def _counts() -> Text:
    return text(
        "Money and dues count for the goals for a year after they were confirmed. Members are shown how many collect dues, not who."
    )


def _fact_changed(done: Edited, key: Key) -> Text:
    before, after = done.facts_before.get(key), done.facts[key]
    if before is not None and before.value == after.value:
        return text("{question}: {answer}, confirmed again", question=_question(key), answer=_answer(key, after))
    was = text("not known") if before is None else _answer(key, before)
    return text("{question}: {before} → {after}", question=_question(key), before=was, after=_answer(key, after))


def _fact(key: Key, fact: Fact | None) -> Text:
    if fact is None:
        return text("{question}: not known", question=_question(key))
    return text("{question}: {answer}, confirmed on {day}", question=_question(key), answer=_answer(key, fact), day=fact.confirmed_on)


def _question(key: Key) -> Text:
    return text("A way to hold money") if key is Key.MONEY else text("Dues")


def _answer(key: Key, fact: Fact) -> Text:
    return MONEY[Money(fact.value)] if key is Key.MONEY else DUES[Dues(fact.value)]


def gathering_card(done: Record) -> Card:
    """A gathering as its recorder sees it: who is asked, and how many have confirmed it so far."""
    about = done.gathering
    return card(
        _title(about),
        *(Line(line) for line in _said(done)),
        *(Line(line) for line in _numbers(about)),
        Line(_confirmed(about)),
        Row(
            (
                Button(text("Look again"), address("ga.look", about.id)),
                *(() if about.counts else (Button(text("Withdraw"), address("ga.drop", about.id), Tone.DANGER),)),
                Button(text("All branches"), address("br.page", 0)),
            )
        ),
    )


def _title(about: Recorded) -> Title:
    return Title(text("Gathering of {branch}, {day}", branch=about.branch, day=about.day))


def _said(done: Record) -> Iterator[Text]:
    if done.again:
        yield text("This is recorded already, and nothing changed.")
    if done.asks:
        yield text("Stored. These chapters are asked whether they took part: {chapters}.", chapters=_named(done.asks))
    if not done.asks and not done.again:
        yield text(
            "The chapters that were named: {chapters}.", chapters=_named([each.name for each in done.gathering.asked if not each.hidden])
        )


def _named(names: "tuple[str, ...] | list[str]") -> Listing:
    more = len(names) - NAMED
    shown: tuple[str | Text, ...] = tuple(names[:NAMED])
    return Listing((*shown, counted("{n} more", "{n} more", more)) if more > 0 else shown)


def _numbers(about: Recorded) -> Iterator[Text]:
    numbers = []
    if about.people is not None:
        numbers.append(counted("{n} person", "{n} people", about.people))
    if about.delegates is not None:
        numbers.append(counted("{n} delegate", "{n} delegates", about.delegates))
    if numbers:
        yield text("{parts}", parts=Listing(tuple(numbers), "comma"))


def _confirmed(about: Recorded) -> Text:
    seen = [each for each in about.asked if not each.hidden]
    confirmed = sum(each.state == "confirmed" for each in seen)
    if about.counts:
        return text("It counts: enough of its chapters have confirmed it.")
    return text(
        "{confirmed} of {asked} chapters have confirmed it so far. It counts from {n} on.",
        confirmed=confirmed,
        asked=len(seen),
        n=CONFIRMED,
    )


def withdraw_card(done: Record) -> Card:
    """Asks once more before a gathering is withdrawn."""
    about = done.gathering
    return card(
        _title(about),
        Line(text("Withdraw it? Then its chapters are not asked any more, and it counts for nothing.")),
        Row(
            (
                Button(text("Yes, withdraw it"), address("ga.gone", about.id), Tone.DANGER),
                Button(text("Leave it"), address("ga.look", about.id)),
            )
        ),
    )


def withdrawn_card(about: Recorded) -> Card:
    """A gathering that is no longer recorded."""
    return card(_title(about), Line(text("It is withdrawn and counts for nothing.")), _LIST)
