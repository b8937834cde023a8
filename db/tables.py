"""Every table, once. Each row names its organisation (guild_id); a `chapter_id` never crosses servers."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from db.types import Day, Id, Instant, Json, MonthIndex, Snowflake

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _guild() -> Column[int]:
    return Column("guild_id", Snowflake, ForeignKey("organisation.guild_id", ondelete="CASCADE"), nullable=False)


def _chapter(*, nullable: bool = False, primary_key: bool = False) -> Column[int]:
    return Column("chapter_id", Id, ForeignKey("chapter.id", ondelete="CASCADE"), nullable=nullable, primary_key=primary_key)


organisation = Table(
    "organisation",
    metadata,
    Column("guild_id", Snowflake, primary_key=True, autoincrement=False),
    Column("timezone", String(64), nullable=False),
    Column("language", String(16), nullable=False),
    Column("coordinator_role", Snowflake),
    Column("facilitator_role", Snowflake),
    Column("facilitators_channel", Snowflake),
    Column("reports_channel", Snowflake),
    Column("created_at", Instant, nullable=False),
    Column("set_up_at", Instant),
    Column("valued_through", Day),
    Column("digested_on", Day),
    # Since when the coordinators agree that all chapters are asked; before that only those whose own row says since when.
    Column("asks_since", Instant),
    Column("next_at", Instant, nullable=False, index=True),
)

policy = Table(
    "policy",
    metadata,
    Column("id", Id, primary_key=True),
    _guild(),
    Column("key", String(40), nullable=False),
    Column("value", Json, nullable=False),
    Column("since", Instant, nullable=False),
    Column("set_by", Snowflake),
    Index("ix_policy_guild_id_key_since", "guild_id", "key", "since"),
)

branch = Table(
    "branch",
    metadata,
    Column("id", Id, primary_key=True),
    _guild(),
    Column("country", String(2), nullable=False),
    Column("name", String(60), nullable=False),
    Column("currency", String(3)),
    UniqueConstraint("guild_id", "country"),
)

chapter = Table(
    "chapter",
    metadata,
    Column("id", Id, primary_key=True),
    _guild(),
    Column("branch_id", Id, ForeignKey("branch.id")),
    Column("name", String(60), nullable=False),
    Column("folded", String(120), nullable=False),
    Column("city", String(60)),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("timezone", String(64), nullable=False),
    Column("languages", Json, nullable=False),
    Column("channel_id", Snowflake),
    Column("role_id", Snowflake),
    Column("founded", Day),
    Column("added_at", Instant, nullable=False),
    Column("added_on", Day, nullable=False),
    Column("visibility", String(8), nullable=False, server_default="members"),
    Column("loosens_to", String(8)),
    Column("loosens_at", Instant),
    Column("resting_from", Day),
    Column("resting_until", Day),
    Column("archived_at", Instant),
    Column("rhythm", Integer, nullable=False, server_default="1"),
    Column("rhythm_since", MonthIndex),
    Column("prompt_hour", Integer),
    Column("discreet", Boolean, nullable=False, server_default=false()),
    Column("duty_user_id", Snowflake),
    Column("duty_passed_for", MonthIndex),
    Column("asks_since", Instant),
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
)

# What a chapter was at any past moment: active, resting or archived, one row a change.
chapter_state = Table(
    "chapter_state",
    metadata,
    Column("id", Id, primary_key=True),
    _guild(),
    _chapter(),
    Column("state", String(8), nullable=False),
    Column("since", Instant, nullable=False),
    Column("from_day", Day, nullable=False),
    Column("until", Day),
    Column("set_by", Snowflake),
    CheckConstraint("state IN ('active', 'resting', 'archived')", name="state"),
    Index("ix_chapter_state_chapter_id_since", "chapter_id", "since"),
)

standing_fact = Table(
    "standing_fact",
    metadata,
    Column("id", Id, primary_key=True),
    _guild(),
    _chapter(nullable=True),
    Column("branch_id", Id, ForeignKey("branch.id", ondelete="CASCADE")),
    Column("key", String(8), nullable=False),
    Column("value", String(16), nullable=False),
    Column("confirmed_on", Day, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", Snowflake),
    CheckConstraint("key IN ('delegate', 'money', 'dues')", name="key"),
    CheckConstraint("(chapter_id IS NULL) <> (branch_id IS NULL)", name="subject"),
    Index("ix_standing_fact_chapter_id_key", "chapter_id", "key", "confirmed_on"),
    Index("ix_standing_fact_branch_id_key", "branch_id", "key", "confirmed_on"),
)

admin = Table(
    "admin",
    metadata,
    _guild(),
    _chapter(primary_key=True),
    Column("user_id", Snowflake, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Index("ix_admin_guild_id_user_id", "guild_id", "user_id"),
)

facilitator = Table(
    "facilitator",
    metadata,
    _guild(),
    _chapter(primary_key=True),
    Column("user_id", Snowflake, primary_key=True),
    Column("since", Instant, nullable=False),
    Index("ix_facilitator_guild_id_user_id", "guild_id", "user_id"),
)

# Until which day a facilitator is away, and who was asked to stand in. It ends at `ends_at`: when that day begins, or earlier.
absence = Table(
    "absence",
    metadata,
    Column("id", Id, primary_key=True),
    _guild(),
    Column("user_id", Snowflake, nullable=False),
    Column("until", Day, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("stand_in", Snowflake),
    Column("accepted", Boolean),
    Column("answered_at", Instant),
    Index("ix_absence_guild_id_ends_at", "guild_id", "ends_at"),
)

# Who refused a direct message, or had left the server, when the bot last needed them.
unreachable = Table(
    "unreachable",
    metadata,
    Column("guild_id", Snowflake, ForeignKey("organisation.guild_id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", Snowflake, primary_key=True),
    Column("reason", String(16), nullable=False),
    Column("since", Instant, nullable=False),
    CheckConstraint("reason IN ('refused', 'left')", name="reason"),
)

# A facilitator's own notes on a chapter: "I have been in touch", "remind me", "offered a rest".
contact = Table(
    "contact",
    metadata,
    Column("id", Id, primary_key=True),
    _guild(),
    _chapter(),
    Column("user_id", Snowflake, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("hidden_until", Instant),
    CheckConstraint("kind IN ('in_touch', 'reminder', 'rest_offered')", name="kind"),
    Index("ix_contact_chapter_id_kind_at", "chapter_id", "kind", "at"),
)

handover = Table(
    "handover",
    metadata,
    Column("id", Id, primary_key=True),
    _guild(),
    _chapter(),
    Column("from_user", Snowflake, nullable=False),
    Column("to_user", Snowflake, nullable=False),
    Column("offered_at", Instant, nullable=False),
    Column("accepted", Boolean),
    Column("answered_at", Instant),
    Index("ix_handover_chapter_id", "chapter_id"),
)

checkin = Table(
    "checkin",
    metadata,
    Column("id", Id, primary_key=True),
    _guild(),
    _chapter(),
    Column("form_key", String(40), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("day", Day, nullable=False),
    Column("people", Integer),
    Column("format", String(16)),
    Column("education", Boolean),
    Column("note", Text),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", Snowflake),
    Column("withdrawn_at", Instant),
    UniqueConstraint("guild_id", "form_key"),
    CheckConstraint("people BETWEEN 0 AND 100000", name="people"),
    Index("ix_checkin_chapter_id_day", "chapter_id", "day"),
    Index("ix_checkin_guild_id_kind_day", "guild_id", "kind", "day", "chapter_id", "withdrawn_at"),
)

checkin_version = Table(
    "checkin_version",
    metadata,
    Column("checkin_id", Id, ForeignKey("checkin.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    _guild(),
    Column("fields", Json, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("saved_by", Snowflake),
)

checkin_partner = Table(
    "checkin_partner",
    metadata,
    Column("checkin_id", Id, ForeignKey("checkin.id", ondelete="CASCADE"), primary_key=True),
    _chapter(primary_key=True),
    _guild(),
    Column("state", String(10), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("answered_by", Snowflake),
    CheckConstraint("state IN ('asked', 'confirmed', 'declined')", name="state"),
    Index("ix_checkin_partner_chapter_id_state", "chapter_id", "state"),
)

# An entry that waits for "store it anyway", or a form that could not be taken, of one person; kept for a day.
# Without guild_id it was typed in a direct message.
pending = Table(
    "pending",
    metadata,
    Column("form_key", String(40), primary_key=True),
    Column("guild_id", Snowflake),
    Column("user_id", Snowflake, nullable=False),
    Column("entry", Json, nullable=False),
    Column("created_at", Instant, nullable=False, index=True),
)

# What counts for a criterion of functioning, on which day, and since when it is known. Derived from entries in their own transaction.
evidence = Table(
    "evidence",
    metadata,
    Column("id", Id, primary_key=True),
    _guild(),
    _chapter(),
    Column("criterion", String(8), nullable=False),
    Column("day", Day, nullable=False),
    Column("known_on", Day, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("checkin_id", Id, ForeignKey("checkin.id", ondelete="CASCADE"), index=True),
    Column("report_id", Id, ForeignKey("report.id", ondelete="CASCADE"), index=True),
    CheckConstraint("criterion IN ('together', 'learns', 'reports')", name="criterion"),
    CheckConstraint("amount > 0", name="amount"),
    Index("ix_evidence_chapter_id_criterion_day", "chapter_id", "criterion", "day", "known_on", "amount"),
)

# One per chapter and period, from the first time that it is owed or opened. Figures and state are those of the newest published version.
report = Table(
    "report",
    metadata,
    Column("id", Id, primary_key=True),
    _guild(),
    _chapter(),
    Column("period", MonthIndex, nullable=False),
    Column("owed", Boolean, nullable=False, server_default=false()),
    Column("may_share", Boolean, nullable=False, server_default=false()),
    Column("later_until", Day),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("quiet", Boolean, nullable=False, server_default=false()),
    Column("members", Integer),
    Column("met", Integer),
    Column("first_published_at", Instant),
    Column("first_published_on", Day),
    Column("published_at", Instant),
    Column("published_by", Snowflake),
    Column("skipped_at", Instant),
    Column("skipped_by", Snowflake),
    Column("skip_reason", String(200)),
    Column("post_channel_id", Snowflake),
    Column("post_message_id", Snowflake),
    UniqueConstraint("chapter_id", "period"),
    Index("ix_report_chapter_id_first_published_on", "chapter_id", "first_published_on"),
    Index("ix_report_guild_id_shared", "guild_id", "period", sqlite_where=text("may_share = 1"), postgresql_where=text("may_share")),
)

# What is saved of a report that is being filled in, part by part; `version` tells whether somebody else saved in between.
report_part = Table(
    "report_part",
    metadata,
    Column("report_id", Id, ForeignKey("report.id", ondelete="CASCADE"), primary_key=True),
    Column("part", String(8), primary_key=True),
    _guild(),
    Column("answers", Json, nullable=False),
    Column("version", Integer, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("saved_by", Snowflake),
    CheckConstraint("part IN ('people', 'activity', 'words')", name="part"),
)

# What was published, every version; the private note is never in it.
report_version = Table(
    "report_version",
    metadata,
    Column("report_id", Id, ForeignKey("report.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    _guild(),
    Column("answers", Json, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("published_by", Snowflake),
)

composition = Table(
    "composition",
    metadata,
    Column("id", Id, primary_key=True),
    _guild(),
    _chapter(),
    Column("dimension", String(40), nullable=False),
    Column("day", Day, nullable=False),
    Column("method", String(200), nullable=False),
    Column("counts", Json, nullable=False),
    Column("people", Integer, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", Snowflake),
    Column("replaced_at", Instant),
    Index("ix_composition_chapter_id_dimension_day", "chapter_id", "dimension", "day"),
)

# The organisation's sum as it was last shown: it moves at a month's end, and only when enough chapters' counts changed.
composition_sum = Table(
    "composition_sum",
    metadata,
    Column("guild_id", Snowflake, ForeignKey("organisation.guild_id", ondelete="CASCADE"), primary_key=True),
    Column("dimension", String(40), primary_key=True),
    Column("month", MonthIndex, primary_key=True),
    Column("counts", Json, nullable=False),
    Column("sources", Json, nullable=False),
    Column("oldest", Day),
)

gathering = Table(
    "gathering",
    metadata,
    Column("id", Id, primary_key=True),
    _guild(),
    Column("branch_id", Id, ForeignKey("branch.id", ondelete="CASCADE"), nullable=False),
    Column("form_key", String(40)),
    Column("day", Day, nullable=False),
    Column("people", Integer),
    Column("delegates", Integer),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", Snowflake),
    Column("withdrawn_at", Instant),
    UniqueConstraint("guild_id", "form_key"),
    Index("ix_gathering_branch_id_day", "branch_id", "day"),
)

gathering_chapter = Table(
    "gathering_chapter",
    metadata,
    Column("gathering_id", Id, ForeignKey("gathering.id", ondelete="CASCADE"), primary_key=True),
    _chapter(primary_key=True),
    _guild(),
    Column("state", String(10), nullable=False),
    Column("answered_at", Instant),
    Column("answered_by", Snowflake),
    CheckConstraint("state IN ('asked', 'confirmed', 'declined')", name="state"),
)

goal = Table(
    "goal",
    metadata,
    Column("id", Id, primary_key=True),
    _guild(),
    Column("metric", String(40), nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("ix_goal_guild_id", "guild_id"),
)

goal_revision = Table(
    "goal_revision",
    metadata,
    Column("id", Id, primary_key=True),
    _guild(),
    Column("goal_id", Id, ForeignKey("goal.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(60)),
    Column("target", Integer, nullable=False),
    Column("starts", Day, nullable=False),
    Column("deadline", Day, nullable=False),
    Column("retired", Boolean, nullable=False, server_default=false()),
    Column("adopted_at", Instant, nullable=False),
    Column("adopted_by", Snowflake),
    Index("ix_goal_revision_goal_id_adopted_at", "goal_id", "adopted_at"),
)

# A figure that coordinators record: a `manual` goal's, or members outside chapters.
goal_figure = Table(
    "goal_figure",
    metadata,
    Column("id", Id, primary_key=True),
    _guild(),
    Column("goal_id", Id, ForeignKey("goal.id", ondelete="CASCADE"), nullable=False),
    Column("day", Day, nullable=False),
    Column("value", Integer, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", Snowflake),
    Index("ix_goal_figure_goal_id_day", "goal_id", "day"),
)

# The value that each goal had on each day.
goal_value = Table(
    "goal_value",
    metadata,
    Column("goal_id", Id, ForeignKey("goal.id", ondelete="CASCADE"), primary_key=True),
    Column("day", Day, primary_key=True),
    _guild(),
    Column("value", Integer),
    Column("behind", Integer),
    Column("chapters", Integer),
    Column("oldest", Day),
)

# What a chapter's history comes to, as dates and UTC moments, so that nothing has to be recomputed because time passed.
summary = Table(
    "summary",
    metadata,
    _chapter(primary_key=True),
    _guild(),
    Column("members", Integer),
    Column("members_on", Day),
    Column("met", Integer),
    Column("met_on", Day),
    Column("together_on", Day),
    Column("learns_on", Day),
    Column("reports_on", Day),
    Column("dues_on", Day),
    Column("collecting_on", Day),
    Column("delegate", Boolean, nullable=False),
    Column("heard_on", Day),
    Column("lapses_at", Instant),
    Column("at_risk_at", Instant),
    Column("awake_at", Instant),
    Column("archived", Boolean, nullable=False),
    Column("reachable", Boolean, nullable=False),
    Column("owed_period", MonthIndex),
    Column("answered_period", MonthIndex),
    Column("overdue_at", Instant),
    Column("silent_at", Instant),
    Column("next_at", Instant, index=True),
    Index("ix_summary_guild_id_lapses_at", "guild_id", "lapses_at"),
    Index("ix_summary_guild_id_overdue_at", "guild_id", "overdue_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    _guild(),
    _chapter(nullable=True),
    Column("kind", String(20), nullable=False),
    Column("dedup_key", String(100), nullable=False, unique=True),
    Column("period", MonthIndex),
    Column("payload", Json, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("state", String(8), nullable=False, server_default="waiting"),
    Column("lease_owner", String(40)),
    Column("lease_until", Instant),
    Column("first_claimed_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("sent_at", Instant),
    Column("refused_at", Instant),
    Column("told_at", Instant),
    Column("channel_id", Snowflake),
    Column("message_id", Snowflake),
    Column("reason", String(80)),
    Column("created_at", Instant, nullable=False),
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
)

# The open log: who changed which fields of what; never what they wrote.
change = Table(
    "change",
    metadata,
    Column("id", Id, primary_key=True),
    _guild(),
    Column("at", Instant, nullable=False),
    Column("made_by", Snowflake),
    Column("kind", String(24), nullable=False),
    _chapter(nullable=True),
    Column("branch_id", Id),
    Column("goal_id", Id),
    Column("fields", Json, nullable=False),
    Index("ix_change_guild_id_at", "guild_id", "at"),
    Index("ix_change_chapter_id_at", "chapter_id", "at"),
)

# How the program's care for its own file went: of the program, not of one organisation, so that it names none.
upkeep = Table(
    "upkeep",
    metadata,
    Column("task", String(8), primary_key=True),
    Column("tried_at", Instant),
    Column("done_at", Instant),
    Column("failing_since", Instant),
    Column("fault", String(8)),
    Column("detail", Json),
    CheckConstraint("task IN ('backup', 'deep', 'restore')", name="task"),
)
