# ruff: noqa: PLR0915
"""First."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Changes the tables from the version before to this one."""
    op.create_table(
        "organisation",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("coordinator_role", sa.BigInteger(), nullable=True),
        sa.Column("facilitator_role", sa.BigInteger(), nullable=True),
        sa.Column("facilitators_channel", sa.BigInteger(), nullable=True),
        sa.Column("reports_channel", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("set_up_at", sa.BigInteger(), nullable=True),
        sa.Column("valued_through", sa.String(length=10), nullable=True),
        sa.Column("digested_on", sa.String(length=10), nullable=True),
        sa.Column("asks_since", sa.BigInteger(), nullable=True),
        sa.Column("lacks", sa.Text(), nullable=True),
        sa.Column("slug", sa.String(length=48), nullable=True),
        sa.Column("public_name", sa.String(length=100), nullable=True),
        sa.Column("public_since", sa.BigInteger(), nullable=True),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("slug", name=op.f("uq_organisation_slug")),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_next_at"), ["next_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_organisation_removed_at"), ["removed_at"], unique=False)

    op.create_table(
        "pending",
        sa.Column("form_key", sa.String(length=40), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("form_key", name=op.f("pk_pending")),
    )
    with op.batch_alter_table("pending", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pending_created_at"), ["created_at"], unique=False)
        batch_op.create_index("ix_pending_user_id", ["guild_id", "user_id"], unique=False, sqlite_where=None, postgresql_where=None)

    op.create_table(
        "upkeep",
        sa.Column("task", sa.String(length=8), nullable=False),
        sa.Column("tried_at", sa.BigInteger(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("fault", sa.String(length=8), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.CheckConstraint("task IN ('backup', 'deep', 'restore')", name=op.f("ck_upkeep_task")),
        sa.PrimaryKeyConstraint("task", name=op.f("pk_upkeep")),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("stand_in", sa.BigInteger(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_absence_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index("ix_absence_guild_id_ends_at", ["guild_id", "ends_at"], unique=False)
        batch_op.create_index(
            "ix_absence_stand_in",
            ["guild_id", "stand_in"],
            unique=False,
            sqlite_where=sa.text("stand_in IS NOT NULL"),
            postgresql_where=sa.text("stand_in IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_absence_stand_in_dated",
            ["guild_id", "ends_at"],
            unique=False,
            sqlite_where=sa.text("stand_in IS NOT NULL"),
            postgresql_where=sa.text("stand_in IS NOT NULL"),
        )
        batch_op.create_index("ix_absence_user_id", ["guild_id", "user_id"], unique=False, sqlite_where=None, postgresql_where=None)
        batch_op.create_index("ix_absence_user_id_dated", ["guild_id", "ends_at"], unique=False, sqlite_where=None, postgresql_where=None)

    op.create_table(
        "branch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_branch_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branch")),
        sa.UniqueConstraint("guild_id", "country", name=op.f("uq_branch_guild_id_country")),
    )
    op.create_table(
        "composition_sum",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("dimension", sa.String(length=40), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("oldest", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_composition_sum_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("guild_id", "dimension", "month", name=op.f("pk_composition_sum")),
    )
    op.create_table(
        "goal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_goal_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal")),
    )
    with op.batch_alter_table("goal", schema=None) as batch_op:
        batch_op.create_index("ix_goal_guild_id", ["guild_id"], unique=False)

    op.create_table(
        "intake",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="waiting", nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("file_name", sa.String(length=100), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("sheet", sa.String(length=100), nullable=True),
        sa.Column("shown", sa.String(length=64), nullable=True),
        sa.Column("log_from", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("log_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("undone_from", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("undone_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'done', 'undone')", name=op.f("ck_intake_state")),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_intake_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake")),
    )
    with op.batch_alter_table("intake", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_intake_at"), ["at"], unique=False)
        batch_op.create_index("ix_intake_guild_id_state", ["guild_id", "state", "id"], unique=False)
        batch_op.create_index(
            "ix_intake_made_by",
            ["guild_id", "made_by"],
            unique=False,
            sqlite_where=sa.text("made_by IS NOT NULL"),
            postgresql_where=sa.text("made_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_intake_made_by_dated",
            ["guild_id", "at"],
            unique=False,
            sqlite_where=sa.text("made_by IS NOT NULL"),
            postgresql_where=sa.text("made_by IS NOT NULL"),
        )

    op.create_table(
        "policy",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_policy_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
    )
    with op.batch_alter_table("policy", schema=None) as batch_op:
        batch_op.create_index("ix_policy_guild_id_key_since", ["guild_id", "key", "since"], unique=False)
        batch_op.create_index(
            "ix_policy_set_by",
            ["guild_id", "set_by"],
            unique=False,
            sqlite_where=sa.text("set_by IS NOT NULL"),
            postgresql_where=sa.text("set_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_policy_set_by_dated",
            ["guild_id", "since"],
            unique=False,
            sqlite_where=sa.text("set_by IS NOT NULL"),
            postgresql_where=sa.text("set_by IS NOT NULL"),
        )

    op.create_table(
        "scoreboard",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("pinned", sa.Boolean(), nullable=True),
        sa.Column("figures", sa.String(length=64), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_scoreboard_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_scoreboard")),
    )
    with op.batch_alter_table("scoreboard", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scoreboard_next_at"), ["next_at"], unique=False)

    op.create_table(
        "stale",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("days_from", sa.String(length=10), nullable=True),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.Column("links_from", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_stale_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_stale")),
    )
    op.create_table(
        "trend_link",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("chapters", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_trend_link_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("guild_id", "metric", "month", name=op.f("pk_trend_link")),
    )
    op.create_table(
        "unreachable",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("reason IN ('refused', 'left')", name=op.f("ck_unreachable_reason")),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_unreachable_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("guild_id", "user_id", name=op.f("pk_unreachable")),
    )
    with op.batch_alter_table("unreachable", schema=None) as batch_op:
        batch_op.create_index("ix_unreachable_user_id", ["guild_id", "user_id"], unique=False, sqlite_where=None, postgresql_where=None)
        batch_op.create_index("ix_unreachable_user_id_dated", ["guild_id", "since"], unique=False, sqlite_where=None, postgresql_where=None)

    op.create_table(
        "chapter",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("folded", sa.String(length=120), nullable=False),
        sa.Column("city", sa.String(length=60), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("languages", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("role_id", sa.BigInteger(), nullable=True),
        sa.Column("founded", sa.String(length=10), nullable=True),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("added_on", sa.String(length=10), nullable=False),
        sa.Column("visibility", sa.String(length=8), server_default="members", nullable=False),
        sa.Column("loosens_to", sa.String(length=8), nullable=True),
        sa.Column("loosens_at", sa.BigInteger(), nullable=True),
        sa.Column("resting_from", sa.String(length=10), nullable=True),
        sa.Column("resting_until", sa.String(length=10), nullable=True),
        sa.Column("archived_at", sa.BigInteger(), nullable=True),
        sa.Column("rhythm", sa.Integer(), server_default="1", nullable=False),
        sa.Column("rhythm_since", sa.Integer(), nullable=True),
        sa.Column("prompt_hour", sa.Integer(), nullable=True),
        sa.Column("discreet", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("duty_user_id", sa.BigInteger(), nullable=True),
        sa.Column("duty_passed_for", sa.Integer(), nullable=True),
        sa.Column("asks_since", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("visibility IN ('open', 'members', 'hidden')", name=op.f("ck_chapter_visibility")),
        sa.CheckConstraint("(loosens_to IS NULL) = (loosens_at IS NULL)", name=op.f("ck_chapter_loosens")),
        sa.CheckConstraint("rhythm BETWEEN 1 AND 4", name=op.f("ck_chapter_rhythm")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_chapter_branch_id")),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_chapter_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chapter")),
        sa.UniqueConstraint("guild_id", "folded", name=op.f("uq_chapter_guild_id_folded")),
    )
    with op.batch_alter_table("chapter", schema=None) as batch_op:
        batch_op.create_index(
            "ix_chapter_duty_user_id",
            ["guild_id", "duty_user_id"],
            unique=False,
            sqlite_where=sa.text("duty_user_id IS NOT NULL"),
            postgresql_where=sa.text("duty_user_id IS NOT NULL"),
        )
        batch_op.create_index("ix_chapter_guild_id_branch_id", ["guild_id", "branch_id"], unique=False)
        batch_op.create_index(
            "ix_chapter_guild_id_open",
            ["guild_id", "folded"],
            unique=False,
            sqlite_where=sa.text("visibility = 'open' AND archived_at IS NULL"),
            postgresql_where=sa.text("visibility = 'open' AND archived_at IS NULL"),
        )
        batch_op.create_index(
            "ix_chapter_guild_id_place",
            ["guild_id", "latitude", "longitude", "visibility"],
            unique=False,
            sqlite_where=sa.text("latitude IS NOT NULL AND archived_at IS NULL"),
            postgresql_where=sa.text("latitude IS NOT NULL AND archived_at IS NULL"),
        )
        batch_op.create_index("ix_chapter_guild_id_role_id", ["guild_id", "role_id"], unique=False)

    op.create_table(
        "gathering",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("form_key", sa.String(length=40), nullable=True),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("delegates", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_gathering_branch_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_gathering_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gathering")),
        sa.UniqueConstraint("guild_id", "form_key", name=op.f("uq_gathering_guild_id_form_key")),
    )
    with op.batch_alter_table("gathering", schema=None) as batch_op:
        batch_op.create_index("ix_gathering_branch_id_day", ["branch_id", "day"], unique=False)
        batch_op.create_index(
            "ix_gathering_recorded_by",
            ["guild_id", "recorded_by"],
            unique=False,
            sqlite_where=sa.text("recorded_by IS NOT NULL"),
            postgresql_where=sa.text("recorded_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_gathering_recorded_by_dated",
            ["guild_id", "recorded_at"],
            unique=False,
            sqlite_where=sa.text("recorded_by IS NOT NULL"),
            postgresql_where=sa.text("recorded_by IS NOT NULL"),
        )

    op.create_table(
        "goal_figure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("goal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["goal_id"], ["goal.id"], name=op.f("fk_goal_figure_goal_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_goal_figure_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal_figure")),
    )
    with op.batch_alter_table("goal_figure", schema=None) as batch_op:
        batch_op.create_index("ix_goal_figure_goal_id_day", ["goal_id", "day"], unique=False)
        batch_op.create_index(
            "ix_goal_figure_recorded_by",
            ["guild_id", "recorded_by"],
            unique=False,
            sqlite_where=sa.text("recorded_by IS NOT NULL"),
            postgresql_where=sa.text("recorded_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_goal_figure_recorded_by_dated",
            ["guild_id", "recorded_at"],
            unique=False,
            sqlite_where=sa.text("recorded_by IS NOT NULL"),
            postgresql_where=sa.text("recorded_by IS NOT NULL"),
        )

    op.create_table(
        "goal_value",
        sa.Column("goal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=True),
        sa.Column("behind", sa.Integer(), nullable=True),
        sa.Column("chapters", sa.Integer(), nullable=True),
        sa.Column("oldest", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(["goal_id"], ["goal.id"], name=op.f("fk_goal_value_goal_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_goal_value_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("goal_id", "day", name=op.f("pk_goal_value")),
    )
    op.create_table(
        "intake_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("intake_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_intake_row_guild_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_intake_row_intake_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_row")),
    )
    with op.batch_alter_table("intake_row", schema=None) as batch_op:
        batch_op.create_index("ix_intake_row_intake_id_what", ["intake_id", "what", "row_id"], unique=False)

    op.create_table(
        "proposal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("form_key", sa.String(length=40), nullable=False),
        sa.Column("goal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("state", sa.String(length=9), server_default="open", nullable=False),
        sa.Column("closes_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("active", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'adopted', 'stopped', 'void', 'withdrawn')", name=op.f("ck_proposal_state")),
        sa.ForeignKeyConstraint(["goal_id"], ["goal.id"], name=op.f("fk_proposal_goal_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_proposal_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("guild_id", "form_key", name=op.f("uq_proposal_guild_id_form_key")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_goal_id"), ["goal_id"], unique=False)
        batch_op.create_index("ix_proposal_guild_id_state", ["guild_id", "state", "closes_at"], unique=False)
        batch_op.create_index(
            "ix_proposal_made_by",
            ["guild_id", "made_by"],
            unique=False,
            sqlite_where=sa.text("made_by IS NOT NULL"),
            postgresql_where=sa.text("made_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_proposal_made_by_dated",
            ["guild_id", "made_at"],
            unique=False,
            sqlite_where=sa.text("made_by IS NOT NULL"),
            postgresql_where=sa.text("made_by IS NOT NULL"),
        )

    op.create_table(
        "admin",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("chapter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("away_until", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapter.id"], name=op.f("fk_admin_chapter_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_admin_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("chapter_id", "user_id", name=op.f("pk_admin")),
    )
    with op.batch_alter_table("admin", schema=None) as batch_op:
        batch_op.create_index("ix_admin_guild_id_user_id", ["guild_id", "user_id"], unique=False)

    op.create_table(
        "change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("nameless", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("chapter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("goal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapter.id"], name=op.f("fk_change_chapter_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_change_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.create_index("ix_change_chapter_id_at", ["chapter_id", "at"], unique=False)
        batch_op.create_index("ix_change_guild_id_at", ["guild_id", "at"], unique=False)
        batch_op.create_index("ix_change_guild_id_kind_at", ["guild_id", "kind", "at"], unique=False)
        batch_op.create_index(
            "ix_change_made_by",
            ["guild_id", "made_by"],
            unique=False,
            sqlite_where=sa.text("made_by IS NOT NULL"),
            postgresql_where=sa.text("made_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_change_made_by_dated",
            ["guild_id", "at"],
            unique=False,
            sqlite_where=sa.text("made_by IS NOT NULL"),
            postgresql_where=sa.text("made_by IS NOT NULL"),
        )

    op.create_table(
        "chapter_state",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("chapter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("from_day", sa.String(length=10), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=True),
        sa.Column("set_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('active', 'resting', 'archived')", name=op.f("ck_chapter_state_state")),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapter.id"], name=op.f("fk_chapter_state_chapter_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_chapter_state_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chapter_state")),
    )
    with op.batch_alter_table("chapter_state", schema=None) as batch_op:
        batch_op.create_index("ix_chapter_state_chapter_id_since", ["chapter_id", "since"], unique=False)
        batch_op.create_index(
            "ix_chapter_state_set_by",
            ["guild_id", "set_by"],
            unique=False,
            sqlite_where=sa.text("set_by IS NOT NULL"),
            postgresql_where=sa.text("set_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_chapter_state_set_by_dated",
            ["guild_id", "since"],
            unique=False,
            sqlite_where=sa.text("set_by IS NOT NULL"),
            postgresql_where=sa.text("set_by IS NOT NULL"),
        )

    op.create_table(
        "checkin",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("chapter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("form_key", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("format", sa.String(length=16), nullable=True),
        sa.Column("education", sa.Boolean(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("people BETWEEN 0 AND 100000", name=op.f("ck_checkin_people")),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapter.id"], name=op.f("fk_checkin_chapter_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_checkin_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkin")),
        sa.UniqueConstraint("guild_id", "form_key", name=op.f("uq_checkin_guild_id_form_key")),
    )
    with op.batch_alter_table("checkin", schema=None) as batch_op:
        batch_op.create_index("ix_checkin_chapter_id_day", ["chapter_id", "day"], unique=False)
        batch_op.create_index("ix_checkin_guild_id_kind_day", ["guild_id", "kind", "day", "chapter_id", "withdrawn_at"], unique=False)
        batch_op.create_index(
            "ix_checkin_recorded_by",
            ["guild_id", "recorded_by"],
            unique=False,
            sqlite_where=sa.text("recorded_by IS NOT NULL"),
            postgresql_where=sa.text("recorded_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_checkin_recorded_by_dated",
            ["guild_id", "recorded_at"],
            unique=False,
            sqlite_where=sa.text("recorded_by IS NOT NULL"),
            postgresql_where=sa.text("recorded_by IS NOT NULL"),
        )

    op.create_table(
        "composition",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("chapter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dimension", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("method", sa.String(length=200), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("replaced_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapter.id"], name=op.f("fk_composition_chapter_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_composition_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_composition")),
    )
    with op.batch_alter_table("composition", schema=None) as batch_op:
        batch_op.create_index("ix_composition_chapter_id_dimension_day", ["chapter_id", "dimension", "day"], unique=False)
        batch_op.create_index(
            "ix_composition_recorded_by",
            ["guild_id", "recorded_by"],
            unique=False,
            sqlite_where=sa.text("recorded_by IS NOT NULL"),
            postgresql_where=sa.text("recorded_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_composition_recorded_by_dated",
            ["guild_id", "recorded_at"],
            unique=False,
            sqlite_where=sa.text("recorded_by IS NOT NULL"),
            postgresql_where=sa.text("recorded_by IS NOT NULL"),
        )

    op.create_table(
        "contact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("chapter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("hidden_until", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('in_touch', 'reminder', 'rest_offered')", name=op.f("ck_contact_kind")),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapter.id"], name=op.f("fk_contact_chapter_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_contact_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index("ix_contact_chapter_id_kind_at", ["chapter_id", "kind", "at"], unique=False)
        batch_op.create_index("ix_contact_user_id", ["guild_id", "user_id"], unique=False, sqlite_where=None, postgresql_where=None)
        batch_op.create_index("ix_contact_user_id_dated", ["guild_id", "at"], unique=False, sqlite_where=None, postgresql_where=None)

    op.create_table(
        "duty_note",
        sa.Column("chapter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("from_user", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapter.id"], name=op.f("fk_duty_note_chapter_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_duty_note_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("chapter_id", name=op.f("pk_duty_note")),
    )
    with op.batch_alter_table("duty_note", schema=None) as batch_op:
        batch_op.create_index("ix_duty_note_from_user", ["guild_id", "from_user"], unique=False, sqlite_where=None, postgresql_where=None)
        batch_op.create_index(
            "ix_duty_note_from_user_dated", ["guild_id", "written_at"], unique=False, sqlite_where=None, postgresql_where=None
        )
        batch_op.create_index(batch_op.f("ix_duty_note_written_at"), ["written_at"], unique=False)

    op.create_table(
        "facilitator",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("chapter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapter.id"], name=op.f("fk_facilitator_chapter_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_facilitator_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("chapter_id", "user_id", name=op.f("pk_facilitator")),
    )
    with op.batch_alter_table("facilitator", schema=None) as batch_op:
        batch_op.create_index("ix_facilitator_guild_id_user_id", ["guild_id", "user_id"], unique=False)

    op.create_table(
        "gathering_chapter",
        sa.Column("gathering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chapter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('asked', 'confirmed', 'declined')", name=op.f("ck_gathering_chapter_state")),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapter.id"], name=op.f("fk_gathering_chapter_chapter_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["gathering_id"], ["gathering.id"], name=op.f("fk_gathering_chapter_gathering_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_gathering_chapter_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("gathering_id", "chapter_id", name=op.f("pk_gathering_chapter")),
    )
    with op.batch_alter_table("gathering_chapter", schema=None) as batch_op:
        batch_op.create_index(
            "ix_gathering_chapter_answered_by",
            ["guild_id", "answered_by"],
            unique=False,
            sqlite_where=sa.text("answered_by IS NOT NULL"),
            postgresql_where=sa.text("answered_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_gathering_chapter_answered_by_dated",
            ["guild_id", "answered_at"],
            unique=False,
            sqlite_where=sa.text("answered_by IS NOT NULL"),
            postgresql_where=sa.text("answered_by IS NOT NULL"),
        )

    op.create_table(
        "goal_revision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("goal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=True),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("starts", sa.String(length=10), nullable=False),
        sa.Column("deadline", sa.String(length=10), nullable=False),
        sa.Column("retired", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("adopted_at", sa.BigInteger(), nullable=False),
        sa.Column("adopted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["goal_id"], ["goal.id"], name=op.f("fk_goal_revision_goal_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_goal_revision_guild_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_goal_revision_proposal_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal_revision")),
    )
    with op.batch_alter_table("goal_revision", schema=None) as batch_op:
        batch_op.create_index(
            "ix_goal_revision_adopted_by",
            ["guild_id", "adopted_by"],
            unique=False,
            sqlite_where=sa.text("adopted_by IS NOT NULL"),
            postgresql_where=sa.text("adopted_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_goal_revision_adopted_by_dated",
            ["guild_id", "adopted_at"],
            unique=False,
            sqlite_where=sa.text("adopted_by IS NOT NULL"),
            postgresql_where=sa.text("adopted_by IS NOT NULL"),
        )
        batch_op.create_index("ix_goal_revision_goal_id_adopted_at", ["goal_id", "adopted_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_goal_revision_proposal_id"), ["proposal_id"], unique=False)

    op.create_table(
        "handover",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("chapter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_user", sa.BigInteger(), nullable=False),
        sa.Column("to_user", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("offered_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapter.id"], name=op.f("fk_handover_chapter_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_handover_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.create_index("ix_handover_chapter_id", ["chapter_id"], unique=False)
        batch_op.create_index("ix_handover_from_user", ["guild_id", "from_user"], unique=False, sqlite_where=None, postgresql_where=None)
        batch_op.create_index(
            "ix_handover_from_user_dated", ["guild_id", "offered_at"], unique=False, sqlite_where=None, postgresql_where=None
        )
        batch_op.create_index(
            "ix_handover_noted",
            ["offered_at"],
            unique=False,
            sqlite_where=sa.text("note IS NOT NULL"),
            postgresql_where=sa.text("note IS NOT NULL"),
        )
        batch_op.create_index("ix_handover_to_user", ["guild_id", "to_user"], unique=False, sqlite_where=None, postgresql_where=None)
        batch_op.create_index(
            "ix_handover_to_user_dated", ["guild_id", "offered_at"], unique=False, sqlite_where=None, postgresql_where=None
        )

    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("chapter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("dedup_key", sa.String(length=100), nullable=False),
        sa.Column("period", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("by_user_id", sa.BigInteger(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=8), server_default="waiting", nullable=False),
        sa.Column("lease_owner", sa.String(length=40), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("first_claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("refused_at", sa.BigInteger(), nullable=True),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=80), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'leased', 'sent', 'refused', 'dropped')", name=op.f("ck_outbox_state")),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapter.id"], name=op.f("fk_outbox_chapter_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_outbox_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_outbox_dedup_key")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_by_user_id",
            ["guild_id", "by_user_id"],
            unique=False,
            sqlite_where=sa.text("by_user_id IS NOT NULL"),
            postgresql_where=sa.text("by_user_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_outbox_by_user_id_dated",
            ["guild_id", "created_at"],
            unique=False,
            sqlite_where=sa.text("by_user_id IS NOT NULL"),
            postgresql_where=sa.text("by_user_id IS NOT NULL"),
        )
        batch_op.create_index("ix_outbox_chapter_id_kind_period", ["chapter_id", "kind", "period"], unique=False)
        batch_op.create_index(
            "ix_outbox_due_at",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('waiting', 'leased')"),
            postgresql_where=sa.text("state IN ('waiting', 'leased')"),
        )
        batch_op.create_index(
            "ix_outbox_guild_id_unsent",
            ["guild_id"],
            unique=False,
            sqlite_where=sa.text("state IN ('waiting', 'refused')"),
            postgresql_where=sa.text("state IN ('waiting', 'refused')"),
        )
        batch_op.create_index(
            "ix_outbox_user_id",
            ["guild_id", "user_id"],
            unique=False,
            sqlite_where=sa.text("user_id IS NOT NULL"),
            postgresql_where=sa.text("user_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_outbox_user_id_dated",
            ["guild_id", "created_at"],
            unique=False,
            sqlite_where=sa.text("user_id IS NOT NULL"),
            postgresql_where=sa.text("user_id IS NOT NULL"),
        )

    op.create_table(
        "proposal_version",
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.String(length=6), nullable=False),
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=True),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("deadline", sa.String(length=10), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("rule", sa.String(length=8), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.BigInteger(), nullable=True),
        sa.Column("closes_on", sa.String(length=10), nullable=False),
        sa.CheckConstraint("act IN ('add', 'edit', 'retire')", name=op.f("ck_proposal_version_act")),
        sa.CheckConstraint("rule IN ('consent', 'majority')", name=op.f("ck_proposal_version_rule")),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_proposal_version_guild_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_version_proposal_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("proposal_id", "version", name=op.f("pk_proposal_version")),
    )
    with op.batch_alter_table("proposal_version", schema=None) as batch_op:
        batch_op.create_index(
            "ix_proposal_version_opened_by",
            ["guild_id", "opened_by"],
            unique=False,
            sqlite_where=sa.text("opened_by IS NOT NULL"),
            postgresql_where=sa.text("opened_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_proposal_version_opened_by_dated",
            ["guild_id", "opened_at"],
            unique=False,
            sqlite_where=sa.text("opened_by IS NOT NULL"),
            postgresql_where=sa.text("opened_by IS NOT NULL"),
        )

    op.create_table(
        "proposal_voice",
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("chapter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("voice", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
        sa.Column("said_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("voice IN ('support', 'aside', 'object')", name=op.f("ck_proposal_voice_voice")),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapter.id"], name=op.f("fk_proposal_voice_chapter_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_proposal_voice_guild_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_voice_proposal_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("proposal_id", "version", "chapter_id", name=op.f("pk_proposal_voice")),
    )
    with op.batch_alter_table("proposal_voice", schema=None) as batch_op:
        batch_op.create_index("ix_proposal_voice_chapter_id", ["chapter_id"], unique=False)
        batch_op.create_index(
            "ix_proposal_voice_said_by",
            ["guild_id", "said_by"],
            unique=False,
            sqlite_where=sa.text("said_by IS NOT NULL"),
            postgresql_where=sa.text("said_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_proposal_voice_said_by_dated",
            ["guild_id", "said_at"],
            unique=False,
            sqlite_where=sa.text("said_by IS NOT NULL"),
            postgresql_where=sa.text("said_by IS NOT NULL"),
        )

    op.create_table(
        "report",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("chapter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("owed", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("may_share", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("later_until", sa.String(length=10), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("quiet", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("members", sa.Integer(), nullable=True),
        sa.Column("met", sa.Integer(), nullable=True),
        sa.Column("first_published_at", sa.BigInteger(), nullable=True),
        sa.Column("first_published_on", sa.String(length=10), nullable=True),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("published_by", sa.BigInteger(), nullable=True),
        sa.Column("skipped_at", sa.BigInteger(), nullable=True),
        sa.Column("skipped_by", sa.BigInteger(), nullable=True),
        sa.Column("skip_reason", sa.String(length=200), nullable=True),
        sa.Column("post_channel_id", sa.BigInteger(), nullable=True),
        sa.Column("post_message_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapter.id"], name=op.f("fk_report_chapter_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_report_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("chapter_id", "period", name=op.f("uq_report_chapter_id_period")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index("ix_report_chapter_id_first_published_on", ["chapter_id", "first_published_on"], unique=False)
        batch_op.create_index(
            "ix_report_guild_id_first_published_at",
            ["guild_id", "first_published_at"],
            unique=False,
            sqlite_where=sa.text("first_published_at IS NOT NULL"),
            postgresql_where=sa.text("first_published_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_report_guild_id_shared",
            ["guild_id", "period"],
            unique=False,
            sqlite_where=sa.text("may_share = 1"),
            postgresql_where=sa.text("may_share"),
        )
        batch_op.create_index(
            "ix_report_published_by",
            ["guild_id", "published_by"],
            unique=False,
            sqlite_where=sa.text("published_by IS NOT NULL"),
            postgresql_where=sa.text("published_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_report_published_by_dated",
            ["guild_id", "published_at"],
            unique=False,
            sqlite_where=sa.text("published_by IS NOT NULL"),
            postgresql_where=sa.text("published_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_report_skipped_by",
            ["guild_id", "skipped_by"],
            unique=False,
            sqlite_where=sa.text("skipped_by IS NOT NULL"),
            postgresql_where=sa.text("skipped_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_report_skipped_by_dated",
            ["guild_id", "skipped_at"],
            unique=False,
            sqlite_where=sa.text("skipped_by IS NOT NULL"),
            postgresql_where=sa.text("skipped_by IS NOT NULL"),
        )

    op.create_table(
        "standing_fact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("chapter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("key", sa.String(length=8), nullable=False),
        sa.Column("value", sa.String(length=16), nullable=False),
        sa.Column("confirmed_on", sa.String(length=10), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("key IN ('delegate', 'money', 'dues')", name=op.f("ck_standing_fact_key")),
        sa.CheckConstraint("(chapter_id IS NULL) <> (branch_id IS NULL)", name=op.f("ck_standing_fact_subject")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_standing_fact_branch_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapter.id"], name=op.f("fk_standing_fact_chapter_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_standing_fact_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_fact")),
    )
    with op.batch_alter_table("standing_fact", schema=None) as batch_op:
        batch_op.create_index("ix_standing_fact_branch_id_key", ["branch_id", "key", "confirmed_on"], unique=False)
        batch_op.create_index("ix_standing_fact_chapter_id_key", ["chapter_id", "key", "confirmed_on"], unique=False)
        batch_op.create_index(
            "ix_standing_fact_recorded_by",
            ["guild_id", "recorded_by"],
            unique=False,
            sqlite_where=sa.text("recorded_by IS NOT NULL"),
            postgresql_where=sa.text("recorded_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_standing_fact_recorded_by_dated",
            ["guild_id", "recorded_at"],
            unique=False,
            sqlite_where=sa.text("recorded_by IS NOT NULL"),
            postgresql_where=sa.text("recorded_by IS NOT NULL"),
        )

    op.create_table(
        "summary",
        sa.Column("chapter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=True),
        sa.Column("members_on", sa.String(length=10), nullable=True),
        sa.Column("met", sa.Integer(), nullable=True),
        sa.Column("met_on", sa.String(length=10), nullable=True),
        sa.Column("together_on", sa.String(length=10), nullable=True),
        sa.Column("learns_on", sa.String(length=10), nullable=True),
        sa.Column("reports_on", sa.String(length=10), nullable=True),
        sa.Column("dues_on", sa.String(length=10), nullable=True),
        sa.Column("collecting_on", sa.String(length=10), nullable=True),
        sa.Column("delegate", sa.Boolean(), nullable=False),
        sa.Column("heard_on", sa.String(length=10), nullable=True),
        sa.Column("lapses_at", sa.BigInteger(), nullable=True),
        sa.Column("at_risk_at", sa.BigInteger(), nullable=True),
        sa.Column("awake_at", sa.BigInteger(), nullable=True),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.Column("owed_period", sa.Integer(), nullable=True),
        sa.Column("answered_period", sa.Integer(), nullable=True),
        sa.Column("overdue_at", sa.BigInteger(), nullable=True),
        sa.Column("silent_at", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapter.id"], name=op.f("fk_summary_chapter_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_summary_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("chapter_id", name=op.f("pk_summary")),
    )
    with op.batch_alter_table("summary", schema=None) as batch_op:
        batch_op.create_index("ix_summary_guild_id_lapses_at", ["guild_id", "lapses_at"], unique=False)
        batch_op.create_index("ix_summary_guild_id_overdue_at", ["guild_id", "overdue_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_summary_next_at"), ["next_at"], unique=False)

    op.create_table(
        "checkin_partner",
        sa.Column("checkin_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chapter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('asked', 'confirmed', 'declined')", name=op.f("ck_checkin_partner_state")),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapter.id"], name=op.f("fk_checkin_partner_chapter_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["checkin_id"], ["checkin.id"], name=op.f("fk_checkin_partner_checkin_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_checkin_partner_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("checkin_id", "chapter_id", name=op.f("pk_checkin_partner")),
    )
    with op.batch_alter_table("checkin_partner", schema=None) as batch_op:
        batch_op.create_index(
            "ix_checkin_partner_answered_by",
            ["guild_id", "answered_by"],
            unique=False,
            sqlite_where=sa.text("answered_by IS NOT NULL"),
            postgresql_where=sa.text("answered_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_checkin_partner_answered_by_dated",
            ["guild_id", "answered_at"],
            unique=False,
            sqlite_where=sa.text("answered_by IS NOT NULL"),
            postgresql_where=sa.text("answered_by IS NOT NULL"),
        )
        batch_op.create_index("ix_checkin_partner_chapter_id_state", ["chapter_id", "state"], unique=False)

    op.create_table(
        "checkin_version",
        sa.Column("checkin_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("saved_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["checkin_id"], ["checkin.id"], name=op.f("fk_checkin_version_checkin_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_checkin_version_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("checkin_id", "version", name=op.f("pk_checkin_version")),
    )
    with op.batch_alter_table("checkin_version", schema=None) as batch_op:
        batch_op.create_index(
            "ix_checkin_version_saved_by",
            ["guild_id", "saved_by"],
            unique=False,
            sqlite_where=sa.text("saved_by IS NOT NULL"),
            postgresql_where=sa.text("saved_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_checkin_version_saved_by_dated",
            ["guild_id", "saved_at"],
            unique=False,
            sqlite_where=sa.text("saved_by IS NOT NULL"),
            postgresql_where=sa.text("saved_by IS NOT NULL"),
        )

    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("chapter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("criterion", sa.String(length=8), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("known_on", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("checkin_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("criterion IN ('together', 'learns', 'reports')", name=op.f("ck_evidence_criterion")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_evidence_amount")),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapter.id"], name=op.f("fk_evidence_chapter_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["checkin_id"], ["checkin.id"], name=op.f("fk_evidence_checkin_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_evidence_guild_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_evidence_report_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(
            "ix_evidence_chapter_id_criterion_day", ["chapter_id", "criterion", "day", "known_on", "amount", "kind", "people"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_evidence_checkin_id"), ["checkin_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_report_id"), ["report_id"], unique=False)

    op.create_table(
        "report_part",
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part", sa.String(length=8), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("saved_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("part IN ('people', 'activity', 'words')", name=op.f("ck_report_part_part")),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_report_part_guild_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_part_report_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("report_id", "part", name=op.f("pk_report_part")),
    )
    with op.batch_alter_table("report_part", schema=None) as batch_op:
        batch_op.create_index(
            "ix_report_part_saved_by",
            ["guild_id", "saved_by"],
            unique=False,
            sqlite_where=sa.text("saved_by IS NOT NULL"),
            postgresql_where=sa.text("saved_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_report_part_saved_by_dated",
            ["guild_id", "saved_at"],
            unique=False,
            sqlite_where=sa.text("saved_by IS NOT NULL"),
            postgresql_where=sa.text("saved_by IS NOT NULL"),
        )

    op.create_table(
        "report_version",
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("published_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["guild_id"], ["organisation.guild_id"], name=op.f("fk_report_version_guild_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_version_report_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("report_id", "version", name=op.f("pk_report_version")),
    )
    with op.batch_alter_table("report_version", schema=None) as batch_op:
        batch_op.create_index(
            "ix_report_version_published_by",
            ["guild_id", "published_by"],
            unique=False,
            sqlite_where=sa.text("published_by IS NOT NULL"),
            postgresql_where=sa.text("published_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_report_version_published_by_dated",
            ["guild_id", "published_at"],
            unique=False,
            sqlite_where=sa.text("published_by IS NOT NULL"),
            postgresql_where=sa.text("published_by IS NOT NULL"),
        )

    op.create_index(
        "ix_chapter_guild_id_square",
        "chapter",
        [
            "guild_id",
            "visibility",
            sa.literal_column("(round(latitude / 2.0) * 1000 + round(longitude / 2.0))"),
            "archived_at",
            "latitude",
            "longitude",
        ],
        unique=False,
        sqlite_where=sa.text("latitude IS NOT NULL AND archived_at IS NULL"),
        postgresql_where=sa.text("latitude IS NOT NULL AND archived_at IS NULL"),
    )
