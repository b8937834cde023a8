"""The monthly report: saving a part, publishing, skipping, putting off."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain import calendar, owed
from bot.domain import reports as rules
from bot.domain.calendar import Month
from bot.domain.chapters import Visibility
from bot.domain.errands import PROMPTS
from bot.domain.functioning import Verdict
from bot.domain.refusal import Refusal
from bot.domain.reports import Answers, Part, Report, State
from bot.domain.rights import Action, Caller
from bot.domain.text import text
from bot.services import access, duty, echoes, evaluations, standing
from bot.services.access import Scope
from bot.services.echoes import Echo
from bot.services.facts import Key, confirm
from bot.services.periods import ReportCard, card_for, read_card
from db import changes, chapters, outbox, reports, stale, summaries
from db.reports import Saved, Stored
from db.store import Connection, Store

LATER_DAYS = (1, 3)


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
    corrected: bool
    echo: Echo | None = None


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
    unasked: Iterable[str] = (),
) -> ReportCard | Conflict:
    """Stores one part as a draft at once, unless somebody saved another one since the asker's form was opened; then shows both.

    `seen_in` is the message whose card the asker is looking at: the period's other cards are brought up to date.
    `unasked` are the questions that the asker's form did not hold; a private note is changed by nobody who may not see it.
    """
    tidy = rules.check(answers)
    async with store.write() as c:
        scope = await access.pressed(c, caller, chapter_id)
        scope.require(Action.FILL_REPORT)
        rules.check_period(period, scope.today(now))
        stored, saved = await reports.with_parts(c, scope.guild_id, chapter_id, period)
        stored = stored or await reports.open_(c, scope.guild_id, chapter_id, period)
        there = saved.get(part)
        before = there.answers if there is not None else None
        hidden = {"private_note"} if part is Part.WORDS and not scope.may(Action.SEE_PRIVATE) else set()
        apart = set(rules.questions(part)).difference(scope.organisation.policy.questions)
        tidy = rules.keeping(before, tidy, hidden.union(unasked), apart)
        if there is None or there.answers != tidy:
            if not await reports.save_part(c, scope.guild_id, stored.id, part, tidy, seen, now, caller.user_id):
                assert there is not None
                return Conflict(await read_card(c, scope.organisation, scope.chapter, period, now, admins=scope.admins), part, there, tidy)
            named = rules.changed(before, tidy)
            await changes.log(c, scope.guild_id, "report.save", now, caller.user_id, chapter_id=chapter_id, fields=named)
            await _refresh_cards(c, scope, period, f"{part}:{seen + 1}", seen_in, now)
        return await read_card(c, scope.organisation, scope.chapter, period, now, admins=scope.admins)


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
            if not may_share:
                await evaluations.show_again(c, scope.guild_id, now)
        return await read_card(c, scope.organisation, scope.chapter, period, now, admins=scope.admins)


async def publish(store: Store, caller: Caller, chapter_id: int, period: Month, now: datetime, *, quiet: bool = False) -> Published:
    """Publishes what is saved, or a quiet month as counted: report, evidence, duty, log and the post's errand in one transaction."""
    async with store.write() as c:
        scope = await access.pressed(c, caller, chapter_id)
        scope.require(Action.PUBLISH_REPORT)
        shown = await card_for(c, scope, period, now)
        stored = await reports.open_(c, scope.guild_id, chapter_id, period)
        content = await _content(c, shown, stored, quiet=quiet, now=now, by=caller.user_id)
        before = await reports.published(c, scope.guild_id, stored.id, stored.version)
        again = before == content.public()
        if not again:
            await _publish(c, scope, shown, stored, content, before, now, quiet=quiet)
        verdict = await standing.verdict(c, scope.organisation, scope.chapter, now)
        chapter = await chapters.find(c, scope.guild_id, chapter_id)
        card = await read_card(c, scope.organisation, chapter or scope.chapter, period, now, admins=scope.admins)
    posts = scope.organisation.reports_channel if scope.chapter.visibility is not Visibility.HIDDEN else None
    corrected = stored.first_published_at is not None and not again
    echo = await echoes.heard(store, card.chapter, period)
    return Published(card, verdict, card.chapter.duty_user_id, posts, corrected, echo)


async def _content(c: Connection, shown: ReportCard, stored: Stored, *, quiet: bool, now: datetime, by: int) -> Report:
    if quiet:
        if stored.first_published_at is not None:
            return await reports.published(c, stored.guild_id, stored.id, stored.version) or Report()
        if rules.says_something(shown.report):
            raise Refusal(text("Something is answered already, and a quiet month would leave it out. Press Publish instead."))
        if not shown.quiet_offered:
            raise Refusal(
                text("Quiet month works once your chapter has published a report. Answer one question this time, then press Publish.")
            )
        content = rules.quiet_month(shown.known, shown.asked)
        for part in (Part.PEOPLE, Part.ACTIVITY):
            await reports.save_part(c, stored.guild_id, stored.id, part, content.part(part), shown.version(part), now, by)
        return content
    if not rules.says_something(shown.report):
        if shown.quiet_offered:
            raise Refusal(text("Nothing is answered yet. Answer one question, or press Quiet month."))
        raise Refusal(text("Nothing is answered yet. Answer one question, then press Publish."))
    return shown.report


async def _publish(
    c: Connection, scope: Scope, shown: ReportCard, stored: Stored, content: Report, before: Report | None, now: datetime, *, quiet: bool
) -> None:
    guild_id, chapter_id, period, today = scope.guild_id, scope.chapter.id, shown.period, scope.today(now)
    by = scope.caller.user_id
    await reports.add_version(c, stored, content, now, by, on=today, quiet=quiet)
    await stale.from_day(c, guild_id, stored.first_published_on or today, now)
    await stale.from_month(c, guild_id, period)
    if before is None:
        claimed = {} if quiet else rules.claimed(content.activity, shown.known)
        await reports.set_evidence(c, stored, today, claimed, in_time=shown.state is not State.MISSED)
        await _close(c, scope, period, now)
    # A correction of something else does not say again today what was said about dues then.
    if content.words.dues is not None and (before is None or content.words.dues is not before.words.dues):
        await confirm(c, guild_id, chapter_id=chapter_id, key=Key.DUES, value=content.words.dues, day=today, now=now, by=by)
    await summaries.refresh(c, guild_id, [chapter_id], now)
    if before is None:
        kind, named = "report.publish", sorted(part.value for part in shown.saved)
    else:
        kind, named = "report.correct", [name for part in Part for name in rules.changed(before.part(part), content.part(part))]
    await changes.log(c, guild_id, kind, now, by, chapter_id=chapter_id, fields=named)
    await _owe_post(c, scope, stored, now)


async def _owe_post(c: Connection, scope: Scope, stored: Stored, now: datetime) -> None:
    key = f"report:{stored.id}:{stored.version + 1}"
    nowhere = scope.organisation.reports_channel is None and stored.post_message_id is None
    if nowhere or scope.chapter.visibility is Visibility.HIDDEN:
        await _refresh_cards(c, scope, stored.period, "published", None, now)
    else:
        await outbox.put(c, scope.guild_id, "report", key, now, now, chapter_id=scope.chapter.id, period=stored.period)


async def _close(c: Connection, scope: Scope, period: Month, now: datetime) -> None:
    """What holds once a period is answered: duty passes on, and what would remind of it is not wanted any more."""
    await duty.pass_on(c, scope.guild_id, scope.chapter.id, period, now)
    await outbox.withdraw(c, scope.guild_id, scope.chapter.id, PROMPTS, period, "answered")


async def may_skip(store: Store, caller: Caller, chapter_id: int, period: Month, now: datetime) -> None:
    """Refuses who may not skip a period, and one that is published, before they write why."""
    async with store.read() as c:
        await _skipping(c, caller, chapter_id, period, now)


async def _skipping(c: Connection, caller: Caller, chapter_id: int, period: Month, now: datetime) -> Scope:
    scope = await access.pressed(c, caller, chapter_id)
    scope.require(Action.PUBLISH_REPORT)
    rules.check_period(period, scope.today(now))
    stored = await reports.find(c, scope.guild_id, chapter_id, period)
    if stored is not None and stored.first_published_at is not None:
        raise Refusal(
            text(
                "{period} is published already, so it cannot be skipped. To change it, type /reports read and press Correct.", period=period
            )
        )
    return scope


async def skip(store: Store, caller: Caller, chapter_id: int, period: Month, reason: str, now: datetime) -> ReportCard:
    """Skips a period with a reason; a published one stays published; skipping twice changes nothing."""
    tidy = rules.check_skip_reason(reason)
    async with store.write() as c:
        scope = await _skipping(c, caller, chapter_id, period, now)
        stored = await reports.open_(c, scope.guild_id, chapter_id, period)
        if stored.skipped_at is None:
            await reports.change(c, scope.guild_id, stored.id, skipped_at=now, skipped_by=caller.user_id, skip_reason=tidy)
            await _close(c, scope, period, now)
            await summaries.refresh(c, scope.guild_id, [chapter_id], now, scope.organisation.policy)
            await changes.log(c, scope.guild_id, "report.skip", now, caller.user_id, chapter_id=chapter_id, fields=["skip_reason"])
            await _refresh_cards(c, scope, period, "skipped", None, now)
        chapter = await chapters.find(c, scope.guild_id, chapter_id)
        return await read_card(c, scope.organisation, chapter or scope.chapter, period, now, admins=scope.admins)


async def later(store: Store, caller: Caller, chapter_id: int, period: Month, days: int, now: datetime) -> datetime:
    """Puts off being asked: one direct message to the asker at 09:00 of that day; answers that moment."""
    if days not in LATER_DAYS:
        raise Refusal(text("You can be reminded tomorrow or in 3 days."))
    async with store.write() as c:
        scope = await access.pressed(c, caller, chapter_id)
        shown = await card_for(c, scope, period, now)
        if not shown.later_offered:
            raise Refusal(
                text("There is no reminder for {period}, because it is not asked for any more. You can still fill it in.", period=period)
            )
        day = scope.today(now) + timedelta(days=days)
        due = calendar.moment(day, scope.organisation.policy.later_hour, scope.chapter.zone)
        missed = owed.becomes_missed(await _chain(c, scope, now), period, scope.chapter.zone)
        if missed is not None and due >= missed:
            raise Refusal(
                text("{period} is not asked for any more by then, so no reminder would come. Please fill it in before.", period=period)
            )
        stored = await reports.open_(c, scope.guild_id, chapter_id, period)
        until = max(day, stored.later_until or day)
        if until != stored.later_until:
            await reports.change(c, scope.guild_id, stored.id, later_until=until)
            await changes.log(c, scope.guild_id, "report.later", now, caller.user_id, chapter_id=chapter_id, fields=["later_until"])
        key = f"later:{chapter_id}:{period}:{caller.user_id}:{day}"
        await outbox.put(
            c, scope.guild_id, "later", key, due, now, chapter_id=chapter_id, period=period, expires_at=missed, user_id=caller.user_id
        )
        await summaries.refresh(c, scope.guild_id, [chapter_id], now, scope.organisation.policy)
    return due


async def _chain(c: Connection, scope: Scope, now: datetime) -> owed.Owed:
    policy = scope.organisation.policy
    (history,) = await summaries.read(c, scope.guild_id, [scope.chapter.id], policy)
    return history.facts(now).owed
