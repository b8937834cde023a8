"""The monthly report: what its card shows, saving a part, publishing, skipping, putting off."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.domain import calendar, owed
from bot.domain import reports as rules
from bot.domain.calendar import Month
from bot.domain.chapters import Chapter, Dues, Visibility
from bot.domain.checkins import Tally
from bot.domain.functioning import Verdict
from bot.domain.refusal import Refusal
from bot.domain.reports import Answers, Part, Report, State
from bot.domain.rights import Action, Caller
from bot.domain.text import text
from bot.services import access, checkins, duty, standing
from bot.services.access import Scope
from bot.services.facts import Key, confirm
from db import changes, chapters, facts, organisations, outbox, reports, summaries
from db.organisations import Organisation
from db.reports import Saved, Stored
from db.store import Connection, Store

LATER_DAYS = (1, 3)
LATER_HOUR = 9
PROMPTS = ("prompt", "later", "first_nudge", "second_nudge")


@dataclass(frozen=True, slots=True)
class ReportCard:
    """Everything that the card of a period shows, and what can be done with it."""

    organisation: Organisation
    chapter: Chapter
    period: Month
    state: State | None
    due: date
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

    @property
    def missing(self) -> tuple[Part, ...]:
        """The parts that nobody has answered yet."""
        return tuple(part for part in Part if part not in self.saved)

    @property
    def suggested(self) -> Report:
        """The answers with what check-ins know filled in."""
        return rules.suggested(self.report, self.known)

    def version(self, part: Part) -> int:
        """The version of a part that this card shows; 0 where nothing is saved."""
        return self.saved[part].version if part in self.saved else 0


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else saved the same part in between: theirs stays until the asker chooses."""

    card: ReportCard
    part: Part
    theirs: Saved
    yours: Answers


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing came to."""

    card: ReportCard
    verdict: Verdict
    next_on_duty: int | None
    channel_id: int | None
    again: bool


async def card(store: Store, caller: Caller, chapter_id: int, period: Month | None, now: datetime) -> ReportCard:
    """The card of a period (without one: the newest owed, else the last full month) for somebody who may fill it in."""
    async with store.read() as c:
        scope = await access.pressed(c, caller, chapter_id)
        return await _card_for(c, scope, period, now)


async def card_by_name(
    store: Store, caller: Caller, chapter: str | None, period: Month | None, now: datetime
) -> tuple[ReportCard, tuple[int, int] | None]:
    """The same for a command, with channel and message of the period's prompt if it stands in the chapter's own channel."""
    async with store.read() as c:
        scope = await access.named(c, caller, chapter, own=True)
        shown = await _card_for(c, scope, period, now)
        sent = await outbox.sent_messages(c, scope.guild_id, scope.chapter.id, ["prompt"], shown.period)
    places = [(each.channel_id, each.message_id) for each in sent if each.channel_id is not None and each.message_id is not None]
    return shown, next((place for place in reversed(places) if place[0] == scope.chapter.channel_id), None)


async def _card_for(c: Connection, scope: Scope, period: Month | None, now: datetime) -> ReportCard:
    scope.require(Action.FILL_REPORT)
    today = scope.today(now)
    chosen = period or await newest_period(c, scope, now)
    rules.check_period(chosen, today)
    return await read_card(c, scope.organisation, scope.chapter, chosen, now)


async def newest_period(c: Connection, scope: Scope, now: datetime) -> Month:
    """The newest owed period, else the last full month."""
    policy = await organisations.policy_in_force(c, scope.guild_id)
    (history,) = await summaries.read(c, scope.guild_id, [scope.chapter.id], policy)
    asked_for = history.facts(now).owed.asked_for
    return asked_for or Month.of(scope.today(now)).plus(-1)


async def read_card(c: Connection, organisation: Organisation, chapter: Chapter, period: Month, now: datetime) -> ReportCard:
    """The card of a chapter's period as it stands now."""
    guild_id = organisation.guild_id
    policy = await organisations.policy_in_force(c, guild_id)
    (history,) = await summaries.read(c, guild_id, [chapter.id], policy)
    known = await checkins.tally(c, guild_id, chapter.id, period, policy)
    stored = await reports.find(c, guild_id, chapter.id, period)
    saved = await reports.parts(c, guild_id, stored.id) if stored else {}
    admins = await chapters.admins(c, guild_id, chapter.id)
    here = await duty.present(c, guild_id, admins, now)
    chain = history.facts(now).owed
    state = _state(stored, saved, period, chain)
    today = calendar.today(now, chapter.zone)
    return ReportCard(
        organisation=organisation,
        chapter=chapter,
        period=period,
        state=state,
        due=owed.due_day(period, policy),
        report=_report(saved),
        saved=saved,
        known=known,
        last_members=history.members,
        asks_dues=await _asks_dues(c, guild_id, chapter.id, today),
        may_share=stored.may_share if stored else False,
        quiet_offered=await reports.newest_published(c, guild_id, chapter.id) is not None,
        later_offered=chain.asked_for == period,
        admins=tuple(admins),
        gone=tuple(admin for admin in admins if admin not in here),
        published_by=stored.published_by if stored else None,
        published_at=stored.published_at if stored else None,
        skip_reason=stored.skip_reason if stored else None,
        post=post_of(stored),
    )


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
    whole = Report()
    for part, each in saved.items():
        whole = replace(whole, **{part.value: each.answers})  # type: ignore[arg-type]
    return whole


def post_of(stored: Stored | None) -> tuple[int, int] | None:
    """Channel and message of the report's post, once it is out."""
    if stored is None or stored.post_channel_id is None or stored.post_message_id is None:
        return None
    return stored.post_channel_id, stored.post_message_id


async def _asks_dues(c: Connection, guild_id: int, chapter_id: int, today: date) -> bool:
    known = await facts.newest(c, guild_id, Key.DUES, chapter_id=chapter_id)
    return known is None or rules.asks_dues(Dues(known.value), known.confirmed_on, today)


async def save_part(
    store: Store,
    caller: Caller,
    chapter_id: int,
    period: Month,
    part: Part,
    answers: Answers,
    seen: int,
    seen_in: int | None,
    now: datetime,
) -> ReportCard | Conflict:
    """Stores one part as a draft at once, unless somebody saved another one since the asker's form was opened; then shows both.

    `seen_in` is the message whose card the asker is looking at: the period's other cards are brought up to date.
    """
    tidy = rules.check(answers)
    async with store.write() as c:
        scope = await access.pressed(c, caller, chapter_id)
        scope.require(Action.FILL_REPORT)
        rules.check_period(period, scope.today(now))
        stored = await reports.open_(c, scope.guild_id, chapter_id, period)
        there = (await reports.parts(c, scope.guild_id, stored.id)).get(part)
        if there is None or there.answers != tidy:
            if not await reports.save_part(c, scope.guild_id, stored.id, part, tidy, seen, now, caller.user_id):
                assert there is not None
                return Conflict(await read_card(c, scope.organisation, scope.chapter, period, now), part, there, tidy)
            await changes.log(
                c, scope.guild_id, "report.save", now, caller.user_id, chapter_id=chapter_id, fields=sorted(rules.to_plain(tidy))
            )
            await _refresh_cards(c, scope, period, f"{part}:{seen + 1}", seen_in, now)
        return await read_card(c, scope.organisation, scope.chapter, period, now)


async def _refresh_cards(c: Connection, scope: Scope, period: Month, what: str, seen_in: int | None, now: datetime) -> None:
    places = await outbox.sent_messages(c, scope.guild_id, scope.chapter.id, PROMPTS, period)
    if any(place.message_id != seen_in for place in places):
        key = f"refresh:{scope.chapter.id}:{period}:{what}:{int(now.timestamp() * 1000)}"
        await outbox.put(c, scope.guild_id, "refresh", key, now, now, chapter_id=scope.chapter.id, period=period, but=seen_in)


async def share(
    store: Store, caller: Caller, chapter_id: int, period: Month, may_share: bool, seen_in: int | None, now: datetime
) -> ReportCard:
    """Chooses whether other chapters and the public page may quote what is hard."""
    async with store.write() as c:
        scope = await access.pressed(c, caller, chapter_id)
        scope.require(Action.FILL_REPORT)
        rules.check_period(period, scope.today(now))
        stored = await reports.open_(c, scope.guild_id, chapter_id, period)
        if stored.may_share != may_share:
            await reports.change(c, scope.guild_id, stored.id, may_share=may_share)
            await changes.log(c, scope.guild_id, "report.share", now, caller.user_id, chapter_id=chapter_id, fields=["may_share"])
            await _refresh_cards(c, scope, period, "share", seen_in, now)
        return await read_card(c, scope.organisation, scope.chapter, period, now)


async def publish(store: Store, caller: Caller, chapter_id: int, period: Month, now: datetime, *, quiet: bool = False) -> Published:
    """Publishes what is saved, or a quiet month as counted: report, evidence, duty, log and the post's errand in one transaction."""
    async with store.write() as c:
        scope = await access.pressed(c, caller, chapter_id)
        scope.require(Action.PUBLISH_REPORT)
        shown = await _card_for(c, scope, period, now)
        stored = await reports.open_(c, scope.guild_id, chapter_id, period)
        content = await _content(c, shown, stored, quiet=quiet, now=now, by=caller.user_id)
        before = await reports.published(c, scope.guild_id, stored.id, stored.version)
        again = before == content.public()
        if not again:
            await _publish(c, scope, shown, stored, content, now, quiet=quiet)
        verdict = await standing.verdict(c, scope.guild_id, scope.chapter, now)
        chapter = await chapters.find(c, scope.guild_id, chapter_id)
        card = await read_card(c, scope.organisation, chapter or scope.chapter, period, now)
    posts = scope.organisation.reports_channel if scope.chapter.visibility is not Visibility.HIDDEN else None
    return Published(card, verdict, card.chapter.duty_user_id, posts, again)


async def _content(c: Connection, shown: ReportCard, stored: Stored, *, quiet: bool, now: datetime, by: int) -> Report:
    if quiet:
        if stored.first_published_at is not None:
            return await reports.published(c, stored.guild_id, stored.id, stored.version) or Report()
        if not shown.quiet_offered:
            raise Refusal(
                text("A quiet month can be told once something was reported before. Answer one question this time, then press Publish.")
            )
        content = rules.quiet_month(shown.known)
        for part in (Part.PEOPLE, Part.ACTIVITY):
            await reports.save_part(c, stored.guild_id, stored.id, part, content.part(part), shown.version(part), now, by)
        return content
    if not any(rules.answered(saved.answers) for saved in shown.saved.values()):
        raise Refusal(text("Nothing is answered yet. Answer one question, or press Quiet month."))
    return shown.report


async def _publish(c: Connection, scope: Scope, shown: ReportCard, stored: Stored, content: Report, now: datetime, *, quiet: bool) -> None:
    guild_id, chapter_id, period, today = scope.guild_id, scope.chapter.id, shown.period, scope.today(now)
    by = scope.caller.user_id
    first = stored.first_published_at is None
    await reports.add_version(c, stored, content, now, by, on=today, quiet=quiet)
    if first:
        claimed = {} if quiet else rules.claimed(content.activity, shown.known)
        await reports.set_evidence(c, stored, today, claimed, in_time=shown.state is not State.MISSED)
        await _close(c, scope, period)
    if content.words.dues is not None:
        await confirm(c, guild_id, chapter_id=chapter_id, key=Key.DUES, value=content.words.dues, day=today, now=now, by=by)
    await summaries.refresh(c, guild_id, [chapter_id], now)
    kind = "report.publish" if first else "report.correct"
    await changes.log(c, guild_id, kind, now, by, chapter_id=chapter_id, fields=sorted(part.value for part in shown.saved))
    await _owe_post(c, scope, stored, now)


async def _owe_post(c: Connection, scope: Scope, stored: Stored, now: datetime) -> None:
    key = f"report:{stored.id}:{stored.version + 1}"
    if scope.organisation.reports_channel is None or scope.chapter.visibility is Visibility.HIDDEN:
        await _refresh_cards(c, scope, stored.period, "published", None, now)
    else:
        await outbox.put(c, scope.guild_id, "report", key, now, now, chapter_id=scope.chapter.id, period=stored.period)


async def _close(c: Connection, scope: Scope, period: Month) -> None:
    """What holds once a period is answered: duty passes on, and what would remind of it is not wanted any more."""
    await duty.pass_on(c, scope.guild_id, scope.chapter.id, period)
    await outbox.withdraw(c, scope.guild_id, scope.chapter.id, ["prompt", "first_nudge", "second_nudge", "later"], period, "answered")


async def skip(store: Store, caller: Caller, chapter_id: int, period: Month, reason: str, now: datetime) -> ReportCard:
    """Skips a period with a reason; a published one stays published; skipping twice changes nothing."""
    tidy = rules.check_skip_reason(reason)
    async with store.write() as c:
        scope = await access.pressed(c, caller, chapter_id)
        scope.require(Action.PUBLISH_REPORT)
        rules.check_period(period, scope.today(now))
        stored = await reports.open_(c, scope.guild_id, chapter_id, period)
        if stored.first_published_at is not None:
            raise Refusal(text("{period} is published already, so it need not be skipped. To change it, correct it.", period=period))
        if stored.skipped_at is None:
            await reports.change(c, scope.guild_id, stored.id, skipped_at=now, skipped_by=caller.user_id, skip_reason=tidy)
            await _close(c, scope, period)
            await summaries.refresh(c, scope.guild_id, [chapter_id], now)
            await changes.log(c, scope.guild_id, "report.skip", now, caller.user_id, chapter_id=chapter_id, fields=["skip_reason"])
            await _refresh_cards(c, scope, period, "skipped", None, now)
        chapter = await chapters.find(c, scope.guild_id, chapter_id)
        return await read_card(c, scope.organisation, chapter or scope.chapter, period, now)


async def later(store: Store, caller: Caller, chapter_id: int, period: Month, days: int, now: datetime) -> datetime:
    """Puts off being asked: one direct message to the asker at 09:00 of that day; answers that moment."""
    if days not in LATER_DAYS:
        raise Refusal(text("You can be reminded tomorrow or in 3 days."))
    async with store.write() as c:
        scope = await access.pressed(c, caller, chapter_id)
        shown = await _card_for(c, scope, period, now)
        if not shown.later_offered:
            raise Refusal(text("{period} is not asked for any more, so there is no reminder. It can still be filled in.", period=period))
        day = scope.today(now) + timedelta(days=days)
        due = calendar.moment(day, LATER_HOUR, scope.chapter.zone)
        stored = await reports.open_(c, scope.guild_id, chapter_id, period)
        await reports.change(c, scope.guild_id, stored.id, later_until=max(day, stored.later_until or day))
        key = f"later:{chapter_id}:{period}:{caller.user_id}:{day}"
        missed = owed.becomes_missed(await _chain(c, scope, now), period, scope.chapter.zone)
        await outbox.put(
            c, scope.guild_id, "later", key, due, now, chapter_id=chapter_id, period=period, expires_at=missed, user_id=caller.user_id
        )
        await summaries.refresh(c, scope.guild_id, [chapter_id], now)
    return due


async def _chain(c: Connection, scope: Scope, now: datetime) -> owed.Owed:
    policy = await organisations.policy_in_force(c, scope.guild_id)
    (history,) = await summaries.read(c, scope.guild_id, [scope.chapter.id], policy)
    return history.facts(now).owed
