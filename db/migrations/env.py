"""What Alembic runs for each of its commands: it only ever uses the connection that it was handed."""

from typing import Any, Literal

from alembic import context
from alembic.operations.ops import CreateIndexOp, CreateTableOp
from sqlalchemy import Column, TypeDecorator

from db.tables import metadata


def _plain(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A step names what is stored, not this program's types, which may change after it was released."""
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


def _tidy(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """A new table comes with what Alembic cannot compare in SQLite, its indexes of expressions, and without words about what it is for."""
    steps = directives[0].upgrade_ops.ops
    for each in [step for step in steps if isinstance(step, CreateTableOp)]:
        each.info.clear()
        indexes = sorted(metadata.tables[each.table_name].indexes, key=lambda index: str(index.name))
        calculated = [index for index in indexes if not all(isinstance(part, Column) for part in index.expressions)]
        steps.extend(CreateIndexOp.from_index(index) for index in calculated)


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=_plain,
    compare_server_default=True,
    process_revision_directives=_tidy,
)
with context.begin_transaction():
    context.run_migrations()
