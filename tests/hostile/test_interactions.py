"""Whatever is sent, somebody gets an answer that is theirs, and nothing breaks: a short form of `make fuzz`, the same each time."""

import pytest

from tests.hostile.fuzz import OF_FORMS, Fuzz, Outcome
from tests.hostile.payloads import addresses, fields

EXAMPLES = 5


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, dict[str, set[str]]]:
    """Everything once over, and what there would have been to try."""
    with Fuzz(tmp_path_factory.mktemp("hostile") / "hostile.db") as fuzz:
        known = fuzz.known
        there = {
            "commands": {f"/{leaf.qualified_name}" for leaf in known.leaves()},
            "options": {f"{leaf.qualified_name} {each.display_name}" for leaf in known.leaves() for each in leaf.parameters},
            "suggested": {f"/{leaf.qualified_name} {option}…" for leaf, option in known.typed()},
            "addresses": set(addresses(known)),
            "forms": {action for action, handler in fuzz.server.bot.handlers.items() if handler.form is not None},
            "faces": {action for action, _, _ in fields(known)},
        }
        for number, (name, strategy) in enumerate(fuzz.strategies()):
            fuzz.explore(strategy, EXAMPLES * (OF_FORMS if name.startswith("form ") else 1), number)
    return fuzz.outcome, there


def test_nothing_that_is_sent_breaks_stays_unanswered_stalls_or_leaks(tried: tuple[Outcome, dict[str, set[str]]]) -> None:
    done, _ = tried
    assert done.troubles() == []
    assert done.answered > 50
    assert done.refused > 50


def test_every_command_suggestion_and_address_is_tried(tried: tuple[Outcome, dict[str, set[str]]]) -> None:
    done, there = tried
    assert done.commands == there["commands"]
    assert done.suggested == there["suggested"]
    assert done.addresses == there["addresses"]


def test_every_form_is_filled_in(tried: tuple[Outcome, dict[str, set[str]]]) -> None:
    _, there = tried
    assert there["faces"] == there["forms"], "a form that nobody opened: let somebody open it in Fuzz._know"
