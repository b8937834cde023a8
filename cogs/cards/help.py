"""How help looks: what the asker can do here, and one page for each topic."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from bot.domain.policy import Policy
from bot.domain.text import Listing, Text, counted, text
from bot.services.helping import MOST, SHOWN, Home, Own
from cogs.cards.checkin_list import ALL
from cogs.layout import Block, Button, Card, Line, Option, Row, Rule, Select, Small, Title, Tone, address, card


class Topic(StrEnum):
    """What can be asked about."""

    CHECKINS = "checkins"
    REPORTS = "reports"
    FUNCTIONING = "functioning"
    PROGRESS = "progress"
    CHAPTERS = "chapters"
    FACILITATORS = "facilitators"
    SETUP = "setup"
    PRIVACY = "privacy"


NAMES: Mapping[Topic, Text] = {
    Topic.CHECKINS: text("Check-ins"),
    Topic.REPORTS: text("The monthly report"),
    Topic.FUNCTIONING: text("When a chapter is functioning"),
    Topic.PROGRESS: text("Goals and progress"),
    Topic.CHAPTERS: text("Chapters and their admins"),
    Topic.FACILITATORS: text("For facilitators"),
    Topic.SETUP: text("For coordinators"),
    Topic.PRIVACY: text("What is stored, and who sees it"),
}

PAGES: Mapping[Topic, tuple[Text, ...]] = {
    Topic.CHECKINS: (
        text("A check-in is one thing that your chapter did on one day: a meeting, a reading circle, a campaign. Online counts too."),
        text("/checkin asks what it was and, if not today, when. Everything else can stay empty: empty means not known, 0 means nobody."),
        text("Afterwards you can correct or withdraw it. If other chapters took part, name them: it counts for them once they say yes."),
        text("/checkins lists what a chapter did. Its admins choose one there to correct or withdraw it."),
        text("Check-ins fill in the monthly report by themselves, so nothing is asked twice."),
    ),
    Topic.REPORTS: (
        text("Once a month the bot asks how the chapter is doing. Answering takes about two minutes; what is known is filled in already."),
        text("Open a part, answer what you can, then press Publish. What you send is kept, so another admin can go on from there."),
        text("Quiet month is an ordinary answer. So is skipping a month, with a reason."),
        text(
            "Everybody in this server can read what is published. The private note is only for your chapter's admins and its facilitators."
        ),
        text("/report opens the card at any time; /reports read shows what was published, /reports list all of it."),
        text("On a phone nothing needs to be typed: the monthly message, /help and /chapter status have the buttons Check in and Report."),
        text("May be shared is off until you press it: then other chapters and the public page may quote what is hard."),
    ),
    Topic.FUNCTIONING: (
        text("/chapter status shows each of these with its date, and the one thing that would change it."),
        text("A new chapter has time to begin. A chapter may also rest: then it is asked for nothing."),
        text("Quiet is not a judgement. It means that too little was heard for a while, and the status says what mends it."),
    ),
    Topic.PROGRESS: (
        text("/progress shows each goal: where we are, where we want to be, and how much is known."),
        text(
            "What is not known is shown as not known, never as zero. Each figure says how many chapters stand behind it, and how old it is."
        ),
        text("Beside it stands when it is reached at the pace of the last months, and what pace is needed; or why no date can be named."),
        text("/forecast tells more of one goal. Suppose something yourself there, and see it beside the pace of now."),
        text("Everybody sees the same figures. Every change of a goal is kept: /goal history shows what it was, who adopted it and why."),
        text("Chapters adopt goals together: /goal propose asks them all, and each has one voice, given by any of its admins."),
    ),
    Topic.CHAPTERS: (
        text("/chapter list shows all chapters by name; /chapter status shows one of them, and who looks after it."),
        text("/chapter near shows which chapters are nearest, what time it is there and which languages they speak."),
        text("A chapter's admins check in and answer the report. They take turns: who is on duty is asked first."),
        text("/duty show says whose turn it is. An admin can pass it on with /duty pass, or be away for a while with /duty away."),
        text("/chapter admins list shows their order; they and coordinators can add or remove admins."),
        text("/chapter visibility chooses who may see a chapter; its admins hide it in two taps with “Hide us now” on its status."),
    ),
    Topic.FACILITATORS: (
        text("A facilitator looks after several chapters: /facilitate claim takes one on, /facilitate release gives it back."),
        text("On Mondays you get one list of who may need a call. /overdue shows it at any time."),
        text("Choose a chapter there to note that you were in touch, to be reminded, to offer it a rest, or to hand it over with a note."),
    ),
    Topic.SETUP: (
        text("/setup sets roles, channels, time zone and language, and shows what is missing. It can be run again at any time."),
        text("/chapter add adds a chapter. Whoever runs the bot can import a whole list: CSV, Excel or JSON."),
        text("/goal add adopts a goal, /goal record notes a figure for it. With many chapters here, it asks them all first."),
        text("/scoreboard post has where we stand posted as a message that keeps itself up to date."),
        text("You can do what a chapter's admins do, except publish or skip its report, choose who sees it, or put it to rest."),
    ),
    Topic.PRIVACY: (
        text("Chapters report totals, never names. Nobody's gender, dues or attendance is stored."),
        text("About people, only Discord ids are stored: of admins, of facilitators, and of those who entered or changed something."),
        text("A chapter can hide itself. Then it is counted in totals only, and only its own admins and facilitators see its name."),
        text("/chapter composition records totals. While one of them is small, others see none of them."),
        text("/privacy show tells everything that is stored about you, /privacy erase takes it out. /log shows who changed what."),
        text("In free text, please name no one."),
    ),
}


def home_card(home: Home, commands: Sequence[str]) -> Card:
    """What the asker can do here, with buttons to it, and the commands that are theirs by what they are."""
    if not home.ready:
        return _not_ready(home)
    return card(
        Title(text("What you can do here")),
        *_as_admin(home),
        *_as_facilitator(home),
        *_as_coordinator(home),
        *_as_member(home),
        Rule(),
        Small(text("What you can type here: {commands}", commands=Listing(tuple(f"/{name}" for name in commands), "comma"))),
        Select(
            address("he.topic"),
            text("Read more about …"),
            tuple(Option(name, topic.value) for topic, name in NAMES.items()),
        ),
    )


def _not_ready(home: Home) -> Card:
    if home.may_set_up:
        next_step = text("You may manage this server: type /setup to begin. It takes a minute, and can be changed at any time.")
    else:
        next_step = text("Somebody who may manage this server can type /setup.")
    return card(Title(text("Chapterhouse is not set up here yet")), Line(next_step))


def _as_admin(home: Home) -> Iterator[Block]:
    if not home.admin_of:
        return
    if len(home.admin_of) <= SHOWN:
        names = Listing(tuple(chapter.name for chapter in home.admin_of))
        yield Line(text("**You are an admin of {chapters}.** Check in what was done, and answer the monthly report.", chapters=names))
    else:
        yield Line(text("**You are an admin of several chapters.** Check in what was done, and answer the monthly reports."))
    if len(home.admin_of) == 1:
        (chapter,) = home.admin_of
        yield Row((*_to_do(chapter.id), Button(text("Status"), address("ch.status", chapter.id))))
        return
    options = tuple(Option(text("{name}", name=chapter.name), str(chapter.id)) for chapter in home.admin_of[:MOST])
    yield Select(address("he.own"), text("Choose one of your chapters …"), options)
    if len(home.admin_of) > MOST:
        yield Small(text("For the others name the chapter: /checkin, /report and /chapter status take it."))


def _to_do(chapter_id: int) -> tuple[Button, Button]:
    return (
        Button(text("Check in"), address("ci.new", chapter_id), Tone.PRIMARY),
        Button(text("Report"), address("rp.card", chapter_id, None)),
    )


def own_card(shown: Own) -> Card:
    """What can be done for one of the asker's chapters."""
    chapter_id = shown.chapter.id
    check_in, report = _to_do(chapter_id)
    return card(
        Title(text("{chapter}", chapter=shown.chapter.name)),
        Row(
            (
                *((check_in,) if shown.may_check_in else ()),
                *((report,) if shown.may_report else ()),
                Button(text("Check-ins"), address("ci.page", chapter_id, ALL, 0)),
                Button(text("Reports"), address("rp.all", chapter_id)),
                Button(text("Status"), address("ch.status", chapter_id)),
            )
        ),
        Row((Button(text("What I can do here"), address("he.home")),)),
    )


def _as_facilitator(home: Home) -> Iterator[Block]:
    if not home.facilitator:
        return
    if home.facilitates:
        yield Line(
            counted(
                "**You are facilitator of one chapter.** See whether it needs a call.",
                "**You are facilitator of {n} chapters.** See who may need a call.",
                home.facilitates,
            )
        )
    else:
        yield Line(text("**You are a facilitator.** /facilitate claim takes on a chapter; the list shows who may need a call."))
    yield Row((Button(text("Who may need a call"), address("fa.page", "mine" if home.facilitates else "all", 0)),))


def _as_coordinator(home: Home) -> Iterator[Block]:
    if home.coordinator:
        yield Line(
            text("**You are a coordinator.** Add chapters with /chapter add, adopt goals with /goal add, and look after the set-up.")
        )
    elif home.may_set_up:
        yield Line(text("**You may manage this server**, so you can change the set-up too."))
    buttons = [Button(text("Set-up"), address("su.look"))] if home.may_set_up else []
    if home.coordinator and not home.facilitator:
        buttons.append(Button(text("Who may need a call"), address("fa.page", "all", 0)))
    if buttons:
        yield Row(tuple(buttons))


def _as_member(home: Home) -> Iterator[Block]:
    yield Line(
        text("**Everybody** can see how far we have come, look up a chapter and read reports: /progress, /chapter status, /reports read.")
    )
    buttons = [Button(text("Where we stand"), address("pg.all", None)), Button(text("Chapters"), address("ch.list"))]
    if home.member_of is not None and home.member_of not in home.admin_of:
        buttons.append(Button(text("My chapter: {chapter}", chapter=home.member_of.name), address("ch.status", home.member_of.id)))
    yield Row(tuple(buttons))


def topic_card(topic: Topic, policy: Policy) -> Card:
    """What is to be said about one topic, with the organisation's own numbers."""
    lead = [_functions(policy)] if topic is Topic.FUNCTIONING else []
    return card(
        Title(NAMES[topic]),
        *(Line(text("• {sentence}", sentence=sentence)) for sentence in (*lead, *PAGES[topic])),
        Row((Button(text("What I can do here"), address("he.home")),)),
    )


def _functions(policy: Policy) -> Text:
    return text(
        "A chapter is functioning when it comes together, learns and reports: "
        "it met in the last {together} days, did something with an education part in {learns} and published a report in {reports}.",
        together=policy.together_days,
        learns=policy.learns_days,
        reports=policy.reports_days,
    )
