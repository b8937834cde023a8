"""`python -m db.migrations MESSAGE` writes the next step: the difference between the steps so far and db/tables.py."""

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from sqlalchemy import create_engine

from db import migrations


def draft(message: str) -> None:
    """Compares an empty database, brought up to date, with the tables and writes the step that is missing, for a person to read through."""
    with TemporaryDirectory() as scratch:
        engine = create_engine(f"sqlite:///{Path(scratch) / 'draft.db'}")
        with engine.begin() as connection:
            migrations.upgrade(connection)
            config = migrations.settings(connection)
            for option, value in _TIDY.items():
                config.set_section_option("post_write_hooks", option, value)
            folder = migrations.VERSIONS[0]
            number = sum(1 for _ in folder.glob("*.py")) + 1
            command.revision(config, message, autogenerate=True, rev_id=f"{number:04}", version_path=str(folder))
        engine.dispose()


_TIDY = {
    "hooks": "sort, format",
    "sort.type": "module",
    "sort.module": "ruff",
    "sort.options": "check --quiet --select I --fix REVISION_SCRIPT_FILENAME",
    "format.type": "module",
    "format.module": "ruff",
    "format.options": "format --quiet REVISION_SCRIPT_FILENAME",
}


def main(words: Sequence[str]) -> None:
    """All words together are the message."""
    if not words:
        sys.exit("usage: python -m db.migrations MESSAGE")
    draft(" ".join(words))


if __name__ == "__main__":
    main(sys.argv[1:])
