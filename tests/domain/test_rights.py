"""Who may do what, against the table of the rules, and what whoever may not is told."""

import pytest

from bot.domain.refusal import Refusal
from bot.domain.rights import MAY, Action, Caller, Role, chapter_roles, may, organisation_roles, require
from bot.domain.text import Listing, Person

COORDINATORS, FACILITATORS = 50, 60
ANA, BEN, FAY, CO = 1, 2, 3, 4

# Admin, its own facilitator, any facilitator, who stands in for its own, coordinator, whoever manages the server.
TABLE = {
    Action.READ: "AOFSCM",
    Action.CHECK_IN: "AC",
    Action.CORRECT_CHECKIN: "AC",
    Action.ANSWER_PARTNER: "AC",
    Action.FILL_REPORT: "AC",
    Action.PUBLISH_REPORT: "A",
    Action.REDACT_REPORT: "AC",
    Action.SEE_PRIVATE: "AO",
    Action.CHOOSE_VISIBILITY: "A",
    Action.REST: "A",
    Action.CHANGE_ADMINS: "AC",
    Action.EDIT_CHAPTER: "AC",
    Action.ADD_CHAPTER: "C",
    Action.RENAME_CHAPTER: "C",
    Action.ARCHIVE_CHAPTER: "C",
    Action.CHANGE_GOALS: "C",
    Action.SET_UP: "CM",
    Action.OVERDUE: "OFSC",
    Action.FACILITATE: "OFSC",
    Action.RELEASE_OTHERS: "AC",
    Action.IMPORT: "C",
    Action.CHANGE_BRANCHES: "C",
    Action.CONFIRM_GATHERING: "A",
    Action.RECORD_GATHERING: "C",
}
LETTERS = {"A": Role.ADMIN, "O": Role.OWN_FACILITATOR, "F": Role.FACILITATOR, "S": Role.STAND_IN, "C": Role.COORDINATOR, "M": Role.MANAGER}
OF_ADMINS = {action for action, letters in TABLE.items() if "A" in letters and action is not Action.READ}


def refusal_of(action: Action, held: frozenset[Role], admins: tuple[int, ...] = (ANA, BEN)) -> Refusal:
    with pytest.raises(Refusal) as refused:
        require(action, held, chapter="London", admins=admins)
    return refused.value


def test_every_action_has_its_line_in_the_table() -> None:
    assert set(MAY) == set(Action) == set(TABLE)


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("letter", LETTERS)
def test_each_role_may_do_what_the_table_says_and_nothing_else(action: Action, letter: str) -> None:
    held = frozenset({Role.MEMBER, LETTERS[letter]})
    assert may(action, held) is (letter in TABLE[action])
    if letter in TABLE[action]:
        require(action, held, chapter="London", admins=(ANA,))
    else:
        refusal_of(action, held)


def test_a_member_may_read_and_nothing_else() -> None:
    assert {action for action in Action if may(action, frozenset({Role.MEMBER}))} == {Action.READ}


def test_a_coordinator_may_do_what_an_admin_may_except_what_is_the_chapters_own() -> None:
    admins, coordinators = ({action for action in Action if role in MAY[action]} for role in (Role.ADMIN, Role.COORDINATOR))
    own = {Action.PUBLISH_REPORT, Action.CHOOSE_VISIBILITY, Action.REST, Action.SEE_PRIVATE, Action.CONFIRM_GATHERING}
    assert admins - coordinators == own


@pytest.mark.parametrize("roles", ["C", "F", "S", "M", "CFSM", "CM"])
def test_what_only_its_own_people_see_is_seen_by_nobody_else_however_many_roles_they_hold(roles: str) -> None:
    assert not may(Action.SEE_PRIVATE, frozenset(LETTERS[letter] for letter in roles))


# What is said to whoever may not


@pytest.mark.parametrize("action", sorted(set(Action) - {Action.READ}))
def test_every_refusal_says_who_may(action: Action) -> None:
    reason = refusal_of(action, frozenset({Role.MEMBER})).reason
    says = {
        Role.ADMIN: "admins",
        Role.COORDINATOR: "oordinators",
        Role.FACILITATOR: "facilitators",
        Role.OWN_FACILITATOR: "facilitators",
        Role.STAND_IN: "facilitators",
        Role.MANAGER: "manage this server",
    }
    for role in MAY[action]:
        assert says[role] in reason.msgid, (action, role)
    for role, words in says.items():
        if all(may_not not in MAY[action] for may_not in says if says[may_not] == words):
            assert words not in reason.msgid, (action, role)


@pytest.mark.parametrize("action", sorted(OF_ADMINS - {Action.SEE_PRIVATE}))
def test_the_refusal_of_what_admins_may_names_the_chapter_and_its_admins(action: Action) -> None:
    reason = refusal_of(action, frozenset({Role.MEMBER})).reason
    assert reason.values["chapter"] == "London"
    assert reason.values["people"] == Listing((Person(ANA), Person(BEN)))


@pytest.mark.parametrize("action", sorted(OF_ADMINS))
def test_of_a_chapter_without_admins_no_empty_list_is_shown(action: Action) -> None:
    reason = refusal_of(action, frozenset({Role.MEMBER}), admins=()).reason
    assert "people" not in reason.values
    assert "{people}" not in reason.msgid


def test_a_coordinator_who_would_publish_is_told_that_only_its_admins_can() -> None:
    reason = refusal_of(Action.PUBLISH_REPORT, frozenset({Role.COORDINATOR})).reason
    assert reason.msgid == "Only {chapter}'s admins can publish its report: {people}. You can comment on it once it is out."


# What somebody is


def caller(*role_ids: int, manages_server: bool = False, server: frozenset[int] = frozenset({COORDINATORS, FACILITATORS})) -> Caller:
    return Caller(ANA, 7, frozenset(role_ids), server, manages_server)


def test_roles_on_discord_make_coordinators_and_facilitators() -> None:
    assert organisation_roles(caller(), COORDINATORS, FACILITATORS) == {Role.MEMBER}
    assert organisation_roles(caller(COORDINATORS), COORDINATORS, FACILITATORS) == {Role.MEMBER, Role.COORDINATOR}
    assert organisation_roles(caller(FACILITATORS, 99), COORDINATORS, FACILITATORS) == {Role.MEMBER, Role.FACILITATOR}


def test_roles_that_were_never_named_make_nobody_anything() -> None:
    assert organisation_roles(caller(COORDINATORS, FACILITATORS), None, None) == {Role.MEMBER}


def test_who_manages_the_server_is_coordinator_while_no_existing_role_is_set() -> None:
    manager = caller(manages_server=True)
    assert organisation_roles(manager, None, None) == {Role.MEMBER, Role.MANAGER, Role.COORDINATOR}
    assert organisation_roles(manager, COORDINATORS, None) == {Role.MEMBER, Role.MANAGER}
    deleted = caller(manages_server=True, server=frozenset({FACILITATORS}))
    assert organisation_roles(deleted, COORDINATORS, None) == {Role.MEMBER, Role.MANAGER, Role.COORDINATOR}


def test_in_a_direct_message_only_what_is_stored_gives_a_right() -> None:
    held = organisation_roles(Caller(ANA, None), COORDINATORS, FACILITATORS)
    assert held == {Role.MEMBER}
    assert chapter_roles(held, ANA, [ANA, BEN], []) == {Role.MEMBER, Role.ADMIN}
    assert chapter_roles(held, FAY, [ANA, BEN], [FAY]) == {Role.MEMBER, Role.OWN_FACILITATOR}
    assert chapter_roles(held, CO, [ANA, BEN], [FAY]) == {Role.MEMBER}
