"""Steps of a later version of the tables that do not come to their end: for the process that takes them."""

from pathlib import Path

from alembic.script import ScriptDirectory

from db import migrations

HALF_WAY = """
import pathlib, time
import sqlalchemy as sa
from alembic import op
revision, down_revision = "9000", {head!r}


def upgrade():
    with op.batch_alter_table("organisation", recreate="always") as batch:
        batch.add_column(sa.Column("motto", sa.Text()))
    op.execute("DELETE FROM summary")
    {then}
"""


def write(folder: Path, then: str) -> None:
    """Writes a step that changes a table, empties another, and does `then`."""
    head = ScriptDirectory.from_config(migrations.settings()).get_current_head()
    (folder / "9000_next.py").write_text(HALF_WAY.format(head=head, then=then))


def know(folder: Path) -> None:
    """Makes this process a program of the later version."""
    migrations.VERSIONS = (*migrations.VERSIONS, folder)
