"""The kinds of change that stand on the open log, and the topics by which people look for them."""

from enum import StrEnum


class Topic(StrEnum):
    """What a change is about: the first half of its kind."""

    SETUP = "setup"
    POLICY = "policy"
    ORGANISATION = "organisation"
    CHAPTER = "chapter"
    VISIBILITY = "visibility"
    ADMIN = "admin"
    DUTY = "duty"
    FACILITATOR = "facilitator"
    CHECKIN = "checkin"
    PARTNER = "partner"
    REPORT = "report"
    COMPOSITION = "composition"
    FACT = "fact"
    BRANCH = "branch"
    GATHERING = "gathering"
    GOAL = "goal"
    IMPORT = "import"


class Kind(StrEnum):
    """Every kind of change; a new one needs its words in cogs/cards/log.py."""

    SETUP_CHANGE = "setup.change"
    POLICY_CHANGE = "policy.change"
    ORGANISATION_ADD = "organisation.add"
    CHAPTER_ADD = "chapter.add"
    CHAPTER_EDIT = "chapter.edit"
    CHAPTER_RENAME = "chapter.rename"
    CHAPTER_ARCHIVE = "chapter.archive"
    CHAPTER_RESTORE = "chapter.restore"
    CHAPTER_REST = "chapter.rest"
    CHAPTER_WAKE = "chapter.wake"
    VISIBILITY_WAIT = "visibility.wait"
    VISIBILITY_CHOOSE = "visibility.choose"
    VISIBILITY_KEEP = "visibility.keep"
    VISIBILITY_LOOSEN = "visibility.loosen"
    ADMIN_ADD = "admin.add"
    ADMIN_REMOVE = "admin.remove"
    ADMIN_LEAVE = "admin.leave"
    DUTY_HANDED_ON = "duty.pass"
    FACILITATOR_CLAIM = "facilitator.claim"
    FACILITATOR_RELEASE = "facilitator.release"
    FACILITATOR_LEAVE = "facilitator.leave"
    FACILITATOR_OFFER = "facilitator.offer"
    FACILITATOR_HANDOVER = "facilitator.handover"
    FACILITATOR_ABSENT = "facilitator.absent"
    FACILITATOR_RETURN = "facilitator.return"
    FACILITATOR_STANDIN = "facilitator.standin"
    FACILITATOR_DECLINE = "facilitator.decline"
    CHECKIN_RECORD = "checkin.record"
    CHECKIN_CORRECT = "checkin.correct"
    CHECKIN_WITHDRAW = "checkin.withdraw"
    PARTNER_CONFIRM = "partner.confirm"
    PARTNER_DECLINE = "partner.decline"
    REPORT_SAVE = "report.save"
    REPORT_SHARE = "report.share"
    REPORT_PUBLISH = "report.publish"
    REPORT_CORRECT = "report.correct"
    REPORT_REDACT = "report.redact"
    REPORT_SKIP = "report.skip"
    REPORT_LATER = "report.later"
    COMPOSITION_RECORD = "composition.record"
    FACT_CONFIRM = "fact.confirm"
    BRANCH_ADD = "branch.add"
    BRANCH_EDIT = "branch.edit"
    GATHERING_RECORD = "gathering.record"
    GATHERING_WITHDRAW = "gathering.withdraw"
    GATHERING_CONFIRM = "gathering.confirm"
    GATHERING_DECLINE = "gathering.decline"
    GOAL_ADD = "goal.add"
    GOAL_EDIT = "goal.edit"
    GOAL_RETIRE = "goal.retire"
    GOAL_RECORD = "goal.record"

    @property
    def topic(self) -> Topic:
        """What it is about."""
        return Topic(self.partition(".")[0])


def of_topic(topic: Topic) -> tuple[Kind, ...]:
    """The kinds of change that are about this."""
    return tuple(kind for kind in Kind if kind.topic is topic)
