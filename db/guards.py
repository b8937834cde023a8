"""What the database itself refuses: nobody rewrites the open log, whatever program opens the file.

Only two things may happen to a line: its author becomes nobody, once; and its chapter, once that is gone, becomes none. A line goes only
with its whole organisation. Another database needs the same three refusals in its own words, under its name in `GUARDS`.
"""

from collections.abc import Mapping

_KEPT = ("id", "guild_id", "at", "kind", "branch_id", "goal_id", "fields")
_SAME = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in _KEPT)
_NAMELESS = "NEW.made_by IS NULL AND OLD.made_by IS NOT NULL AND NEW.nameless = 1"
_AUTHOR = f"(({_NAMELESS}) OR (NEW.made_by IS OLD.made_by AND NEW.nameless IS OLD.nameless))"
_GONE = "NEW.chapter_id IS NULL AND NOT EXISTS (SELECT 1 FROM chapter WHERE id = OLD.chapter_id)"
_CHAPTER = f"(NEW.chapter_id IS OLD.chapter_id OR ({_GONE}))"
_REFUSE = "BEGIN SELECT RAISE(ABORT, 'the open log is never changed'); END"
_THERE = "EXISTS (SELECT 1 FROM organisation WHERE guild_id = OLD.guild_id)"
_TAKEN = "EXISTS (SELECT 1 FROM change WHERE id = NEW.id)"

GUARDS: Mapping[str, Mapping[str, str]] = {
    "sqlite": {
        "change_stays": (f"CREATE TRIGGER change_stays BEFORE UPDATE ON change WHEN NOT ({_SAME} AND {_AUTHOR} AND {_CHAPTER}) {_REFUSE}"),
        "change_is_kept": f"CREATE TRIGGER change_is_kept BEFORE DELETE ON change WHEN {_THERE} {_REFUSE}",
        "change_is_not_replaced": (f"CREATE TRIGGER change_is_not_replaced BEFORE INSERT ON change WHEN {_TAKEN} {_REFUSE}"),
    }
}
"""For each kind of database the names of its guards and the statements that set them up."""
