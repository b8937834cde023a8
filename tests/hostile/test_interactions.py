"""Whatever is sent, somebody gets an answer that is theirs, and nothing breaks: a short form of `make fuzz`, the same each time."""

from pathlib import Path

from tests.hostile.fuzz import OF_FORMS, Fuzz
from tests.hostile.payloads import addresses, fields

EXAMPLES = 5


def test_nothing_that_is_sent_breaks_stays_unanswered_stalls_or_leaks_and_everything_is_sent(tmp_path: Path) -> None:
    with Fuzz(tmp_path / "hostile.db") as fuzz:
        known = fuzz.known
        commands = {f"/{leaf.qualified_name}" for leaf in known.leaves()}
        suggested = {f"/{leaf.qualified_name} {option}…" for leaf, option in known.typed()}
        forms = {action for action, handler in fuzz.server.bot.handlers.items() if handler.form is not None}
        faces = {action for action, _, _ in fields(known)}
        assert faces == forms, "a form that nobody opened: let somebody open it in Fuzz._know"
        for number, (name, strategy) in enumerate(fuzz.strategies()):
            fuzz.explore(strategy, EXAMPLES * (OF_FORMS if name.startswith("form ") else 1), number)
    done = fuzz.outcome
    assert done.troubles() == []
    assert done.answered > 50
    assert done.refused > 50
    assert (done.commands, done.suggested, done.addresses) == (commands, suggested, set(addresses(known)))
