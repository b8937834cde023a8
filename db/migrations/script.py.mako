# ruff: noqa: PLR0915
"""${message.capitalize()}."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision: str = ${repr(up_revision)}
down_revision: str | Sequence[str] | None = ${repr(down_revision)}
branch_labels: str | Sequence[str] | None = ${repr(branch_labels)}
depends_on: str | Sequence[str] | None = ${repr(depends_on)}


def upgrade() -> None:
    """Changes the tables from the version before to this one."""
    ${"\n".join(line for line in upgrades.splitlines() if "# ###" not in line).strip() or "pass"}
