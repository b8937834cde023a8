"""What Alembic runs for each of its commands: it only ever uses the connection that it was handed."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import TypeDecorator

from db.tables import metadata


def _plain(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A step names what is stored, not this program's types, which may change after it was released."""
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=_plain,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
