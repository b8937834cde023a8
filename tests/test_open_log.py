"""Whatever changes something for people stands on the open log: each service that writes says so there, or here why it need not."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

SERVICES = Path(__file__).parents[1] / "bot" / "services"
LOGGED = {"changes.log", "changes.log_many", "changes.log_lines"}

WAITS = "keeps what waits for somebody's next click; what follows from that is logged"
A_NOTE = "a facilitator's own note, for facilitators alone"
OF_THE_PROGRAM = "of the program's care for its own file"
DERIVED = "derived from entries that are on the log"

SILENT: Mapping[str, str] = {
    "adopting.preview": WAITS,
    "asking.propose": WAITS,
    "drafts.keep": WAITS,
    "policies._propose": WAITS,
    "policies.cancel": WAITS,
    "contacts.in_touch": A_NOTE,
    "contacts.offer_rest": A_NOTE,
    "contacts.remind": A_NOTE,
    "compositions._keep_sum": DERIVED,
    "goals._keep_day": DERIVED,
    "links.keep": DERIVED,
    "scoreboards.look": "whether the scoreboard shows older figures: its message says what changed",
    "goal_revisions.to_retire": WAITS,
    "proposing.propose": WAITS,
    "proposing.propose_new": WAITS,
    "proposing.propose_change": WAITS,
    "proposing.propose_to_retire": WAITS,
    "proposing.cancel": WAITS,
    "evaluations.owe": "that a deadline has passed: a message is owed, and nothing changes by it",
    "duty.is_unknown": "that Discord knows a person no more: nothing that they are changes",
    "duty.refuses_messages": "that a person takes no messages: nothing that they are changes",
    "turns.set_away": "an admin's turns pass silently while they are away",
    "taking.waiting.show": WAITS,
    "taking.waiting.put_aside": WAITS,
    "exports.restoring.restore": "an archive brings its own log, line by line",
    "forgetting.forget": "the log goes as well",
    "forgetting.look": "whether the bot is in the server, which Discord's own log tells",
    "forgetting.removed": "whether the bot is in the server, which Discord's own log tells",
    "forgetting.there": "whether the bot is in the server, which Discord's own log tells",
    "losses.note": "what the bot may not do any more in a channel, which coordinators are told",
    "upkeep.note_differs": OF_THE_PROGRAM,
    "upkeep.note_done": OF_THE_PROGRAM,
    "upkeep.note_failed": OF_THE_PROGRAM,
}
"""Services that write and are on no log, each with the reason."""


def name_of(call: ast.expr) -> str:
    """What is called, as it is written: `log`, or `changes.log`."""
    if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name):
        return f"{call.value.id}.{call.attr}"
    return call.id if isinstance(call, ast.Name) else ""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for file in sorted(SERVICES.rglob("*.py")):
        yield ".".join(file.relative_to(SERVICES).with_suffix("").parts), ast.parse(file.read_text())


def functions() -> dict[str, tuple[set[str], bool]]:
    """Each function of the services: what it calls (by the name that it has there), and whether it opens a transaction that writes."""
    found: dict[str, tuple[set[str], bool]] = {}
    for module, tree in modules():
        known = imported(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef):
                said = {name_of(each.func) for each in ast.walk(node) if isinstance(each, ast.Call)}
                # A function that is handed on is called, too.
                said |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
                writes = any(name_of(each) == "store.write" for each in ast.walk(node) if isinstance(each, ast.Attribute))
                found[f"{module}.{node.name}"] = ({resolved(each, module, known) for each in said}, writes)
    return found


def imported(tree: ast.Module) -> dict[str, str]:
    """What a name stands for that was imported from another service."""
    known: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            within = node.module.removeprefix("bot.services").lstrip(".")
            if node.module.startswith("bot.services"):
                known |= {each.asname or each.name: f"{within}.{each.name}" if within else each.name for each in node.names}
    return known


def resolved(called: str, module: str, known: Mapping[str, str]) -> str:
    first, _, rest = called.partition(".")
    if first in known:
        return f"{known[first]}.{rest}" if rest else known[first]
    return called if rest else f"{module}.{called}"


def reaches(name: str, all_of_them: Mapping[str, tuple[set[str], bool]], seen: set[str]) -> bool:
    """Whether this function, or one that it calls, writes a line of the log."""
    if name in LOGGED:
        return True
    if name in seen or name not in all_of_them:
        return False
    seen.add(name)
    return any(reaches(each, all_of_them, seen) for each in all_of_them[name][0])


def test_every_service_that_writes_says_so_on_the_open_log() -> None:
    found = functions()
    writers = [name for name, (_, writes) in found.items() if writes]
    silent = {name for name in writers if not reaches(name, found, set())}
    assert len(writers) - len(silent) >= 30, "the walk finds next to nothing: it would not see what is missing"
    assert silent - set(SILENT) == set(), "say on the open log what changes, or in SILENT why it need not"
    assert set(SILENT) - silent == set(), "these write no more, or say so on the log by now"
