"""The words for stored values: as they stand in a sentence, and as a choice, which begins with a capital letter like every button."""

from collections.abc import Collection, Mapping, Sequence

from bot.domain import choices
from bot.domain.chapters import Dues, Money
from bot.domain.checkins import Format, Kind
from bot.domain.goals import Metric
from bot.domain.text import Listing, Percent, Text, Value, text

NOT_KNOWN = "?"
"""The value of the answer "Not known" in a single choice."""

KINDS: Mapping[Kind, Text] = {
    Kind.MEETING: text("meeting"),
    Kind.EDUCATION: text("education"),
    Kind.OUTREACH: text("outreach"),
    Kind.RECRUITMENT: text("recruitment"),
    Kind.CAMPAIGN: text("campaign"),
    Kind.NETWORKING: text("networking"),
    Kind.FUNDRAISER: text("fundraiser"),
    Kind.PROJECT: text("project"),
    Kind.SOCIAL: text("social"),
}


def in_unit(metric: str, figure: int) -> Value:
    """A figure as it is shown: a share in percent, and any other as the count that it is."""
    return Percent(figure) if metric == Metric.GENDER_BALANCE else figure


def instead_of_meeting(kinds: Collection[str]) -> Listing | None:
    """The kinds of check-in that bring a chapter together, where the policy counts no meeting; None where a meeting does."""
    return None if Kind.MEETING in kinds else Listing(tuple(KINDS[kind] for kind in Kind if kind in kinds), "or")


KIND_CHOICES: Mapping[Kind, Text] = {kind: choices.KIND_CHOICES[kind] for kind in Kind}

FORMATS: Mapping[Format, Text] = {
    Format.IN_PERSON: text("In person"),
    Format.ONLINE: text("Online"),
    Format.HYBRID: text("In person and online"),
}

DUES: Mapping[Dues, Text] = {
    Dues.UNDECIDED: text("Not decided yet"),
    Dues.DECLINED: text("Decided against it"),
    Dues.AGREED: text("Agreed, not collecting yet"),
    Dues.COLLECTING: text("Collecting"),
}

MONEY: Mapping[Money, Text] = {
    Money.NONE: text("None yet"),
    Money.BANK_ACCOUNT: text("Bank account"),
    Money.FISCAL_HOST: text("Fiscal host"),
    Money.CASH_BOX: text("Cash box"),
}


def dotted(facts: Sequence[Value]) -> Text:
    """Several facts in one line, each of which could stand alone."""
    joined = text("{fact}", fact=facts[0])
    for fact in facts[1:]:
        joined = text("{before} · {fact}", before=joined, fact=fact)
    return joined
