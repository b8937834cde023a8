"""Who may do what, against the table of the rules, and what whoever may not is told."""

import pytest

from bot.domain import rights
from bot.domain.refusal import Refusal
from bot.domain.rights import (
    KINDS_OF,
    STORED,
    Action,
    Caller,
    Role,
    asked_roles,
    chapter_roles,
    in_direct_messages,
    may,
    organisation_roles,
    require,
    require_life,
    sees_private,
)
from bot.locales import plain

COORDINATORS, FACILITATORS = 50, 60
ANA, BEN, FAY, CO = 1, 2, 3, 4

# Admin, its own facilitator, any facilitator, who stands in for its own, coordinator, whoever manages the server, the one who was asked.
TABLE = {
    Action.READ: "AOFCM",
    Action.SEE_OWN: "AOFCM",
    Action.ERASE_OWN: "AOFCM",
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
    Action.CONFIRM_GATHERING: "A",
    Action.PASS_DUTY: "AC",
    Action.BE_OFF_DUTY: "A",
    Action.OVERDUE: "OFSC",
    Action.CALL: "OFSC",
    Action.CLAIM: "OFC",
    Action.HAND_OVER: "OFC",
    Action.ANSWER_HANDOVER: "Q",
    Action.RELEASE: "AOFC",
    Action.RELEASE_OTHERS: "AC",
    Action.BE_AWAY: "OFC",
    Action.ANSWER_STAND_IN: "Q",
    Action.ADD_CHAPTER: "C",
    Action.RENAME_CHAPTER: "C",
    Action.ARCHIVE_CHAPTER: "C",
    Action.CHANGE_BRANCHES: "C",
    Action.RECORD_GATHERING: "C",
    Action.CHANGE_GOALS: "C",
    Action.PROPOSE: "AC",
    Action.SPEAK_FOR: "A",
    Action.REDACT_PROPOSAL: "AC",
    Action.CHANGE_POLICY: "C",
    Action.POST_SCOREBOARD: "C",
    Action.IMPORT: "C",
    Action.EXPORT: "AC",
    Action.EXPORT_ALL: "C",
    Action.SET_UP: "CM",
    Action.OPEN_PAGE: "C",
}
LETTERS = {
    "A": Role.ADMIN,
    "O": Role.OWN_FACILITATOR,
    "F": Role.FACILITATOR,
    "S": Role.STAND_IN,
    "C": Role.COORDINATOR,
    "M": Role.MANAGER,
    "Q": Role.ASKED,
}
FREE = {Action.READ, Action.SEE_OWN, Action.ERASE_OWN}
REFUSED = sorted(set(Action) - FREE)


def refusal_of(action: Action, held: frozenset[Role], people: tuple[int, ...] = (ANA, BEN), chapter: str | None = "London") -> str:
    with pytest.raises(Refusal) as refused:
        require(action, held, chapter=chapter, people=people)
    return plain(refused.value.reason, "en")


def test_every_action_has_its_line_in_the_table() -> None:
    assert set(rights.TABLE) == set(Action) == set(TABLE)


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("letter", LETTERS)
def test_each_role_may_do_what_the_table_says_and_nothing_else(action: Action, letter: str) -> None:
    held = frozenset({Role.MEMBER, LETTERS[letter]}) - ({Role.MEMBER} if action in FREE else set())
    assert may(action, held) is (letter in TABLE[action])
    if letter in TABLE[action]:
        require(action, held, chapter="London", people=(ANA,))
    else:
        refusal_of(action, held)


def test_a_member_may_read_and_see_to_their_own_and_nothing_else() -> None:
    assert {action for action in Action if may(action, frozenset({Role.MEMBER}))} == FREE


def test_a_coordinator_may_do_what_an_admin_may_except_what_is_the_chapters_own() -> None:
    admins, coordinators = ({action for action in Action if role in rights.TABLE[action].roles} for role in (Role.ADMIN, Role.COORDINATOR))
    own = {Action.PUBLISH_REPORT, Action.CHOOSE_VISIBILITY, Action.REST, Action.SEE_PRIVATE, Action.CONFIRM_GATHERING, Action.BE_OFF_DUTY}
    assert admins - coordinators == own | {Action.SPEAK_FOR}


@pytest.mark.parametrize("roles", ["C", "F", "S", "M", "CFSM", "CM"])
def test_what_only_its_own_people_see_is_seen_by_nobody_else_however_many_roles_they_hold(roles: str) -> None:
    assert not may(Action.SEE_PRIVATE, frozenset(LETTERS[letter] for letter in roles))


# What is said to whoever may not

WORDS = {
    Role.ADMIN: ("London's admins", "a chapter's admins"),
    Role.OWN_FACILITATOR: ("own facilitators",),
    Role.FACILITATOR: (" facilitators",),
    Role.STAND_IN: ("stands in for them",),
    Role.COORDINATOR: ("coordinators",),
    Role.MANAGER: ("people who may manage this server",),
    Role.ASKED: ("was asked this",),
}


def named_in(sentence: str) -> set[Role]:
    """Whom a sentence says may do it."""
    who = sentence.partition(" can ")[0].replace("own facilitators", "OWN")
    said = {role for role, words in WORDS.items() if any(each in who for each in words)}
    return said | ({Role.OWN_FACILITATOR} if "OWN" in who else set())


@pytest.mark.parametrize("chapter", ["London", None])
@pytest.mark.parametrize("people", [(ANA, BEN), (ANA,), ()])
@pytest.mark.parametrize("action", REFUSED)
def test_every_refusal_names_exactly_those_who_may(action: Action, people: tuple[int, ...], chapter: str | None) -> None:
    allowed = rights.TABLE[action].roles
    said = named_in(refusal_of(action, frozenset({Role.MEMBER}), people, chapter))
    assert said <= allowed
    assert {role for role in allowed if role not in said} == {role for role in allowed if KINDS_OF.get(role) in said}


@pytest.mark.parametrize("action", Action)
def test_in_direct_messages_a_refusal_names_those_whose_right_is_stored_and_no_chapter(action: Action) -> None:
    said = plain(in_direct_messages(action), "en")
    allowed = rights.TABLE[action].roles & STORED
    assert "London" not in said
    assert "/help" in said
    assert named_in(said.replace("the person who was asked", "was asked this")) == allowed
    assert ("does not work in direct messages" in said) is (not allowed)


@pytest.mark.parametrize("action", REFUSED)
def test_every_refusal_ends_in_who_can_be_asked_or_what_can_be_done(action: Action) -> None:
    sentence = refusal_of(action, frozenset({Role.MEMBER}))
    steps = ("Ask ", f"@{ANA}", "You can comment")
    assert any(step in sentence for step in steps)


@pytest.mark.parametrize("action", [action for action in REFUSED if Role.ADMIN in rights.TABLE[action].roles])
def test_the_refusal_of_what_admins_may_names_them_be_it_one_two_or_none(action: Action) -> None:
    two, one, none = (refusal_of(action, frozenset({Role.MEMBER}), people) for people in ((ANA, BEN), (ANA,), ()))
    assert f"@{ANA} and @{BEN}" in two
    assert f"@{ANA}" in one
    assert "admins are" not in one
    assert "has no admins yet" in none
    assert "oordinator" in none


def test_who_would_publish_is_told_that_only_its_admins_can() -> None:
    said = refusal_of(Action.PUBLISH_REPORT, frozenset({Role.COORDINATOR}))
    assert said == f"Only London's admins can publish its report: @{ANA} and @{BEN}. You can comment on it once it is out."


def test_one_admin_is_not_spoken_of_as_several() -> None:
    assert refusal_of(Action.CHECK_IN, frozenset(), (ANA,)) == f"Only London's admins and coordinators can do this. Its admin is @{ANA}."


def test_who_was_asked_is_named_in_the_server_alone() -> None:
    assert refusal_of(Action.ANSWER_HANDOVER, frozenset(), (ANA,)) == f"@{ANA} was asked this, and only they can answer it."
    assert refusal_of(Action.ANSWER_HANDOVER, frozenset(), ()) == "Somebody else was asked this, and only they can answer it."
    assert asked_roles(frozenset(), ANA, ANA) == {Role.ASKED}
    assert asked_roles(frozenset(), ANA, None) == asked_roles(frozenset(), ANA, BEN) == frozenset()


@pytest.mark.parametrize("action", Action)
def test_of_an_archived_chapter_nobody_may_what_only_living_ones_do(action: Action) -> None:
    require_life(action, archived=False, chapter="London")
    if not rights.TABLE[action].living:
        require_life(action, archived=True, chapter="London")
        return
    with pytest.raises(Refusal) as refused:
        require_life(action, archived=True, chapter="London")
    assert "/chapter restore" in plain(refused.value.reason, "en")


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
    held = organisation_roles(Caller(ANA, None, frozenset({COORDINATORS}), manages_server=True), COORDINATORS, FACILITATORS)
    assert held == frozenset()
    assert chapter_roles(held, ANA, [ANA, BEN], []) == {Role.ADMIN}
    assert chapter_roles(held, FAY, [ANA, BEN], [FAY]) == {Role.OWN_FACILITATOR}
    assert chapter_roles(held, CO, [ANA, BEN], [FAY]) == frozenset()


def test_a_hidden_chapter_is_named_to_its_admins_and_its_own_facilitators_alone() -> None:
    assert [sees_private(who, [ANA, BEN], [FAY]) for who in (ANA, BEN, FAY, CO)] == [True, True, True, False]
