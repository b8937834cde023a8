"""Fourteen months of the sample organisation, stored as its people would have: each entry at the moment at which it was made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.demo.past import POLICY, Answer, Past, founded_at, shown_since
from bot.demo.towns import (
    COLLECTING_BRANCH,
    COUNTRIES,
    GATHERINGS,
    HOME,
    LEEDS,
    LONDON,
    OUTSIDE_CHAPTERS,
    PORTO,
    TOGETHER,
    TOWNS,
    VOLOS,
    Town,
)
from bot.domain import calendar, errands, privacy, reports
from bot.domain import checkins as rules
from bot.domain.calendar import Month
from bot.domain.chapters import Dues, Money, State
from bot.domain.checkins import CheckIn, Kind, PartnerState
from bot.domain.duty import Turns
from bot.domain.goals import CHECKINS_PREFIX, Goal, Metric
from bot.domain.reports import Part
from bot.domain.rights import Caller
from bot.services import goals, links, organisations, periods, places
from bot.services import reports as reporting
from bot.services.facts import Delegate, Key
from bot.services.organisations import SetUp
from db import (
    asking,
    changes,
    chapters,
    checkins,
    compositions,
    evidence,
    facilitation,
    facts,
    gatherings,
    outbox,
    people,
    stale,
    summaries,
    trends,
)
from db import goals as stored_goals
from db import organisations as stored_organisations
from db import reports as stored_reports
from db.changes import Line
from db.facilitation import Note
from db.store import Connection, Store

COUNTED_MONTHS_BEFORE = 8
MEETINGS_TO_LEARN = 100
IN_TOUCH = ((PORTO, "Fay", 25), (LEEDS, "Fay", 60), ("Gdańsk", "Gil", 33))
"""Which chapter, who was in touch with it, and how many days ago."""


@dataclass(frozen=True, slots=True)
class Seat:
    """The server that the organisation sits in: the ids of its roles, channels and people by their names."""

    guild_id: int
    roles: Mapping[str, int]
    channels: Mapping[str, int]
    people: Mapping[str, int]

    def caller(self, name: str) -> Caller:
        """One of its people, asking for something in the server."""
        held = {"Cora": "Coordinators", "Fay": "Facilitators", "Gil": "Facilitators"}.get(name)
        roles = frozenset() if held is None else frozenset({self.roles[held]})
        return Caller(self.people[name], self.guild_id, roles, frozenset(self.roles.values()))


@dataclass(frozen=True, slots=True)
class Sample:
    """The organisation as it is stored: its chapters' ids by name, and what each has done."""

    seat: Seat
    now: datetime
    chapters: Mapping[str, int]
    pasts: Mapping[str, Past]

    @property
    def last(self) -> Answer:
        """London's newest report, which `found` leaves to be published."""
        return self.pasts[LONDON].answers[-1]


async def build(store: Store, seat: Seat, now: datetime) -> Sample:
    """Stores everything up to `now`."""
    sample = await found(store, seat, now)
    await publish(store, sample, sample.last)
    await keep_values(store, sample)
    return sample


async def found(store: Store, seat: Seat, now: datetime) -> Sample:
    """Stores the organisation and all that has happened in it but London's newest report."""
    began, cora = founded_at(now), replace(seat.caller("Cora"), manages_server=True)
    setup = SetUp(
        coordinator_role=seat.roles["Coordinators"],
        facilitator_role=seat.roles["Facilitators"],
        facilitators_channel=seat.channels["facilitators"],
        reports_channel=seat.channels["reports"],
        timezone=HOME.key,
        language="en",
    )
    await organisations.set_up(store, cora, setup, began)
    pasts = {town.name: Past(town, now) for town in TOWNS}
    async with store.write() as c:
        await asking.ask_all(c, seat.guild_id, began)
        await goals.adopt(c, seat.guild_id, _soon_due(began, now), began, cora.user_id)
        branches = await _branches(c, seat, began)
        writer = _Writer(c, Sample(seat, now, {}, pasts), branches)
        ids = {name: await writer.chapter(past) for name, past in pasts.items()}
        writer.sample = sample = Sample(seat, now, ids, pasts)
        await writer.prompts()
        await writer.checkins()
        await writer.reports()
        for past in pasts.values():
            await writer.standing(past)
        await writer.gatherings()
        await writer.members_outside()
        await writer.in_touch()
        await changes.log_lines(c, seat.guild_id, writer.log)
        for chapter_id in ids.values():
            await evidence.rebuild(c, seat.guild_id, chapter_id)
        await summaries.refresh(c, seat.guild_id, list(ids.values()), now)
    return sample


def _soon_due(began: datetime, now: datetime) -> Goal:
    """A goal whose deadline passes unreached at the end of this month, so that one can see what comes of it."""
    return Goal(
        0,
        f"{CHECKINS_PREFIX}{Kind.EDUCATION}",
        None,
        MEETINGS_TO_LEARN,
        calendar.today(began, HOME),
        Month.of(calendar.today(now, HOME)).last,
    )


async def ask(store: Store, sample: Sample, period: Month, at: datetime) -> None:
    """Has London asked how a month was, as the planner does on the day after it."""
    guild_id, chapter_id, kind = sample.seat.guild_id, sample.chapters[LONDON], errands.Kind.PROMPT
    async with store.write() as c:
        await stored_reports.become_owed(c, guild_id, chapter_id, [period])
        await outbox.put(c, guild_id, kind, _prompt_key(chapter_id, period), at, at, chapter_id=chapter_id, period=period)


def _prompt_key(chapter_id: int, period: Month) -> str:
    return f"{errands.Kind.PROMPT}:{chapter_id}:{period}:chapter"


async def publish(store: Store, sample: Sample, answer: Answer) -> None:
    """Has an admin fill in and publish a report, as with the buttons of its card."""
    caller, chapter_id = sample.seat.caller(answer.by), sample.chapters[answer.town.name]
    card = await periods.card(store, caller, chapter_id, answer.period, answer.at)
    report = answer.report(card.known)
    for part in Part:
        await reporting.save_part(store, caller, chapter_id, answer.period, part, report.part(part), 0, None, answer.at)
    await reporting.publish(store, caller, chapter_id, answer.period, answer.at)


async def keep_values(store: Store, sample: Sample) -> None:
    """Keeps what the goals came to at each month's end; the days since the last one are caught up with at the first tick."""
    seat, now = sample.seat, sample.now
    cora, today = seat.caller("Cora"), calendar.today(now, HOME)
    async with store.write() as c:
        organisation = await stored_organisations.find(c, seat.guild_id)
        assert organisation is not None
        await stale.from_month(c, seat.guild_id, Month.of(calendar.today(founded_at(now), HOME)))
    month = Month.of(calendar.today(founded_at(now), HOME))
    while month.last < today:
        board = await goals.progress(store, cora, now, str(month.last))
        async with store.write() as c:
            await stored_goals.keep_values(c, seat.guild_id, month.last, board.standings)
            link = await links.of_functioning(c, organisation, month, now)
            await trends.keep(c, seat.guild_id, Metric.FUNCTIONING_CHAPTERS, month, link)
        month = month.plus(1)
    while await links.keep(store, organisation, now):
        pass
    async with store.write() as c:
        await stale.nothing(c, seat.guild_id)


async def _branches(c: Connection, seat: Seat, began: datetime) -> dict[str, int]:
    made = {}
    by, day = seat.people["Cora"], calendar.today(began, HOME)
    for country, name in COUNTRIES.items():
        made[country] = await chapters.add_branch(c, seat.guild_id, country, name, places.currency(country, day))
        await changes.log(c, seat.guild_id, "branch.add", began, by, branch_id=made[country], fields=("country", "name", "currency"))
    for key, value in ((Key.MONEY, Money.BANK_ACCOUNT), (Key.DUES, Dues.COLLECTING)):
        await facts.confirm(
            c, seat.guild_id, key, value, day + timedelta(days=150), began + timedelta(days=150), by, branch_id=made[COLLECTING_BRANCH]
        )
    return made


@dataclass(slots=True)
class _Writer:
    """Writes in one transaction what the organisation's people did one by one; `log` is what the open log says of it."""

    c: Connection
    sample: Sample
    branches: Mapping[str, int]
    log: list[Line] = field(default_factory=list)

    @property
    def guild_id(self) -> int:
        return self.sample.seat.guild_id

    def _who(self, name: str) -> int:
        return self.sample.seat.people[name]

    def _id(self, town: Town) -> int:
        return self.sample.chapters[town.name]

    async def chapter(self, past: Past) -> int:
        """A chapter with its people and, if it rests, its rest."""
        c, town, at, seat, cora = self.c, past.town, past.added_at, self.sample.seat, self._who("Cora")
        values = {
            "name": town.name,
            "city": town.name,
            "branch_id": self.branches[town.country],
            "latitude": town.place[0],
            "longitude": town.place[1],
            "timezone": town.zone,
            "languages": list(town.languages),
            "channel_id": None if town.channel is None else seat.channels[town.channel],
            "role_id": seat.roles.get(town.name),
            "added_on": past.added_on,
            "visibility": town.visibility.value,
        }
        made = await chapters.add(c, self.guild_id, at, cora, **values)
        self.log.append(Line("chapter.add", at, cora, made, fields=tuple(values)))
        for name in town.admins:
            await people.add_admin(c, self.guild_id, made, self._who(name), at)
            self.log.append(Line("admin.add", at, cora, made))
        if town.facilitator is not None:
            by, claimed = self._who(town.facilitator), at + timedelta(days=2)
            await people.add_facilitator(c, self.guild_id, made, by, claimed)
            self.log.append(Line("facilitator.claim", claimed, by, made))
        if past.rest is not None:
            first, since, until = self._who(town.admins[0]), past.rest.since, past.rest.until
            at = calendar.moment(since, 19, past.zone)
            await chapters.set_state(c, self.guild_id, made, State.RESTING, since, until, at, first)
            self.log.append(Line("chapter.rest", at, first, made, fields=("until",)))
        return made

    async def checkins(self) -> None:
        """All check-ins, some of them with a partner chapter."""
        partners = {(recorder, ago): (name, yes) for recorder, ago, name, yes in TOGETHER}
        done = []
        for past in self.sample.pasts.values():
            for ago, entry in enumerate(reversed(past.entries)):
                chapter_id, by = self._id(past.town), self._who(entry.by)
                joined = partners.get((past.town.name, ago))
                said = () if joined is None else (self._partner(*joined),)
                done.append(checkins.Past(chapter_id, f"sample:{chapter_id}:{ago}", entry.checkin, entry.at, by, said))
                given = (name for name, value in checkins.to_plain(entry.checkin).items() if value is not None)
                self.log.append(Line("checkin.record", entry.at, by, chapter_id, fields=tuple(given)))
        ids = await checkins.add_many(self.c, self.guild_id, done)
        for each in done:
            for partner, state, _ in each.partners:
                if state is PartnerState.ASKED:
                    made, at = ids[each.form_key], each.recorded_at
                    key = f"partner:{made}:{partner}:1"
                    await outbox.put(self.c, self.guild_id, "partner", key, at, at, chapter_id=partner, checkin_id=made)

    def _partner(self, name: str, said_yes: bool) -> tuple[int, PartnerState, int | None]:
        state = PartnerState.CONFIRMED if said_yes else PartnerState.ASKED
        by = self._who(self.sample.pasts[name].town.admins[0]) if said_yes else None
        return self.sample.chapters[name], state, by

    async def reports(self) -> None:
        """All reports, published, skipped or left open; London's newest one is left to London."""
        asked, told = {}, []
        for past in self.sample.pasts.values():
            chapter_id, answers, months = self._id(past.town), past.answers, past.owed
            if past.town.name == LONDON:
                left, answers = answers[-1].period, answers[:-1]
                months = tuple(month for month in months if month <= left)
            asked[chapter_id] = months
            entries = [entry for _, entry in await checkins.counted(self.c, self.guild_id, chapter_id)]
            told += [self._report(past, answer, entries) for answer in answers]
            await self._duty(past, answers)
        ids = await stored_reports.add_many(self.c, self.guild_id, asked, told)
        for report in told:
            kind, filled = "report.skip", ["skip_reason"]
            if report.report is not None:
                kind, filled = "report.publish", [part.value for part in Part if reports.answered(report.report.part(part))]
                await self._post(ids[report.chapter_id, report.period], report)
            self.log.append(Line(kind, report.at, report.by, report.chapter_id, fields=tuple(filled)))

    def _report(self, past: Past, answer: Answer, entries: Sequence[CheckIn]) -> stored_reports.Past:
        first, last = answer.period.first, answer.period.last
        known = rules.tally((entry for entry in entries if first <= entry.day <= last), POLICY)
        report = None if answer.skipped else answer.report(known)
        return stored_reports.Past(
            chapter_id=self._id(past.town),
            period=answer.period,
            at=answer.at,
            on=calendar.today(answer.at, past.zone),
            by=self._who(answer.by),
            report=report,
            claimed={} if report is None or answer.quiet else reports.claimed(report.activity, known),
            quiet=answer.quiet,
            skip_reason=answer.skipped,
            may_share=report is not None and report.words.hard is not None,
        )

    async def _post(self, report_id: int, report: stored_reports.Past) -> None:
        if report.at >= shown_since(self.sample.now):
            chapter_id, key = report.chapter_id, f"report:{report_id}:1"
            await outbox.put(self.c, self.guild_id, "report", key, report.at, report.at, chapter_id=chapter_id, period=report.period)

    async def _duty(self, past: Past, answers: Sequence[Answer]) -> None:
        """After the newest answer it is the next one's turn; for what is past due, the turn has passed."""
        admins = [self._who(name) for name in past.town.admins]
        turn = Turns(admins, self._who(answers[-1].by) if answers else None).passed.turn
        late = () if past.town.name == LONDON else past.owed[: past.past_due]
        passed = max([*late, *(answer.period for answer in answers)], default=None)
        await chapters.change(self.c, self.guild_id, self._id(past.town), duty_user_id=turn, duty_passed_for=passed)

    async def standing(self, past: Past) -> None:
        """What is known of it beside reports: delegate, money, dues, and who its members are."""
        town, chapter_id = past.town, self._id(past.town)
        day = past.added_on + (past.today - past.added_on) // 2
        at, by = calendar.moment(day, 18, past.zone), self._who(town.admins[0])
        told = {
            Key.DELEGATE: Delegate.YES if town.delegate else None,
            Key.DUES: town.dues,
            Key.MONEY: None if town.money is Money.NONE else town.money,
        }
        for key, value in told.items():
            if value is not None:
                await facts.confirm(self.c, self.guild_id, key, value, day, at, by, chapter_id=chapter_id)
                self.log.append(Line("fact.confirm", at, by, chapter_id, fields=(key,)))
        if town.counts is not None:
            await self._composition(past, town.counts)

    async def _composition(self, past: Past, counts: tuple[int, int, int, int]) -> None:
        """Two counts, eight months apart; the newer one before the end of the last month."""
        newest = Month.of(calendar.today(self.sample.now, HOME)).plus(-1 - TOWNS.index(past.town) % 3)
        chapter_id, by = self._id(past.town), self._who(past.town.admins[0])
        for month, share in ((newest.plus(-COUNTED_MONTHS_BEFORE), 0.8), (newest, 1.0)):
            day = month.first + timedelta(days=11)
            if day >= past.added_on:
                cells = dict(zip(privacy.GENDERS, (round(count * share) for count in counts), strict=True))
                at, method = calendar.moment(day, 21, past.zone), "Show of hands at a meeting"
                await compositions.add(self.c, self.guild_id, chapter_id, privacy.GENDER, day, method, cells, at, by)
                self.log.append(Line("composition.record", at, by, chapter_id, fields=(privacy.GENDER, "day", "method")))

    async def gatherings(self) -> None:
        """Some branches have gathered, and their chapters have confirmed it."""
        cora = self._who("Cora")
        for country, months_ago, present, delegates, there in GATHERINGS:
            month, branch = Month.of(calendar.today(self.sample.now, HOME)).plus(-months_ago), self.branches[country]
            day, at = month.first + timedelta(days=13), calendar.moment(month.first + timedelta(days=15), 18, HOME)
            asked = [self.sample.chapters[name] for name in there]
            made = await gatherings.add(self.c, self.guild_id, branch, day, asked, present, delegates, at, cora)
            self.log.append(Line("gathering.record", at, cora, branch_id=branch, fields=("day", "chapters")))
            for name in there:
                by, chapter_id = self._who(self.sample.pasts[name].town.admins[0]), self.sample.chapters[name]
                await gatherings.answer(self.c, self.guild_id, made, chapter_id, "confirmed", at, by)
                self.log.append(Line("gathering.confirm", at, by, chapter_id))

    async def members_outside(self) -> None:
        """Members outside chapters, counted every quarter."""
        goal = next(goal for goal in await stored_goals.in_force(self.c, self.guild_id) if goal.metric == Metric.MEMBERS)
        cora = self._who("Cora")
        for months_ago, share in ((13, 0.6), (10, 0.7), (7, 0.8), (4, 0.9), (1, 1.0)):
            day = Month.of(calendar.today(self.sample.now, HOME)).plus(-months_ago).first + timedelta(days=20)
            at = calendar.moment(day, 17, HOME)
            await stored_goals.add_figure(self.c, self.guild_id, goal.id, day, round(OUTSIDE_CHAPTERS * share), at, cora)
            self.log.append(Line("goal.record", at, cora, goal_id=goal.id, fields=("figure",)))

    async def in_touch(self) -> None:
        """Facilitators have spoken with some chapters."""
        for name, by, ago in IN_TOUCH:
            at = calendar.moment(calendar.today(self.sample.now, HOME) - timedelta(days=ago), 18, HOME)
            until, chapter_id = at + timedelta(days=POLICY.in_touch_days), self.sample.chapters[name]
            await facilitation.add_contact(self.c, self.guild_id, chapter_id, self._who(by), Note.IN_TOUCH, at, until)

    async def prompts(self) -> None:
        """What is still open was asked in its time, so that nobody is asked twice; London is asked by `ask`."""
        c, owner, now = self.c, "sample", self.sample.now
        for past in self.sample.pasts.values():
            period, chapter_id = past.asked_for, self._id(past.town)
            due = now if period is None else past.asked_at(period)
            if period is not None and past.town.name != LONDON and due < now:
                kind, key = errands.Kind.PROMPT, _prompt_key(chapter_id, period)
                await outbox.put(c, self.guild_id, kind, key, due, due, chapter_id=chapter_id, period=period)
        refused = self.sample.chapters[VOLOS]
        for errand in await outbox.claim(c, owner, now, now, len(TOWNS)):
            await outbox.finish(c, errand, owner, "refused" if errand.chapter_id == refused else "sent", errand.due_at)
        for name in self.sample.pasts[VOLOS].town.admins:
            await people.set_unreachable(c, self.guild_id, self._who(name), "refused", now - timedelta(days=60))
