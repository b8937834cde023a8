"""What the card of a chapter's period shows, read from what is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from bot.domain import calendar, owed
from bot.domain import reports as rules
from bot.domain.calendar import Month
from bot.domain.chapters import Chapter
from bot.domain.checkins import Tally
from bot.domain.reports import Part, Report, State
from bot.domain.rights import Action, Caller
from bot.services import access, checkins, duty
from bot.services.access import Scope
from db import organisations, outbox, people, reports, summaries
from db.organisations import Organisation
from db.reports import Saved, Stored
from db.store import Connection, Store
from db.summaries import History


@dataclass(frozen=True, slots=True)
class ReportCard:
    """Everything that the card of a period shows, and what can be done with it."""

    organisation: Organisation
    chapter: Chapter
    period: Month
    state: State | None
    due: date
    expected: bool
    report: Report
    saved: Mapping[Part, Saved]
    known: Tally
    last_members: int | None
    asks_dues: bool
    may_share: bool
    quiet_offered: bool
    later_offered: bool
    admins: tuple[int, ...]
    gone: tuple[int, ...]
    published_by: int | None
    published_at: datetime | None
    skip_reason: str | None
    post: tuple[int, int] | None
    sees_private: bool = True

    @property
    def asked(self) -> tuple[str, ...]:
        """The questions that the organisation asks."""
        return self.organisation.policy.questions

    def questions(self, part: Part) -> frozenset[str]:
        """The questions of a part that the asker is asked now."""
        apart = (set() if self.asks_dues else {"dues"}) | (set() if self.sees_private else {"private_note"})
        return frozenset(rules.questions(part)).intersection(self.asked) - apart

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of which anything is asked."""
        return tuple(part for part in Part if self.questions(part))

    @property
    def missing(self) -> tuple[Part, ...]:
        """The parts that nobody has answered yet."""
        return tuple(part for part in self.parts if part not in self.saved)

    @property
    def suggested(self) -> Report:
        """The answers with what check-ins know filled in."""
        return rules.suggested(self.report, self.known, self.asked)

    def version(self, part: Part) -> int:
        """The version of a part that this card shows; 0 where nothing is saved."""
        return self.saved[part].version if part in self.saved else 0


async def card(store: Store, caller: Caller, chapter_id: int, period: Month | None, now: datetime) -> ReportCard:
    """The card of a period (without one: the newest owed, else the last full month) for somebody who may fill it in."""
    async with store.read() as c:
        scope = await access.pressed(c, caller, chapter_id)
        return await card_for(c, scope, period, now)


async def card_by_name(
    store: Store, caller: Caller, chapter: str | None, period: Month | None, now: datetime
) -> tuple[ReportCard, tuple[int, int] | None]:
    """The same for a command, with channel and message of the period's prompt if it stands in the chapter's own channel."""
    async with store.read() as c:
        scope = await access.named(c, caller, chapter, own=True)
        shown = await card_for(c, scope, period, now)
        sent = await outbox.sent_messages(c, scope.guild_id, scope.chapter.id, ["prompt"], shown.period)
    places = [(each.channel_id, each.message_id) for each in sent if each.channel_id is not None and each.message_id is not None]
    return shown, next((place for place in reversed(places) if place[0] == scope.chapter.channel_id), None)


async def card_for(c: Connection, scope: Scope, period: Month | None, now: datetime) -> ReportCard:
    """The card of a period for somebody who may fill it in; refuses anybody else, and a month that is not over."""
    scope.require(Action.FILL_REPORT)
    today = scope.today(now)
    history = await _history(c, scope.organisation, scope.chapter)
    chosen = period or history.facts(now).owed.asked_for or Month.of(today).plus(-1)
    rules.check_period(chosen, today)
    shown = await read_card(c, scope.organisation, scope.chapter, chosen, now, admins=scope.admins, history=history)
    return replace(shown, sees_private=scope.may(Action.SEE_PRIVATE))


async def come_due(c: Connection, guild_id: int, chapter_id: int, now: datetime) -> None:
    """Notes what has come to be owed by this moment, before something changes by which the next periods are counted."""
    policy = await organisations.policy_in_force(c, guild_id)
    for history in await summaries.read(c, guild_id, [chapter_id], policy):
        await note_owed(c, history, now)


async def note_owed(c: Connection, history: History, now: datetime) -> None:
    """Notes the periods of a chapter that have come to be owed by this moment."""
    became = [month for month in history.facts(now).owed.unanswered if month not in history.owed.unanswered]
    await reports.become_owed(c, history.chapter.guild_id, history.chapter.id, became)


async def read_card(
    c: Connection,
    organisation: Organisation,
    chapter: Chapter,
    period: Month,
    now: datetime,
    *,
    admins: Sequence[int] | None = None,
    history: History | None = None,
) -> ReportCard:
    """The card of a chapter's period as it stands now; what is given is not read anew."""
    guild_id, policy = organisation.guild_id, organisation.policy
    history = history or await _history(c, organisation, chapter)
    known = await checkins.tally(c, guild_id, chapter.id, period, policy)
    stored, saved = await reports.with_parts(c, guild_id, chapter.id, period)
    admins = await people.admins(c, guild_id, chapter.id) if admins is None else admins
    here = await duty.present(c, guild_id, admins, now)
    chain = history.facts(now).owed
    state = _state(stored, saved, period, chain)
    today, report = calendar.today(now, chapter.zone), _report(saved)
    if stored is None or stored.first_published_at is None:
        # What was published stays; of a draft only what is still asked is shown and published.
        report = rules.only(report, policy.questions)
        saved = {part: replace(each, answers=report.part(part)) for part, each in saved.items()}
    return ReportCard(
        organisation=organisation,
        chapter=chapter,
        period=period,
        state=state,
        due=owed.due_day(period, policy),
        expected=chain.first is not None and period >= chain.first,
        report=report,
        saved=saved,
        known=known,
        last_members=history.members,
        asks_dues="dues" in policy.questions and rules.asks_dues(history.dues, history.dues_on, today, policy),
        may_share=stored.may_share if stored else False,
        quiet_offered=not rules.says_something(report) and await reports.newest_published(c, guild_id, chapter.id) is not None,
        later_offered=chain.asked_for == period,
        admins=tuple(admins),
        gone=tuple(admin for admin in admins if admin not in here),
        published_by=await reports.publisher(c, stored) if stored else None,
        published_at=stored.first_published_at if stored else None,
        skip_reason=stored.skip_reason if stored else None,
        post=post_of(stored),
    )


async def _history(c: Connection, organisation: Organisation, chapter: Chapter) -> History:
    (history,) = await summaries.read(c, organisation.guild_id, [chapter.id], organisation.policy)
    return history


def _state(stored: Stored | None, saved: Mapping[Part, Saved], period: Month, chain: owed.Owed) -> State | None:
    return rules.state(
        period=period,
        published=stored is not None and stored.first_published_at is not None,
        skipped=stored is not None and stored.skipped_at is not None,
        draft=bool(saved),
        asked=chain.newest_owed == period or (stored is not None and stored.owed),
        newest_owed=chain.newest_owed,
        newest_answered=chain.newest_answered,
    )


def _report(saved: Mapping[Part, Saved]) -> Report:
    answers: dict[str, Any] = {part.value: each.answers for part, each in saved.items()}
    return Report(**answers)


def post_of(stored: Stored | None) -> tuple[int, int] | None:
    """Channel and message of the report's post, once it is out."""
    if stored is None or stored.post_channel_id is None or stored.post_message_id is None:
        return None
    return stored.post_channel_id, stored.post_message_id
