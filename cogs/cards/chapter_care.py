"""How the care of a chapter looks: what is set of it and what changed, its name, its rest, and its way out of the list and back."""

from collections.abc import Iterator, Mapping, Sequence

from bot.domain import calendar
from bot.domain.chapters import Chapter, Dues, Money
from bot.domain.text import Listing, Place, Role, Text, Value, counted, text
from bot.services.archive import Renamed, Restored
from bot.services.care import STANDING, Detail, Edited, Profile
from bot.services.organisations import language_name
from bot.services.rests import Rested
from cogs.cards.words import DUES, MONEY
from cogs.layout import Block, Button, Card, Line, Row, Small, Title, Tone, address, card

NAMES: Mapping[Detail, Text] = {
    Detail.BRANCH: text("Branch"),
    Detail.CITY: text("City"),
    Detail.COORDINATES: text("Coordinates"),
    Detail.TIMEZONE: text("Time zone"),
    Detail.FOUNDED: text("Founded"),
    Detail.LANGUAGES: text("Languages"),
    Detail.CHANNEL: text("Channel"),
    Detail.ROLE: text("Role"),
    Detail.DELEGATE: text("Delegate"),
    Detail.MONEY: text("A way to hold money"),
    Detail.DUES: text("Dues"),
    Detail.RHYTHM: text("A report is asked for"),
    Detail.PROMPT_HOUR: text("Asked at"),
    Detail.DISCREET: text("Discreet messages"),
}
_PRIVATE = frozenset({Detail.MONEY, Detail.DUES})
_YES_NO = {True: text("yes"), False: text("no")}
_NOT_SET = text("not set")


# What is set


def profile_card(profile: Profile, faults: Sequence[Text]) -> Card:
    """What is set of a chapter, and how it is changed."""
    shown = [detail for detail in Detail if profile.sees_private or detail not in _PRIVATE]
    return card(
        Title(text("Settings of {chapter}", chapter=profile.chapter.name)),
        *(Line(text("**{detail}**: {value}", detail=NAMES[detail], value=_value(profile, detail))) for detail in shown),
        *(Line(fault) for fault in faults),
        Small(text("/chapter edit changes what you give. The word none empties branch, city, coordinates, founded and languages.")),
        *_actions(profile),
    )


def edited_card(edited: Edited, faults: Sequence[Text]) -> Card:
    """What changed, what was confirmed anew, what was so already, and what follows."""
    after, news = edited.after, edited.changed or edited.confirmed
    named = {"chapter": after.chapter.name}
    title = text("{chapter} is changed", **named) if news else text("{chapter}: nothing changed, it is so already", **named)
    return card(
        Title(title),
        *(Line(_changed(edited, detail)) for detail in edited.changed),
        *(Line(_stays(after, detail, text("confirmed anew"))) for detail in edited.confirmed),
        *(Line(_stays(after, detail, text("as it was"))) for detail in edited.same),
        *(Line(fault) for fault in faults),
        *(Small(each) for each in _consequences(edited)),
        *_actions(after),
    )


def _changed(edited: Edited, detail: Detail) -> Text:
    new = {"detail": NAMES[detail], "after": _value(edited.after, detail)}
    if detail in _PRIVATE and not edited.before.sees_private:
        return text("**{detail}**: {after}", **new)
    return text("**{detail}**: {before} → {after}", **new, before=_value(edited.before, detail))


def _stays(profile: Profile, detail: Detail, how: Text) -> Text:
    return text("**{detail}**: {value}, {how}", detail=NAMES[detail], value=_value(profile, detail), how=how)


def _value(profile: Profile, detail: Detail) -> Value:
    entity = profile.chapter
    match detail:
        case Detail.DELEGATE | Detail.MONEY | Detail.DUES:
            return _fact(profile, detail)
        case Detail.RHYTHM:
            return counted("every month", "every {n} months", entity.rhythm)
        case Detail.PROMPT_HOUR if entity.prompt_hour is not None:
            return text("{hour}:00", hour=entity.prompt_hour)
        case Detail.PROMPT_HOUR:
            return text("{hour}:00, as everywhere", hour=profile.policy_hour)
        case Detail.DISCREET:
            return _YES_NO[entity.discreet]
    return _known(profile).get(detail, _NOT_SET)


def _known(profile: Profile) -> Mapping[Detail, Value]:
    """The facts that may be left empty, as far as they are set; and the zone."""
    entity = profile.chapter
    known: dict[Detail, Value] = {Detail.TIMEZONE: entity.timezone}
    if profile.branch is not None:
        known[Detail.BRANCH] = profile.branch
    if entity.city is not None:
        known[Detail.CITY] = entity.city
    if entity.latitude is not None and entity.longitude is not None:
        known[Detail.COORDINATES] = text("{latitude} / {longitude}", latitude=entity.latitude, longitude=entity.longitude)
    if entity.founded is not None:
        known[Detail.FOUNDED] = entity.founded
    if entity.languages:
        known[Detail.LANGUAGES] = Listing(tuple(map(language_name, entity.languages)), "comma")
    if entity.channel_id is not None:
        known[Detail.CHANNEL] = Place(entity.channel_id)
    if entity.role_id is not None:
        known[Detail.ROLE] = Role(entity.role_id)
    return known


def _fact(profile: Profile, detail: Detail) -> Text:
    fact = profile.facts.get(detail)
    if fact is None:
        return text("not known")
    if detail is Detail.DELEGATE:
        answer = _YES_NO[fact.value == "yes"]
    else:
        answer = MONEY[Money(fact.value)] if detail is Detail.MONEY else DUES[Dues(fact.value)]
    return text("{answer} (confirmed on {day})", answer=answer, day=fact.confirmed_on)


def _consequences(edited: Edited) -> Iterator[Text]:
    entity = edited.after.chapter
    if Detail.TIMEZONE in edited.changed:
        yield text("The days of earlier entries stay as they are.")
    if Detail.CHANNEL in edited.changed:
        yield (
            text("The monthly question now goes by direct message to the admin on duty.")
            if entity.channel_id is None
            else text("The monthly question is asked there from now on.")
        )
    if Detail.RHYTHM in edited.changed and edited.next_period is not None:
        yield text(
            "What is asked for already is still asked for. The next report after it is the one for {period}.", period=edited.next_period
        )
    if Detail.PROMPT_HOUR in edited.changed:
        yield text("Questions and reminders come at this hour of the chapter's own clock.")
    if Detail.DISCREET in edited.changed and entity.discreet:
        yield text("From now on messages to this chapter say only that a form is waiting. Its button shows the form to its admins alone.")
        yield text("Messages that are out already are changed as far as Discord allows.")
    if Detail.DISCREET in edited.changed and not entity.discreet:
        yield text("Messages to this chapter say again what they ask.")
    if any(detail in STANDING for detail in (*edited.changed, *edited.confirmed)):
        yield text("Delegate, money and dues carry the day on which they were last confirmed: saying the same again confirms them.")


def _actions(profile: Profile) -> Iterator[Block]:
    entity = profile.chapter
    buttons = []
    if entity.channel_id is not None:
        buttons.append(Button(text("Have no channel"), address("cc.off", entity.id, Detail.CHANNEL)))
    if entity.role_id is not None:
        buttons.append(Button(text("Have no role"), address("cc.off", entity.id, Detail.ROLE)))
    yield Row((*buttons, _status(entity.id)))


def _status(chapter_id: int) -> Button:
    return Button(text("Status"), address("ch.status", chapter_id))


# Its name


def renamed_card(renamed: Renamed) -> Card:
    """The new name, and where the old one can still be read."""
    entity = renamed.chapter
    if renamed.before == entity.name:
        return card(Line(text("{chapter} has this name already.", chapter=entity.name)))
    posts = counted(
        "The post of {n} report keeps the name it was published under.",
        "The posts of {n} reports keep the name they were published under.",
        renamed.posts,
    )
    return card(
        Line(text("{before} is now called {chapter}.", before=renamed.before, chapter=entity.name)),
        Small(posts) if renamed.posts else None,
        Row((_status(entity.id),)),
    )


# Out of the list, and back


def archive_card(entity: Chapter) -> Card:
    """Asks once more before a chapter is archived, and says what follows."""
    return card(
        Title(text("Archive {chapter}?", chapter=entity.name)),
        Line(text("Nothing more is asked of it, and what is waiting for it is withdrawn.")),
        Line(text("It is no longer in any list, digest or figure. Figures of earlier days stay as they are.")),
        Line(text("Nothing is deleted: /chapter restore brings it back, and nobody is asked about the time between.")),
        Row(
            (
                Button(text("Archive it"), address("cc.archive", entity.id), Tone.DANGER),
                Button(text("Keep it"), address("cc.keep", entity.id)),
            )
        ),
    )


def archived_card(entity: Chapter) -> Card:
    """A chapter that was archived, and the way back."""
    return card(
        Line(text("{chapter} is archived.", chapter=entity.name)),
        Small(text("/chapter restore brings it back.")),
        Row((Button(text("Restore it"), address("cc.restore", entity.id)),)),
    )


def kept_card(entity: Chapter) -> Card:
    """A chapter that was not archived after all."""
    return card(Line(text("{chapter} stays as it is.", chapter=entity.name)), Row((_status(entity.id),)))


def restored_card(restored: Restored) -> Card:
    """A chapter that is back."""
    entity = restored.chapter
    if not restored.changed:
        return card(
            Line(text("{chapter} is not archived, so there is nothing to restore.", chapter=entity.name)), Row((_status(entity.id),))
        )
    period = restored.next_period
    return card(
        Line(text("{chapter} is back in the list.", chapter=entity.name)),
        None if period is None else Line(text("The next report that it is asked for is the one for {period}.", period=period)),
        Small(text("Nobody is asked about the time that it was away.")),
        Row((_status(entity.id),)),
    )


# Its rest


def rested_card(rested: Rested) -> Card:
    """Until when a chapter rests, and what that means."""
    assert rested.until is not None
    named: dict[str, Value] = {"chapter": rested.chapter, "day": rested.until}
    return card(
        Title(text("{chapter} rests until {day}", **named) if rested.changed else text("{chapter} rests until {day} already", **named)),
        Line(text("Until then it is asked for nothing and is never overdue. It does not count as functioning meanwhile.")),
        Line(text("On {day} it goes on by itself.", day=rested.until + calendar.ONE_DAY)),
        Row((Button(text("Wake it now"), address("cc.wake", rested.chapter_id)), _status(rested.chapter_id))),
    )


def awake_card(rested: Rested) -> Card:
    """A chapter that goes on."""
    if not rested.changed:
        return card(
            Line(text("{chapter} is not resting, so there is nothing to end.", chapter=rested.chapter)), Row((_status(rested.chapter_id),))
        )
    period = rested.next_period
    return card(
        Line(text("{chapter} is awake again.", chapter=rested.chapter)),
        None if period is None else Line(text("The next report that it is asked for is the one for {period}.", period=period)),
        Row((_status(rested.chapter_id),)),
    )
