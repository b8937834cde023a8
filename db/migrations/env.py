"""What Alembic runs for each of its commands: it only ever uses the connection that it was handed."""

from typing import Any, Literal

from alembic import context
from alembic.operations.ops import CreateTableOp
from sqlalchemy import TypeDecorator

from db.tables import metadata


def _plain(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A step names what is stored, not this program's types, which may change after it was released."""
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


def _leave_out_words(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """A step makes tables, and does not say what they are for."""
    for each in directives[0].upgrade_ops.ops:
        if isinstance(each, CreateTableOp):
            each.info.clear()


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=_plain,
    compare_server_default=True,
    process_revision_directives=_leave_out_words,
)
with context.begin_transaction():
    context.run_migrations()
