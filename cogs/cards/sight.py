"""How far a chapter is seen, in words: what each choice means, what waits, and what is said of a hidden one in a channel."""

from collections.abc import Iterator, Mapping, Sequence

from bot.domain.chapters import Chapter, Visibility
from bot.domain.text import Link, Listing, Moment, Place, Style, Text, counted, text
from bot.services.visibility import Outcome, Seen
from cogs.cards.report_words import jump
from cogs.layout import Block, Button, Card, Line, Row, Small, Title, Tone, address, card

LINKS_SHOWN = 10

_NOW: Mapping[Visibility, Text] = {
    Visibility.OPEN: text("Everybody may see it: in this server, and on public pages where there are any."),
    Visibility.MEMBERS: text("Everybody in this server may see it, and nobody outside."),
    Visibility.HIDDEN: text("Only its own admins and its facilitators may see it."),
}

_WHERE: Mapping[Visibility, tuple[Text, ...]] = {
    Visibility.OPEN: (
        text("Its name, status, check-ins' sums and reports may stand on public pages. Small numbers stay private there too."),
        text("In this server it is in /chapter list, and its reports are posted."),
    ),
    Visibility.MEMBERS: (
        text("It is in /chapter list and is offered while typing; /chapter status and /reports read show it to everybody here."),
        text("Its reports are posted, other chapters can name it as a partner, and it can stand in the facilitators' lists."),
    ),
    Visibility.HIDDEN: (
        text("Nobody else finds it in a list or while typing, and /chapter status tells them that there is no such chapter."),
        text("Its reports are stored and not posted. It is not named to or as a partner, and stands in no digest but its facilitators'."),
        text("The monthly question comes by direct message. Its numbers count only in totals of at least 3 chapters."),
        text("Its channel and role in this server are as before: who sees those is set in Discord. What was read cannot be unread."),
    ),
}


def seen_card(shown: Seen) -> Card:
    """What is seen where after a choice, and what waits."""
    chapter = shown.chapter
    return card(
        Title(_title(shown)),
        *(Line(line) for line in (_NOW[chapter.visibility], *_WHERE[chapter.visibility])),
        *(Line(line) for line in _posts(shown)),
        *_waits(shown),
    )


def _title(shown: Seen) -> Text:
    named = shown.chapter.name
    level = shown.chapter.visibility
    if shown.outcome is Outcome.CHOSEN:
        return {
            Visibility.OPEN: text("{chapter} is open now", chapter=named),
            Visibility.MEMBERS: text("{chapter} is seen in this server only now", chapter=named),
            Visibility.HIDDEN: text("{chapter} is hidden now", chapter=named),
        }[level]
    if shown.outcome is Outcome.WAITS:
        return text("{chapter} will be seen by more people in 24 hours", chapter=named)
    return {
        Visibility.OPEN: text("{chapter} stays open, as it is", chapter=named),
        Visibility.MEMBERS: text("{chapter} stays seen in this server only, as it is", chapter=named),
        Visibility.HIDDEN: text("{chapter} stays hidden, as it is", chapter=named),
    }[level]


def _posts(shown: Seen) -> Iterator[Text]:
    if shown.chapter.hidden and shown.posts:
        yield counted(
            "{n} post of its reports is being deleted, with the comments below it. If it cannot be, the admin on duty is told.",
            "{n} posts of its reports are being deleted, with the comments below them. If one cannot be, the admin on duty is told.",
            shown.posts,
        )


def _waits(shown: Seen) -> Iterator[Block]:
    chapter = shown.chapter
    if chapter.loosens_to is None or chapter.loosens_at is None:
        return
    yield Line(text("**From {when} on:** {seen}", when=Moment(chapter.loosens_at, Style.DAY_AND_HOUR), seen=_NOW[chapter.loosens_to]))
    yield from (Line(line) for line in _WHERE[chapter.loosens_to])
    if shown.unposted and shown.reports_channel is not None:
        yield Line(
            text("New reports are posted from then on. Those published until then are not; to post one, correct it and publish it again.")
        )
    yield Small(text("Until then nothing changes, and any of its admins can take this back."))
    yield Row((Button(text("Keep it as it is"), address("vi.keep", chapter.id), Tone.PRIMARY),))


def hide_card(shown: Seen) -> Card:
    """What hiding will do, before it is done."""
    chapter = shown.chapter
    if chapter.hidden:
        return seen_card(shown)
    gone = counted(
        "{n} post of its reports is deleted, with the comments below it, for good.",
        "{n} posts of its reports are deleted, with the comments below them, for good.",
        shown.posts,
    )
    return card(
        Title(text("Hide {chapter} now?", chapter=chapter.name)),
        *(Line(line) for line in (_NOW[Visibility.HIDDEN], *_WHERE[Visibility.HIDDEN])),
        Line(gone) if shown.posts else None,
        Small(text("It works at once. To be seen again takes 24 hours: /chapter visibility.")),
        Row(
            (
                Button(text("Yes, hide it now"), address("vi.hide", chapter.id), Tone.DANGER),
                Button(text("Keep it as it is"), address("vi.keep", chapter.id)),
            )
        ),
    )


def seen_by(chapter: Chapter) -> Iterator[Text]:
    """On a chapter's own status: that it is hidden, and what waits."""
    if chapter.hidden:
        yield text("Hidden: {seen}", seen=_NOW[Visibility.HIDDEN])
    if chapter.loosens_to is not None and chapter.loosens_at is not None:
        yield text("**From {when} on:** {seen}", when=Moment(chapter.loosens_at, Style.DAY_AND_HOUR), seen=_NOW[chapter.loosens_to])


# What is sent


def remains_card(chapter: Chapter, left: Sequence[tuple[int, int]]) -> Card:
    """Says which posts the bot may not delete, and what to do about it."""
    links = tuple(Link(text("post {n}", n=n), jump(chapter.guild_id, place)) for n, place in enumerate(left[:LINKS_SHOWN], start=1))
    rooms = tuple(Place(channel_id) for channel_id in dict.fromkeys(channel_id for channel_id, _ in left[:LINKS_SHOWN]))
    return card(
        Title(text("Some posts of {chapter} could not be deleted", chapter=chapter.name)),
        Line(
            counted(
                "Discord does not let the bot delete {n} message about it: {links}, in {rooms}.",
                "Discord does not let the bot delete {n} messages about it: {links}, in {rooms}.",
                len(left),
                links=Listing(links, "comma"),
                rooms=Listing(rooms, "comma"),
            )
        ),
        Line(text("Where it could, the bot took its own words out. Titles and what people wrote below may still be there.")),
        Line(
            text(
                "Ask somebody who manages this server to delete them, or to allow the bot Manage Threads; "
                "then choose /chapter visibility hidden once more, and it tries again."
            )
        ),
    )
