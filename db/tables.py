"""Every table, once. Each row names its organisation (guild_id); a `chapter_id` never crosses servers.

Every column says what it is for (`doc`), every table why it is there, who sees it and how long it is kept (`info`): the page
docs/what-is-stored.md is made from that. What holds a person's number is a `UserId`; `dated` names the column that says since when, so
that it can go when it is old. Both are how /privacy finds all there is of somebody.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    false,
    text,
)

from db.guards import GUARDS
from db.types import Day, Id, Instant, Json, MonthIndex, Snowflake, UserId

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


# Who sees it
EVERYBODY = "everybody in the server"
WHO_SEES_IT = "whoever may see the chapter"
INSIDERS = "the chapter's own admins and its own facilitators; others as far as small numbers and private notes allow"
FACILITATORS = "facilitators"
COORDINATORS = "coordinators, and whoever runs the bot"
THE_TWO = "the two of them"
THEMSELVES = "whoever typed it"
NOBODY = "nobody: the program alone uses it"

# How long it is kept
FOR_GOOD = "as long as the organisation is there"
WHILE_SO = "while it is so"
RETAINED = "as long as names are kept (`retention_months` of the policy, 24 at first)"
A_DAY = "a day"
A_TURN = "until that turn is over, 30 days at most"
A_WEEK = "7 days; a file that waits a day"
OUTBOX = "what was dropped 90 days; what went out as long as the organisation is there, naming nobody after retention_months"


def _guild() -> Column[int]:
    key = ForeignKey("organisation.guild_id", ondelete="CASCADE")
    return Column("guild_id", Snowflake, key, nullable=False, doc="The server")


def _chapter(doc: str, *, nullable: bool = False, primary_key: bool = False, ondelete: str = "CASCADE") -> Column[int]:
    key = ForeignKey("chapter.id", ondelete=ondelete)
    return Column("chapter_id", Id, key, nullable=nullable, primary_key=primary_key, doc=doc)


organisation = Table(
    "organisation",
    metadata,
    Column("guild_id", Snowflake, primary_key=True, autoincrement=False, doc="The Discord server"),
    Column("timezone", String(64), nullable=False, doc="The zone that goals, daily values and the digest are counted in"),
    Column("language", String(16), nullable=False, doc="The language of what the bot posts"),
    Column("coordinator_role", Snowflake, doc="Which Discord role coordinators hold"),
    Column("facilitator_role", Snowflake, doc="Which Discord role facilitators hold"),
    Column("facilitators_channel", Snowflake, doc="Where the bot writes to facilitators and coordinators"),
    Column("reports_channel", Snowflake, doc="Where reports are posted"),
    Column("created_at", Instant, nullable=False, doc="Since when the bot knows this server"),
    Column("set_up_at", Instant, doc="When it was first set up"),
    Column("valued_through", Day, doc="Up to which day goals have their daily value"),
    Column("digested_on", Day, doc="Of which day the newest digest is"),
    # Before that only chapters whose own row says since when are asked.
    Column("asks_since", Instant, doc="Since when coordinators agree that all chapters are asked"),
    Column("lacks", Json, doc="In which channels the bot last looked for its permissions, what it lacked, and when that was told"),
    Column("slug", String(48), unique=True, doc="The last part of its public page's address, which stays"),
    Column("public_name", String(100), doc="What the server was called when its public page was switched on"),
    Column("public_since", Instant, doc="Since when it has a public page; nothing: it has none"),
    Column("removed_at", Instant, index=True, doc="When the bot was taken out of the server: 30 days later all of it goes"),
    Column("next_at", Instant, nullable=False, index=True, doc="When there is next something to look after"),
    info={"why": "What the bot was set up with in this server", "seen": EVERYBODY, "kept": FOR_GOOD},
)

policy = Table(
    "policy",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    Column("key", String(40), nullable=False, doc="Which number of the rules"),
    Column("value", Json, nullable=False, doc="What it is from then on"),
    Column("since", Instant, nullable=False, doc="From when it holds"),
    Column("set_by", UserId, doc="Who changed it", info={"dated": "since"}),
    Index("ix_policy_guild_id_key_since", "guild_id", "key", "since"),
    info={"why": "Every number of the rules that was changed, and from when it holds", "seen": EVERYBODY, "kept": FOR_GOOD},
)

branch = Table(
    "branch",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    Column("country", String(2), nullable=False, doc="Its country"),
    Column("name", String(60), nullable=False, doc="Its name"),
    Column("currency", String(3), doc="Its currency"),
    UniqueConstraint("guild_id", "country"),
    info={"why": "The chapters of one country", "seen": EVERYBODY, "kept": FOR_GOOD},
)

SQUARE = "(round(latitude / 2.0) * 1000 + round(longitude / 2.0))"
"""Which square of two degrees a place is in, as one number."""

chapter = Table(
    "chapter",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    Column("branch_id", Id, ForeignKey("branch.id"), doc="Its branch"),
    Column("name", String(60), nullable=False, doc="Its name"),
    Column("folded", String(120), nullable=False, doc="Its name as it is compared: without accents and capitals"),
    Column("city", String(60), doc="Its town"),
    Column("latitude", Float, doc="Where its town is, to a tenth of a degree"),
    Column("longitude", Float, doc="Where its town is, to a tenth of a degree"),
    Column("timezone", String(64), nullable=False, doc="Its time zone: when it is asked, and which day it is there"),
    Column("languages", Json, nullable=False, doc="Which languages it speaks"),
    Column("channel_id", Snowflake, doc="The channel that it is asked in"),
    Column("role_id", Snowflake, doc="The role by which its members are known to Discord, so that no list of members is kept"),
    Column("founded", Day, doc="When it was founded"),
    Column("added_at", Instant, nullable=False, doc="When it was added: nobody is asked about the time before"),
    Column("added_on", Day, nullable=False, doc="On which day it was added, in its own zone"),
    Column("visibility", String(8), nullable=False, server_default="members", doc="Who may see it: open, members or hidden"),
    Column("loosens_to", String(8), doc="Who may see it soon, because its admins want that"),
    Column("loosens_at", Instant, doc="When that takes hold"),
    Column("resting_from", Day, doc="From when it rests"),
    Column("resting_until", Day, doc="Until when it rests"),
    Column("archived_at", Instant, doc="When it was archived"),
    Column("rhythm", Integer, nullable=False, server_default="1", doc="How many months lie between two reports that it is asked for"),
    Column("rhythm_since", MonthIndex, doc="From which report on that holds"),
    Column("prompt_hour", Integer, doc="At which hour it wants to be asked"),
    Column("discreet", Boolean, nullable=False, server_default=false(), doc="Whether messages in its channel say what they are about"),
    Column("duty_user_id", UserId, doc="Whose turn it is to answer for it"),
    Column("duty_passed_for", MonthIndex, doc="For which month the turn has passed on"),
    Column("asks_since", Instant, doc="Since when coordinators agree that this chapter is asked"),
    UniqueConstraint("guild_id", "folded"),
    CheckConstraint("visibility IN ('open', 'members', 'hidden')", name="visibility"),
    CheckConstraint("(loosens_to IS NULL) = (loosens_at IS NULL)", name="loosens"),
    CheckConstraint("rhythm BETWEEN 1 AND 4", name="rhythm"),
    Index("ix_chapter_guild_id_branch_id", "guild_id", "branch_id"),
    Index("ix_chapter_guild_id_role_id", "guild_id", "role_id"),
    Index(
        "ix_chapter_guild_id_place",
        "guild_id",
        "latitude",
        "longitude",
        "visibility",
        sqlite_where=text("latitude IS NOT NULL AND archived_at IS NULL"),
        postgresql_where=text("latitude IS NOT NULL AND archived_at IS NULL"),
    ),
    Index(
        "ix_chapter_guild_id_square",
        "guild_id",
        "visibility",
        text(SQUARE),
        "archived_at",
        "latitude",
        "longitude",
        sqlite_where=text("latitude IS NOT NULL AND archived_at IS NULL"),
        postgresql_where=text("latitude IS NOT NULL AND archived_at IS NULL"),
    ),
    Index(
        "ix_chapter_guild_id_open",
        "guild_id",
        "folded",
        sqlite_where=text("visibility = 'open' AND archived_at IS NULL"),
        postgresql_where=text("visibility = 'open' AND archived_at IS NULL"),
    ),
    info={"why": "The chapters", "seen": WHO_SEES_IT, "kept": FOR_GOOD},
)

# What a chapter was at any past moment: active, resting or archived, one row a change.
chapter_state = Table(
    "chapter_state",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    _chapter("The chapter"),
    Column("state", String(8), nullable=False, doc="Active, resting or archived"),
    Column("since", Instant, nullable=False, doc="When that was entered"),
    Column("from_day", Day, nullable=False, doc="From which day it holds"),
    Column("until", Day, doc="Until which day a rest lasts"),
    Column("set_by", UserId, doc="Who changed it", info={"dated": "since"}),
    CheckConstraint("state IN ('active', 'resting', 'archived')", name="state"),
    Index("ix_chapter_state_chapter_id_since", "chapter_id", "since"),
    info={"why": "What a chapter was at any past moment: active, resting or archived", "seen": WHO_SEES_IT, "kept": FOR_GOOD},
)

standing_fact = Table(
    "standing_fact",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    _chapter("The chapter, if it is one's", nullable=True),
    Column("branch_id", Id, ForeignKey("branch.id", ondelete="CASCADE"), doc="The branch, if it is one's"),
    Column("key", String(8), nullable=False, doc="Which fact: a delegate, a way to hold money, dues"),
    Column("value", String(16), nullable=False, doc="What it is"),
    Column("confirmed_on", Day, nullable=False, doc="On which day it was last confirmed"),
    Column("recorded_at", Instant, nullable=False, doc="When it was entered"),
    Column("recorded_by", UserId, doc="Who entered it", info={"dated": "recorded_at"}),
    CheckConstraint("key IN ('delegate', 'money', 'dues')", name="key"),
    CheckConstraint("(chapter_id IS NULL) <> (branch_id IS NULL)", name="subject"),
    Index("ix_standing_fact_chapter_id_key", "chapter_id", "key", "confirmed_on"),
    Index("ix_standing_fact_branch_id_key", "branch_id", "key", "confirmed_on"),
    info={
        "why": "What chapters and branches say of themselves: a delegate, a way to hold money, dues",
        "seen": WHO_SEES_IT,
        "kept": FOR_GOOD,
    },
)

admin = Table(
    "admin",
    metadata,
    _guild(),
    _chapter("The chapter", primary_key=True),
    Column("user_id", UserId, primary_key=True, doc="Who is its admin: they may answer for it, and are asked"),
    Column("position", Integer, nullable=False, doc="Their place in the order of turns"),
    Column("since", Instant, nullable=False, doc="Since when"),
    Column("away_until", Day, doc="Until which day they are away, so that turns pass them over", info={"seen": INSIDERS}),
    Index("ix_admin_guild_id_user_id", "guild_id", "user_id"),
    info={"why": "Who answers for a chapter", "seen": WHO_SEES_IT, "kept": WHILE_SO},
)

duty_note = Table(
    "duty_note",
    metadata,
    _chapter("The chapter", primary_key=True),
    _guild(),
    Column("from_user", UserId, nullable=False, doc="Who passed the turn on", info={"dated": "written_at"}),
    Column("note", Text, nullable=False, doc="What they wrote to whoever has it now"),
    Column("written_at", Instant, nullable=False, index=True, doc="When"),
    info={"why": "What an admin wrote to the next one when passing the turn on", "seen": THE_TWO, "kept": A_TURN},
)

facilitator = Table(
    "facilitator",
    metadata,
    _guild(),
    _chapter("The chapter", primary_key=True),
    Column("user_id", UserId, primary_key=True, doc="Who looks after it: they read its private notes"),
    Column("since", Instant, nullable=False, doc="Since when"),
    Index("ix_facilitator_guild_id_user_id", "guild_id", "user_id"),
    info={"why": "Who looks after a chapter", "seen": WHO_SEES_IT, "kept": WHILE_SO},
)

# Until which day a facilitator is away, and who was asked to stand in. It ends at `ends_at`: when that day begins, or earlier.
absence = Table(
    "absence",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    Column("user_id", UserId, nullable=False, doc="Who is away", info={"dated": "ends_at"}),
    Column("until", Day, nullable=False, doc="Until which day"),
    Column("ends_at", Instant, nullable=False, doc="When it ends"),
    Column("stand_in", UserId, doc="Who was asked to stand in", info={"dated": "ends_at"}),
    Column("accepted", Boolean, doc="What they said"),
    Column("answered_at", Instant, doc="When they said it"),
    Index("ix_absence_guild_id_ends_at", "guild_id", "ends_at"),
    info={"why": "Which facilitators are away, and who stands in", "seen": FACILITATORS, "kept": RETAINED},
)

# Who refused a direct message, or had left the server, when the bot last needed them.
unreachable = Table(
    "unreachable",
    metadata,
    Column("guild_id", Snowflake, ForeignKey("organisation.guild_id", ondelete="CASCADE"), primary_key=True, doc="The server"),
    Column("user_id", UserId, primary_key=True, doc="Whom the bot cannot reach", info={"dated": "since"}),
    Column("reason", String(16), nullable=False, doc="Why: they take no messages, or have left"),
    Column("since", Instant, nullable=False, doc="Since when that is known"),
    CheckConstraint("reason IN ('refused', 'left')", name="reason"),
    info={"why": "Whom the bot cannot reach, so that it does not try again and again", "seen": NOBODY, "kept": WHILE_SO},
)

# A facilitator's own notes on a chapter: "I have been in touch", "remind me", "offered a rest".
contact = Table(
    "contact",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    _chapter("The chapter"),
    Column("user_id", UserId, nullable=False, doc="Which facilitator noted it", info={"dated": "at"}),
    Column("kind", String(16), nullable=False, doc="What it was: in touch, a reminder, a rest offered"),
    Column("at", Instant, nullable=False, doc="When"),
    Column("hidden_until", Instant, doc="Until when the chapter is not shown as worth a call"),
    CheckConstraint("kind IN ('in_touch', 'reminder', 'rest_offered')", name="kind"),
    Index("ix_contact_chapter_id_kind_at", "chapter_id", "kind", "at"),
    info={"why": "What facilitators noted about a chapter, so that not all of them call", "seen": FACILITATORS, "kept": RETAINED},
)

handover = Table(
    "handover",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    _chapter("The chapter"),
    Column("from_user", UserId, nullable=False, doc="Who offered it", info={"dated": "offered_at"}),
    Column("to_user", UserId, nullable=False, doc="Whom it was offered to", info={"dated": "offered_at"}),
    Column("note", Text, doc="What was written to whoever it was offered to; kept 30 days at most"),
    Column("offered_at", Instant, nullable=False, doc="When"),
    Column("accepted", Boolean, doc="What they said"),
    Column("answered_at", Instant, doc="When they said it"),
    Index("ix_handover_chapter_id", "chapter_id"),
    Index("ix_handover_noted", "offered_at", sqlite_where=text("note IS NOT NULL"), postgresql_where=text("note IS NOT NULL")),
    info={"why": "Chapters that one facilitator offered to another", "seen": THE_TWO, "kept": RETAINED},
)

checkin = Table(
    "checkin",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    _chapter("The chapter"),
    Column("form_key", String(40), nullable=False, doc="The form it was typed in, so that a double click is stored once"),
    Column("kind", String(16), nullable=False, doc="What was done"),
    Column("day", Day, nullable=False, doc="On which day"),
    Column("people", Integer, doc="How many took part; never who"),
    Column("format", String(16), doc="In person, online or both"),
    Column("education", Boolean, doc="Whether it had an education part"),
    Column("note", Text, doc="What the chapter wants to remember of it"),
    Column("version", Integer, nullable=False, server_default="1", doc="Which version this is"),
    Column("recorded_at", Instant, nullable=False, doc="When it was entered"),
    Column("recorded_by", UserId, doc="Who entered it", info={"dated": "recorded_at"}),
    Column("withdrawn_at", Instant, doc="When it was taken back"),
    UniqueConstraint("guild_id", "form_key"),
    CheckConstraint("people BETWEEN 0 AND 100000", name="people"),
    Index("ix_checkin_chapter_id_day", "chapter_id", "day"),
    Index("ix_checkin_guild_id_kind_day", "guild_id", "kind", "day", "chapter_id", "withdrawn_at"),
    info={"why": "What chapters did", "seen": WHO_SEES_IT, "kept": FOR_GOOD},
)

checkin_version = Table(
    "checkin_version",
    metadata,
    Column("checkin_id", Id, ForeignKey("checkin.id", ondelete="CASCADE"), primary_key=True, doc="The check-in"),
    Column("version", Integer, primary_key=True, doc="Which version"),
    _guild(),
    Column("fields", Json, nullable=False, doc="What it said, its note too"),
    Column("saved_at", Instant, nullable=False, doc="When"),
    Column("saved_by", UserId, doc="Who entered or corrected it", info={"dated": "saved_at"}),
    info={"why": "What a check-in said before it was corrected", "seen": NOBODY, "kept": FOR_GOOD},
)

checkin_partner = Table(
    "checkin_partner",
    metadata,
    Column("checkin_id", Id, ForeignKey("checkin.id", ondelete="CASCADE"), primary_key=True, doc="The check-in"),
    _chapter("The chapter that took part as well", primary_key=True),
    _guild(),
    Column("state", String(10), nullable=False, doc="Whether it said so"),
    Column("asked_at", Instant, nullable=False, doc="When it was asked"),
    Column("answered_at", Instant, doc="When it answered"),
    Column("answered_by", UserId, doc="Who answered", info={"dated": "answered_at"}),
    CheckConstraint("state IN ('asked', 'confirmed', 'declined')", name="state"),
    Index("ix_checkin_partner_chapter_id_state", "chapter_id", "state"),
    info={"why": "Which other chapters took part", "seen": WHO_SEES_IT, "kept": FOR_GOOD},
)

# An entry that waits for "store it anyway", or a form that could not be taken, of one person; kept for a day.
# Without guild_id it was typed in a direct message.
pending = Table(
    "pending",
    metadata,
    Column("form_key", String(40), primary_key=True, doc="The form"),
    Column("guild_id", Snowflake, doc="The server, unless it was typed in a direct message"),
    Column("user_id", UserId, nullable=False, doc="Who typed it: nobody else can open it"),
    Column("entry", Json, nullable=False, doc="What was typed"),
    Column("created_at", Instant, nullable=False, index=True, doc="When"),
    info={"why": "What somebody typed that could not be taken yet, so that it is not lost", "seen": THEMSELVES, "kept": A_DAY},
)

# A file that came in: until it is confirmed with what it holds, then without, so long as it can be taken back.
intake = Table(
    "intake",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    Column("made_by", UserId, doc="Who sent the file", info={"dated": "at"}),
    Column("at", Instant, nullable=False, index=True, doc="When it was sent, then when it was taken in"),
    Column("state", String(8), nullable=False, server_default="waiting", doc="Whether it waits, was taken in, or was taken back"),
    Column("kind", String(10), nullable=False, doc="What its rows are"),
    Column("file_name", String(100), doc="What the file is called, while it waits"),
    Column("content", LargeBinary, doc="The file, packed, while it waits"),
    Column("sheet", String(100), doc="The sheet of a workbook that was named"),
    Column("shown", String(64), doc="What its preview came to, so that another one is shown anew"),
    Column("log_from", Id, doc="The open log's newest line before it was taken in"),
    Column("log_to", Id, doc="The open log's newest line after it was taken in"),
    Column("undone_from", Id, doc="The open log's newest line before it was taken back"),
    Column("undone_to", Id, doc="The open log's newest line after it was taken back"),
    CheckConstraint("state IN ('waiting', 'done', 'undone')", name="state"),
    Index("ix_intake_guild_id_state", "guild_id", "state", "id"),
    info={
        "why": "A file that waits to be confirmed for a day, and that it can be taken back for 7 days",
        "seen": COORDINATORS,
        "kept": A_WEEK,
    },
)

# What an import added or changed, so that it can be taken back: a changed row with what stood there before.
intake_row = Table(
    "intake_row",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    Column("intake_id", Id, ForeignKey("intake.id", ondelete="CASCADE"), nullable=False, doc="The import"),
    Column("what", String(8), nullable=False, doc="Which table the row is in"),
    Column("row_id", Id, nullable=False, doc="The row that was added or changed"),
    Column("version", Integer, doc="Its version since then"),
    Column("before", Json, doc="What stood there before; nothing for a row that was added"),
    Index("ix_intake_row_intake_id_what", "intake_id", "what", "row_id"),
    info={"why": "What an import changed, so that it can be taken back", "seen": NOBODY, "kept": A_WEEK},
)

# What counts for a criterion of functioning, on which day, and since when it is known. Derived from entries in their own transaction.
evidence = Table(
    "evidence",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    _chapter("The chapter"),
    Column("criterion", String(8), nullable=False, doc="What it counts for: comes together, learns, reports"),
    Column("day", Day, nullable=False, doc="For which day"),
    Column("known_on", Day, nullable=False, doc="Since which day it is known"),
    Column("amount", Integer, nullable=False, doc="How much it counts"),
    Column("kind", String(16), doc="The kind of the check-in"),
    Column("people", Integer, doc="How many took part in the check-in"),
    Column("checkin_id", Id, ForeignKey("checkin.id", ondelete="CASCADE"), index=True, doc="The check-in it comes from"),
    Column("report_id", Id, ForeignKey("report.id", ondelete="CASCADE"), index=True, doc="The report it comes from"),
    CheckConstraint("criterion IN ('together', 'learns', 'reports')", name="criterion"),
    CheckConstraint("amount > 0", name="amount"),
    Index("ix_evidence_chapter_id_criterion_day", "chapter_id", "criterion", "day", "known_on", "amount", "kind", "people"),
    info={"why": "What of the entries counts for whether a chapter functions", "seen": WHO_SEES_IT, "kept": FOR_GOOD},
)

# One per chapter and period, from the first time that it is owed or opened. Figures and state are those of the newest published version.
report = Table(
    "report",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    _chapter("The chapter"),
    Column("period", MonthIndex, nullable=False, doc="Its month"),
    Column("owed", Boolean, nullable=False, server_default=false(), doc="Whether the chapter was asked for it"),
    Column("may_share", Boolean, nullable=False, server_default=false(), doc="Whether others may quote what is hard"),
    Column("later_until", Day, doc="Until when nobody wants to be reminded"),
    Column("version", Integer, nullable=False, server_default="0", doc="The newest published version"),
    Column("quiet", Boolean, nullable=False, server_default=false(), doc="Whether it was a quiet month"),
    Column("members", Integer, doc="How many members the chapter has"),
    Column("met", Integer, doc="How many of them met"),
    Column("first_published_at", Instant, doc="When it was first published"),
    Column("first_published_on", Day, doc="On which day that was"),
    Column("published_at", Instant, doc="When the newest version was published"),
    Column("published_by", UserId, doc="Who published it", info={"dated": "published_at"}),
    Column("skipped_at", Instant, doc="When it was skipped"),
    Column("skipped_by", UserId, doc="Who skipped it", info={"dated": "skipped_at"}),
    Column("skip_reason", String(200), doc="Why", info={"seen": INSIDERS}),
    Column("post_channel_id", Snowflake, doc="Where its post stands"),
    Column("post_message_id", Snowflake, doc="Which message that is"),
    UniqueConstraint("chapter_id", "period"),
    Index("ix_report_chapter_id_first_published_on", "chapter_id", "first_published_on"),
    Index(
        "ix_report_guild_id_first_published_at",
        "guild_id",
        "first_published_at",
        sqlite_where=text("first_published_at IS NOT NULL"),
        postgresql_where=text("first_published_at IS NOT NULL"),
    ),
    Index("ix_report_guild_id_shared", "guild_id", "period", sqlite_where=text("may_share = 1"), postgresql_where=text("may_share")),
    info={"why": "The monthly reports, with the figures of the newest version", "seen": WHO_SEES_IT, "kept": FOR_GOOD},
)

# What is saved of a report that is being filled in, part by part; `version` tells whether somebody else saved in between.
report_part = Table(
    "report_part",
    metadata,
    Column("report_id", Id, ForeignKey("report.id", ondelete="CASCADE"), primary_key=True, doc="The report"),
    Column("part", String(8), primary_key=True, doc="Which part of it"),
    _guild(),
    Column("answers", Json, nullable=False, doc="What was answered; the private note stands here alone"),
    Column("version", Integer, nullable=False, doc="Which version of this part"),
    Column("saved_at", Instant, nullable=False, doc="When"),
    Column("saved_by", UserId, doc="Who saved it", info={"dated": "saved_at"}),
    CheckConstraint("part IN ('people', 'activity', 'words')", name="part"),
    info={"why": "A report while it is filled in", "seen": INSIDERS, "kept": FOR_GOOD},
)

# What was published, every version; the private note is never in it.
report_version = Table(
    "report_version",
    metadata,
    Column("report_id", Id, ForeignKey("report.id", ondelete="CASCADE"), primary_key=True, doc="The report"),
    Column("version", Integer, primary_key=True, doc="Which version"),
    _guild(),
    Column("answers", Json, nullable=False, doc="What was published; never the private note"),
    Column("published_at", Instant, nullable=False, doc="When"),
    Column("published_by", UserId, doc="Who published it", info={"dated": "published_at"}),
    info={"why": "Every version that was published", "seen": WHO_SEES_IT, "kept": FOR_GOOD},
)

composition = Table(
    "composition",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    _chapter("The chapter"),
    Column("dimension", String(40), nullable=False, doc="What was counted"),
    Column("day", Day, nullable=False, doc="On which day"),
    Column("method", String(200), nullable=False, doc="How it was counted"),
    Column("counts", Json, nullable=False, doc="How many of each; never who"),
    Column("people", Integer, nullable=False, doc="How many in all"),
    Column("recorded_at", Instant, nullable=False, doc="When it was entered"),
    Column("recorded_by", UserId, doc="Who entered it", info={"dated": "recorded_at"}),
    Column("replaced_at", Instant, doc="When a later count took its place"),
    Index("ix_composition_chapter_id_dimension_day", "chapter_id", "dimension", "day"),
    info={"why": "How many women, men and others a chapter has, as it counted them itself", "seen": INSIDERS, "kept": FOR_GOOD},
)

# The organisation's sum as it was last shown: it moves at a month's end, and only when enough chapters' counts changed.
composition_sum = Table(
    "composition_sum",
    metadata,
    Column("guild_id", Snowflake, ForeignKey("organisation.guild_id", ondelete="CASCADE"), primary_key=True, doc="The server"),
    Column("dimension", String(40), primary_key=True, doc="What was counted"),
    Column("month", MonthIndex, primary_key=True, doc="As at which month's end"),
    Column("counts", Json, nullable=False, doc="The sum over chapters"),
    Column("sources", Json, nullable=False, doc="Which counts it was made of"),
    Column("oldest", Day, doc="The day of the oldest of them"),
    info={"why": "The whole organisation's sum as it was last shown", "seen": EVERYBODY, "kept": FOR_GOOD},
)

gathering = Table(
    "gathering",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    Column("branch_id", Id, ForeignKey("branch.id", ondelete="CASCADE"), nullable=False, doc="The branch"),
    Column("form_key", String(40), doc="The form it was typed in, so that a double click is stored once"),
    Column("day", Day, nullable=False, doc="On which day"),
    Column("people", Integer, doc="How many came; never who"),
    Column("delegates", Integer, doc="How many delegates"),
    Column("recorded_at", Instant, nullable=False, doc="When it was entered"),
    Column("recorded_by", UserId, doc="Who entered it", info={"dated": "recorded_at"}),
    Column("withdrawn_at", Instant, doc="When it was taken back"),
    UniqueConstraint("guild_id", "form_key"),
    Index("ix_gathering_branch_id_day", "branch_id", "day"),
    info={"why": "Gatherings of a branch", "seen": EVERYBODY, "kept": FOR_GOOD},
)

gathering_chapter = Table(
    "gathering_chapter",
    metadata,
    Column("gathering_id", Id, ForeignKey("gathering.id", ondelete="CASCADE"), primary_key=True, doc="The gathering"),
    _chapter("A chapter that was there", primary_key=True),
    _guild(),
    Column("state", String(10), nullable=False, doc="Whether it said so"),
    Column("answered_at", Instant, doc="When it answered"),
    Column("answered_by", UserId, doc="Who answered", info={"dated": "answered_at"}),
    CheckConstraint("state IN ('asked', 'confirmed', 'declined')", name="state"),
    info={"why": "Which chapters were there", "seen": WHO_SEES_IT, "kept": FOR_GOOD},
)

goal = Table(
    "goal",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    Column("metric", String(40), nullable=False, doc="What is measured"),
    Column("created_at", Instant, nullable=False, doc="When it was adopted"),
    Index("ix_goal_guild_id", "guild_id"),
    info={"why": "The goals", "seen": EVERYBODY, "kept": FOR_GOOD},
)

goal_revision = Table(
    "goal_revision",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    Column("goal_id", Id, ForeignKey("goal.id", ondelete="CASCADE"), nullable=False, doc="The goal"),
    Column("name", String(60), doc="Its name"),
    Column("target", Integer, nullable=False, doc="How much is wanted"),
    Column("starts", Day, nullable=False, doc="From when it counts"),
    Column("deadline", Day, nullable=False, doc="Until when"),
    Column("retired", Boolean, nullable=False, server_default=false(), doc="Whether it was given up"),
    Column("why", Text, doc="Why, in the words of whoever changed it"),
    Column("proposal_id", Id, ForeignKey("proposal.id", ondelete="SET NULL"), index=True, doc="The proposal by which chapters adopted it"),
    Column("adopted_at", Instant, nullable=False, doc="When it was changed"),
    Column("adopted_by", UserId, doc="Who changed it", info={"dated": "adopted_at"}),
    Index("ix_goal_revision_goal_id_adopted_at", "goal_id", "adopted_at"),
    info={"why": "What a goal was at any past moment", "seen": EVERYBODY, "kept": FOR_GOOD},
)

# What chapters are asked to adopt. What it says stands in its versions: an objection may amend it, and then all are asked anew.
proposal = Table(
    "proposal",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    Column("form_key", String(40), nullable=False, doc="The form it was typed in, so that a double click is stored once"),
    Column("goal_id", Id, ForeignKey("goal.id", ondelete="CASCADE"), index=True, doc="The goal that it is about, or that came of it"),
    Column("version", Integer, nullable=False, server_default="1", doc="Its newest version"),
    Column("state", String(9), nullable=False, server_default="open", doc="Whether it is open, and what came of it"),
    Column("closes_at", Instant, nullable=False, doc="When its newest version closes"),
    Column("decided_at", Instant, doc="When it was decided"),
    Column("active", Integer, doc="Of how many chapters half had to answer when it closed"),
    Column("made_at", Instant, nullable=False, doc="When it was made"),
    Column("made_by", UserId, doc="Who made it", info={"dated": "made_at"}),
    Column("channel_id", Snowflake, doc="Where its message stands"),
    Column("message_id", Snowflake, doc="Which message that is"),
    UniqueConstraint("guild_id", "form_key"),
    CheckConstraint("state IN ('open', 'adopted', 'stopped', 'void', 'withdrawn')", name="state"),
    Index("ix_proposal_guild_id_state", "guild_id", "state", "closes_at"),
    info={"why": "Goals that chapters are asked to adopt, to change or to give up", "seen": EVERYBODY, "kept": FOR_GOOD},
)

proposal_version = Table(
    "proposal_version",
    metadata,
    Column("proposal_id", Id, ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True, doc="The proposal"),
    Column("version", Integer, primary_key=True, doc="Which version"),
    _guild(),
    Column("act", String(6), nullable=False, doc="Whether a goal is to be added, changed or given up"),
    Column("metric", String(40), nullable=False, doc="What is measured"),
    Column("name", String(60), doc="Its name"),
    Column("target", Integer, nullable=False, doc="How much is wanted"),
    Column("deadline", Day, nullable=False, doc="Until when"),
    Column("why", Text, doc="Why, in the words of whoever wrote this version"),
    Column("rule", String(8), nullable=False, doc="By which rule it is decided"),
    Column("opened_at", Instant, nullable=False, doc="Since when chapters are asked"),
    Column("opened_by", UserId, doc="Who wrote this version", info={"dated": "opened_at"}),
    Column("closes_on", Day, nullable=False, doc="The last day on which chapters may speak"),
    CheckConstraint("act IN ('add', 'edit', 'retire')", name="act"),
    CheckConstraint("rule IN ('consent', 'majority')", name="rule"),
    info={"why": "What a proposal says, and what it said before it was amended", "seen": EVERYBODY, "kept": FOR_GOOD},
)

# One voice for each chapter and version; a later one takes the place of an earlier one.
proposal_voice = Table(
    "proposal_voice",
    metadata,
    Column("proposal_id", Id, ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True, doc="The proposal"),
    Column("version", Integer, primary_key=True, doc="Which version"),
    _chapter("The chapter", primary_key=True),
    _guild(),
    Column("voice", String(8), nullable=False, doc="What it says"),
    Column("reason", Text, doc="Why it objects"),
    Column("said_at", Instant, nullable=False, doc="When"),
    Column("said_by", UserId, doc="Which of its admins said so", info={"dated": "said_at"}),
    CheckConstraint("voice IN ('support', 'aside', 'object')", name="voice"),
    Index("ix_proposal_voice_chapter_id", "chapter_id"),
    info={"why": "What chapters say to a proposal", "seen": WHO_SEES_IT, "kept": FOR_GOOD},
)

# A figure that coordinators record: a `manual` goal's, or members outside chapters.
goal_figure = Table(
    "goal_figure",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    Column("goal_id", Id, ForeignKey("goal.id", ondelete="CASCADE"), nullable=False, doc="The goal"),
    Column("day", Day, nullable=False, doc="For which day"),
    Column("value", Integer, nullable=False, doc="The figure"),
    Column("recorded_at", Instant, nullable=False, doc="When it was entered"),
    Column("recorded_by", UserId, doc="Who entered it", info={"dated": "recorded_at"}),
    Index("ix_goal_figure_goal_id_day", "goal_id", "day"),
    info={"why": "Figures that coordinators record", "seen": EVERYBODY, "kept": FOR_GOOD},
)

# The value that each goal had on each day.
goal_value = Table(
    "goal_value",
    metadata,
    Column("goal_id", Id, ForeignKey("goal.id", ondelete="CASCADE"), primary_key=True, doc="The goal"),
    Column("day", Day, primary_key=True, doc="The day"),
    _guild(),
    Column("value", Integer, doc="What was reached"),
    Column("behind", Integer, doc="From how many chapters that is known"),
    Column("chapters", Integer, doc="Of how many"),
    Column("oldest", Day, doc="The day of the oldest figure in it"),
    info={"why": "The value that each goal had on each day", "seen": EVERYBODY, "kept": FOR_GOOD},
)

# Where an organisation's scoreboard stands: one message that is brought up to date.
scoreboard = Table(
    "scoreboard",
    metadata,
    Column("guild_id", Snowflake, ForeignKey("organisation.guild_id", ondelete="CASCADE"), primary_key=True, doc="The server"),
    Column("channel_id", Snowflake, nullable=False, doc="The channel that it stands in"),
    Column("message_id", Snowflake, doc="Which message it is, once it is posted"),
    Column("pinned", Boolean, doc="Whether the bot could pin it; empty until it tried"),
    Column("figures", String(64), doc="A digest of the figures that it shows"),
    Column("next_at", Instant, index=True, doc="When the figures are next looked at; empty once it could not be posted"),
    info={"why": "The message that shows where we stand, and keeps itself up to date", "seen": EVERYBODY, "kept": WHILE_SO},
)

# The growth from one month to the next over the chapters that answered in both.
trend_link = Table(
    "trend_link",
    metadata,
    Column("guild_id", Snowflake, ForeignKey("organisation.guild_id", ondelete="CASCADE"), primary_key=True, doc="The server"),
    Column("metric", String(40), primary_key=True, doc="What is measured"),
    Column("month", MonthIndex, primary_key=True, doc="Into which month"),
    Column("before", Integer, nullable=False, doc="What those chapters came to the month before"),
    Column("after", Integer, nullable=False, doc="What they came to then"),
    Column("chapters", Integer, nullable=False, doc="How many answered in both"),
    info={
        "why": "How much the same chapters grew from month to month, so that better reporting is not taken for growth",
        "seen": NOBODY,
        "kept": FOR_GOOD,
    },
)

# What has to be worked out again: `marks` tells whether an entry came while a day was being worked out.
stale = Table(
    "stale",
    metadata,
    Column("guild_id", Snowflake, ForeignKey("organisation.guild_id", ondelete="CASCADE"), primary_key=True, doc="The server"),
    Column("days_from", Day, doc="From which day on daily values may not be what the entries give"),
    Column("marks", Integer, nullable=False, doc="How often an entry came for that day or month, or an earlier one"),
    Column("links_from", MonthIndex, doc="From which month on the growth of the same chapters may not be what the reports give"),
    info={
        "why": "Which days have to be worked out again, because something was entered or corrected later",
        "seen": NOBODY,
        "kept": FOR_GOOD,
    },
)

# What a chapter's history comes to, as dates and UTC moments, so that nothing has to be recomputed because time passed.
summary = Table(
    "summary",
    metadata,
    _chapter("The chapter", primary_key=True),
    _guild(),
    Column("members", Integer, doc="Its newest number of members"),
    Column("members_on", Day, doc="Of which day that is"),
    Column("met", Integer, doc="How many of them last met"),
    Column("met_on", Day, doc="Of which day that is"),
    Column("together_on", Day, doc="When it last came together"),
    Column("learns_on", Day, doc="When it last learned"),
    Column("reports_on", Day, doc="When it last reported"),
    Column("dues_on", Day, doc="When its way to hold money was last confirmed"),
    Column("collecting_on", Day, doc="When it was last confirmed that it collects dues"),
    Column("delegate", Boolean, nullable=False, doc="Whether it has a delegate"),
    Column("heard_on", Day, doc="When it was last heard from"),
    Column("lapses_at", Instant, doc="When it stops functioning if nothing comes"),
    Column("at_risk_at", Instant, doc="When that comes near"),
    Column("awake_at", Instant, doc="When its rest ends"),
    Column("archived", Boolean, nullable=False, doc="Whether it is archived"),
    Column("reachable", Boolean, nullable=False, doc="Whether any admin can be reached"),
    Column("owed_period", MonthIndex, doc="Which report it owes"),
    Column("answered_period", MonthIndex, doc="Which it answered last"),
    Column("overdue_at", Instant, doc="When that becomes overdue"),
    Column("silent_at", Instant, doc="When it has been silent for long"),
    Column("next_at", Instant, index=True, doc="When there is next something to look after"),
    Index("ix_summary_guild_id_lapses_at", "guild_id", "lapses_at"),
    Index("ix_summary_guild_id_overdue_at", "guild_id", "overdue_at"),
    info={"why": "What a chapter's history comes to, so that answers are quick", "seen": WHO_SEES_IT, "kept": FOR_GOOD},
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    _chapter("The chapter that it is about", nullable=True),
    Column("kind", String(20), nullable=False, doc="What kind of message"),
    Column("dedup_key", String(100), nullable=False, unique=True, doc="What makes it the same message, so that it goes out once"),
    Column("period", MonthIndex, doc="The month that it is about"),
    Column("user_id", UserId, doc="Whom it is sent to or about", info={"dated": "created_at"}),
    Column("by_user_id", UserId, doc="Who caused it", info={"dated": "created_at"}),
    Column("payload", Json, nullable=False, doc="What else it needs"),
    Column("due_at", Instant, nullable=False, doc="When it is to go out"),
    Column("expires_at", Instant, doc="When it is of no use any more"),
    Column("state", String(8), nullable=False, server_default="waiting", doc="Whether it waits, went out or was refused"),
    Column("lease_owner", String(40), doc="Which run of the program sends it at this moment"),
    Column("lease_until", Instant, doc="How long that may take"),
    Column("first_claimed_at", Instant, doc="When it was first tried"),
    Column("attempts", Integer, nullable=False, server_default="0", doc="How often it was tried"),
    Column("sent_at", Instant, doc="When it went out"),
    Column("refused_at", Instant, doc="When Discord refused it"),
    Column("told_at", Instant, doc="When somebody was told so"),
    Column("channel_id", Snowflake, doc="Where the message stands"),
    Column("message_id", Snowflake, doc="Which message it is"),
    Column("reason", String(80), doc="Why it was refused or dropped"),
    Column("created_at", Instant, nullable=False, doc="Since when it is owed"),
    CheckConstraint("state IN ('waiting', 'leased', 'sent', 'refused', 'dropped')", name="state"),
    Index(
        "ix_outbox_due_at",
        "due_at",
        sqlite_where=text("state IN ('waiting', 'leased')"),
        postgresql_where=text("state IN ('waiting', 'leased')"),
    ),
    Index("ix_outbox_chapter_id_kind_period", "chapter_id", "kind", "period"),
    Index(
        "ix_outbox_guild_id_unsent",
        "guild_id",
        sqlite_where=text("state IN ('waiting', 'refused')"),
        postgresql_where=text("state IN ('waiting', 'refused')"),
    ),
    info={
        "why": "Messages that are owed, and where those that went out stand, so that none goes out twice",
        "seen": NOBODY,
        "kept": OUTBOX,
    },
)

# The open log: who changed which fields of what; never what they wrote.
change = Table(
    "change",
    metadata,
    Column("id", Id, primary_key=True, doc="The row"),
    _guild(),
    Column("at", Instant, nullable=False, doc="When"),
    Column("made_by", UserId, doc="Who made the change", info={"dated": "at"}),
    Column("nameless", Boolean, nullable=False, server_default=false(), doc="Whether somebody made it whose name was taken out"),
    Column("kind", String(24), nullable=False, doc="What kind of change"),
    _chapter("The chapter that was changed", nullable=True, ondelete="SET NULL"),
    Column("branch_id", Id, doc="The branch that was changed"),
    Column("goal_id", Id, doc="The goal that was changed"),
    Column("fields", Json, nullable=False, doc="The names of what changed; never what was written"),
    Index("ix_change_guild_id_at", "guild_id", "at"),
    Index("ix_change_chapter_id_at", "chapter_id", "at"),
    Index("ix_change_guild_id_kind_at", "guild_id", "kind", "at"),
    info={"why": "The open log: who changed what and when", "seen": WHO_SEES_IT, "kept": FOR_GOOD},
)

# How the program's care for its own file went: of the program, not of one organisation, so that it names none.
upkeep = Table(
    "upkeep",
    metadata,
    Column("task", String(8), primary_key=True, doc="What is done again and again: the backup, the weekly look"),
    Column("tried_at", Instant, doc="When it was last tried"),
    Column("done_at", Instant, doc="When it last went well"),
    Column("failing_since", Instant, doc="Since when it fails"),
    Column("fault", String(8), doc="How it fails"),
    Column("detail", Json, doc="Numbers about that"),
    CheckConstraint("task IN ('backup', 'deep', 'restore')", name="task"),
    info={"why": "How backups and the weekly look went; of the program, not of one server", "seen": COORDINATORS, "kept": FOR_GOOD},
)


def _index_people() -> None:
    """Has every column that names a person found by who it is, and by how old it is."""
    for table in metadata.sorted_tables:
        for column in [each for each in table.c if isinstance(each.type, UserId)]:
            named = text(f"{column.name} IS NOT NULL") if column.nullable else None
            if not any(list(index.columns)[:2] == [table.c.guild_id, column] for index in table.indexes):
                Index(f"ix_{table.name}_{column.name}", table.c.guild_id, column, sqlite_where=named, postgresql_where=named)
            if dated := column.info.get("dated"):
                since = table.c[dated]
                Index(f"ix_{table.name}_{column.name}_dated", table.c.guild_id, since, sqlite_where=named, postgresql_where=named)


_index_people()


@event.listens_for(change, "after_create")
def _guard(_table: Table, connection: Connection, **_: object) -> None:
    for guard in GUARDS.get(connection.dialect.name, {}).values():
        connection.exec_driver_sql(guard)
