"""How the policy looks: what is in force, what a change would come to, and what came of it."""

from collections.abc import Iterator, Mapping

from bot.domain import choices
from bot.domain.effects import Effect, Next
from bot.domain.settings import Group, Unit
from bot.domain.text import Listing, Moment, Person, Text, Value, counted, text
from bot.services.policies import Done, InForce, Overview, Proposal
from cogs.layout import Block, Button, Card, Line, Option, Row, Select, Small, Title, Tone, address, card

GROUPS: Mapping[Group, Text] = {
    Group.FUNCTIONING: text("When a chapter functions"),
    Group.REPORT: text("The monthly report, and when it is asked for"),
    Group.FACILITATORS: text("The facilitators' list"),
    Group.FIGURES: text("How old figures may be"),
    Group.GOALS: text("How goals are adopted"),
    Group.PRIVACY: text("Privacy and composition"),
}


# What is in force


def policy_card(shown: Overview) -> Card:
    """The settings of one group, and a way to the others."""
    options = tuple(Option(name, group.value, chosen=group is shown.group) for group, name in GROUPS.items())
    return card(
        Title(text("Policy: {group}", group=GROUPS[shown.group])),
        *(Line(_line(each)) for each in shown.entries),
        *_differing(shown),
        Small(text("A change holds from its day on: past days are judged by the policy of their day.")),
        Small(text("/policy set changes one of them, and shows first what that would come to.")) if shown.may_set else None,
        Select(address("po.group"), text("Show other settings"), options),
    )


def _line(each: InForce) -> Text:
    said: dict[str, Value] = {"name": each.setting.name, "value": choices.value(each.setting, each.value)}
    if each.value == each.setting.default:
        return text("{name}: **{value}**", **said)
    said["default"] = choices.value(each.setting, each.setting.default)
    if each.since is None:
        return text("{name}: **{value}** (instead of {default})", **said)
    said["day"] = Moment(each.since)
    if each.by is None:
        return text("{name}: **{value}** (instead of {default}, since {day})", **said)
    return text("{name}: **{value}** (instead of {default}, since {day} by {person})", **said, person=Person(each.by))


def _differing(shown: Overview) -> Iterator[Block]:
    others = [each for each in shown.differing if each.setting.group is not shown.group]
    if others:
        named = Listing(tuple(GROUPS[group] for group in dict.fromkeys(each.setting.group for each in others)), "comma")
        yield Small(
            counted(
                "{n} more setting was changed here: {groups}.", "{n} more settings were changed here: {groups}.", len(others), groups=named
            )
        )
    elif not any(each.value != each.setting.default for each in shown.entries):
        yield Small(text("Everything is as the rules were written."))


# What a change would come to


def answer(shown: Proposal | Done) -> Card:
    """What a change would come to, or what is in force where there is nothing to confirm."""
    return done_card(shown) if isinstance(shown, Done) else proposal_card(shown)


_OVERTAKEN = text("Somebody changed the policy since you last saw this. This is what your change comes to by now.")


def proposal_card(shown: Proposal) -> Card:
    """What is in force, what would be, and what that would come to."""
    setting, to = shown.now.setting, (shown.now.setting.key, shown.form_key)
    return card(
        Line(_OVERTAKEN) if shown.overtaken else None,
        Title(text("Change this?")),
        Line(text("**{name}**", name=setting.name)),
        Line(
            text(
                "{before} → **{after}**",
                before=choices.value(setting, shown.now.value),
                after=choices.value(setting, shown.value),
            )
        ),
        *(Line(line) for line in _comes_to(shown)),
        Small(text("It holds from now on. Past days stay judged by the policy of their day, and the open log names the change.")),
        _select(shown),
        Row((Button(text("Confirm"), address("po.yes", *to), Tone.PRIMARY), Button(text("Cancel"), address("po.no", *to)))),
    )


def _select(shown: Proposal) -> Select | None:
    setting = shown.now.setting
    words = choices.CHOICES.get(setting.unit)
    if words is None:
        return None
    one = setting.unit is Unit.RULE
    options = tuple(Option(word, key, chosen=key == shown.value if one else key in shown.value) for key, word in words.items())
    return Select(address("po.pick", setting.key), text("Choose which"), options, least=1, most=1 if one else len(options))


def _comes_to(shown: Proposal) -> Iterator[Text]:
    if shown.effect is not None:
        yield from _effect(shown.effect)
    if shown.next_before is not None and shown.next_after is not None and shown.next_before != shown.next_after:
        yield text("Next time: {after}, instead of {before}.", after=_when(shown.next_after), before=_when(shown.next_before))
    if shown.asked_at_once:
        yield text("Chapters that were not asked yet this month are asked at once.")
    if shown.now.setting.key == "retention_months" and shown.value < shown.now.value:
        yield text("Who wrote what is older is forgotten for good.")
    if shown.now.setting.group is Group.GOALS:
        yield from _adoption(shown)
    if shown.now.setting.unit is Unit.QUESTIONS:
        yield from _questions(shown)
    if shown.now.setting.unit is Unit.DIMENSIONS:
        yield text("What was counted before stays stored; what is not counted any more is not shown any more.")


_RULES: Mapping[str, Text] = {
    "consent": text("By consent: adopted if at least half of the active chapters have answered and no objection stands."),
    "majority": text("By majority: adopted if at least half of the active chapters have answered and more support it than object."),
}


def _adoption(shown: Proposal) -> Iterator[Text]:
    if shown.now.setting.unit is Unit.RULE:
        yield _RULES[shown.value]
    if shown.now.setting.key != "direct_chapters":
        yield text("Proposals that are open go on as they began.")
    elif shown.chapters is not None:
        there = counted("There is {n} chapter here", "There are {n} chapters here", shown.chapters)
        if shown.chapters <= shown.value:
            yield text("{there}: coordinators would set goals by themselves.", there=there)
        else:
            yield text("{there}: goals would be adopted by the chapters.", there=there)


def _effect(effect: Effect) -> Iterator[Text]:
    lost, gained = effect.lost, effect.gained
    if not lost and not gained:
        yield text("No chapter would begin or stop to count as functioning by this.")
    if lost:
        yield counted("{n} chapter would no longer count as functioning.", "{n} chapters would no longer count as functioning.", lost)
    if gained:
        yield counted("{n} chapter would newly count as functioning.", "{n} chapters would newly count as functioning.", gained)
    if lost or gained:
        yield text("Functioning chapters: {after}, instead of {before}.", after=effect.after, before=effect.before)
    if effect.at_risk_before != effect.at_risk_after:
        yield text("At risk: {after}, instead of {before}.", after=effect.at_risk_after, before=effect.at_risk_before)
    if effect.new_before != effect.new_after:
        yield text("New: {after}, instead of {before}.", after=effect.new_after, before=effect.new_before)


def _when(moment: Next) -> Text:
    if moment.hour is None:
        return text("{day}", day=moment.day)
    return text("{day} at {hour}:00", day=moment.day, hour=moment.hour)


def _questions(shown: Proposal) -> Iterator[Text]:
    words = choices.QUESTION_CHOICES
    dropped = tuple(words[each] for each in shown.now.value if each not in shown.value)
    added = tuple(words[each] for each in shown.value if each not in shown.now.value)
    if dropped:
        yield text("No longer asked: {questions}. What was published stays.", questions=Listing(dropped, "comma"))
    if added:
        yield text("Asked from now on: {questions}.", questions=Listing(added, "comma"))


# What came of it


def done_card(done: Done) -> Card:
    """What is in force now."""
    if not done.changed:
        return card(Line(text("Nothing was changed by this. In force is:")), Line(_line(done.now)))
    return card(
        Line(text("This is in force now. Everything that depends on it is worked out anew, which takes a moment.")),
        Line(_line(done.now)),
    )


def kept_card(done: Done) -> Card:
    """That everything stays as it is."""
    return card(Line(text("Nothing was changed. In force is:")), Line(_line(done.now)))
