"""The words for stored values, each once."""

from collections.abc import Mapping

from bot.domain.chapters import Dues, Money
from bot.domain.checkins import Kind
from bot.domain.text import Text, text

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
