"""Who may do what: the one table from which every check and every refusal comes."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum, auto

from bot.domain.refusal import Refusal
from bot.domain.text import Listing, Person, Text, text


class Role(StrEnum):
    """What somebody is to a chapter or to the organisation."""

    MEMBER = auto()
    ADMIN = auto()
    OWN_FACILITATOR = auto()
    FACILITATOR = auto()
    STAND_IN = auto()
    COORDINATOR = auto()
    MANAGER = auto()


class Action(StrEnum):
    """What can be done, each name once."""

    READ = auto()
    CHECK_IN = auto()
    CORRECT_CHECKIN = auto()
    ANSWER_PARTNER = auto()
    FILL_REPORT = auto()
    PUBLISH_REPORT = auto()
    REDACT_REPORT = auto()
    SEE_PRIVATE = auto()
    CHOOSE_VISIBILITY = auto()
    REST = auto()
    CHANGE_ADMINS = auto()
    EDIT_CHAPTER = auto()
    ADD_CHAPTER = auto()
    RENAME_CHAPTER = auto()
    ARCHIVE_CHAPTER = auto()
    CHANGE_GOALS = auto()
    SET_UP = auto()
    OVERDUE = auto()
    FACILITATE = auto()
    RELEASE_OTHERS = auto()
    IMPORT = auto()
    CHANGE_BRANCHES = auto()
    CONFIRM_GATHERING = auto()
    RECORD_GATHERING = auto()


_EVERYBODY = frozenset(Role)
_CHAPTER = frozenset({Role.ADMIN, Role.COORDINATOR})
_OWN = frozenset({Role.ADMIN})
_CALLERS = frozenset({Role.FACILITATOR, Role.OWN_FACILITATOR, Role.STAND_IN, Role.COORDINATOR})

MAY: dict[Action, frozenset[Role]] = {
    Action.READ: _EVERYBODY,
    Action.CHECK_IN: _CHAPTER,
    Action.CORRECT_CHECKIN: _CHAPTER,
    Action.ANSWER_PARTNER: _CHAPTER,
    Action.FILL_REPORT: _CHAPTER,
    Action.PUBLISH_REPORT: _OWN,
    Action.REDACT_REPORT: _CHAPTER,
    Action.SEE_PRIVATE: frozenset({Role.ADMIN, Role.OWN_FACILITATOR}),
    Action.CHOOSE_VISIBILITY: _OWN,
    Action.REST: _OWN,
    Action.CHANGE_ADMINS: _CHAPTER,
    Action.EDIT_CHAPTER: _CHAPTER,
    Action.ADD_CHAPTER: frozenset({Role.COORDINATOR}),
    Action.RENAME_CHAPTER: frozenset({Role.COORDINATOR}),
    Action.ARCHIVE_CHAPTER: frozenset({Role.COORDINATOR}),
    Action.CHANGE_GOALS: frozenset({Role.COORDINATOR}),
    Action.SET_UP: frozenset({Role.COORDINATOR, Role.MANAGER}),
    Action.OVERDUE: _CALLERS,
    Action.FACILITATE: _CALLERS,
    Action.RELEASE_OTHERS: frozenset({Role.ADMIN, Role.COORDINATOR}),
    Action.IMPORT: frozenset({Role.COORDINATOR}),
    Action.CHANGE_BRANCHES: frozenset({Role.COORDINATOR}),
    Action.CONFIRM_GATHERING: _OWN,
    Action.RECORD_GATHERING: frozenset({Role.COORDINATOR}),
}


OF_LIVING_CHAPTERS = frozenset(
    {
        Action.CHECK_IN,
        Action.ANSWER_PARTNER,
        Action.FILL_REPORT,
        Action.PUBLISH_REPORT,
        Action.REST,
        Action.CHANGE_ADMINS,
        Action.EDIT_CHAPTER,
        Action.CONFIRM_GATHERING,
    }
)
"""What nobody may do for a chapter while it is archived, whatever old button they press."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as Discord tells it with the request: in a direct message without server, roles or permissions."""

    user_id: int
    guild_id: int | None
    role_ids: frozenset[int] = frozenset()
    server_role_ids: frozenset[int] = frozenset()
    manages_server: bool = False


def organisation_roles(caller: Caller, coordinator_role: int | None, facilitator_role: int | None) -> frozenset[Role]:
    """What the caller is to the organisation; who manages the server is coordinator while no existing role is set."""
    held = {Role.MEMBER}
    if caller.manages_server:
        held.add(Role.MANAGER)
        if coordinator_role is None or coordinator_role not in caller.server_role_ids:
            held.add(Role.COORDINATOR)
    if coordinator_role is not None and coordinator_role in caller.role_ids:
        held.add(Role.COORDINATOR)
    if facilitator_role is not None and facilitator_role in caller.role_ids:
        held.add(Role.FACILITATOR)
    return frozenset(held)


def chapter_roles(held: frozenset[Role], user_id: int, admins: Iterable[int], facilitators: Iterable[int]) -> frozenset[Role]:
    """What the caller is to one chapter, beside what they are to the organisation."""
    own = {Role.ADMIN} if user_id in admins else set()
    if user_id in facilitators:
        own.add(Role.OWN_FACILITATOR)
    return held | own


def may(action: Action, held: frozenset[Role]) -> bool:
    """Whether somebody who is all this may do it."""
    return bool(MAY[action] & held)


def require(action: Action, held: frozenset[Role], *, chapter: str | None = None, admins: Iterable[int] = ()) -> None:
    """Refuses whoever may not do it, and says who may."""
    if not may(action, held):
        raise Refusal(_who_may(action, chapter, tuple(admins)))


def _who_may(action: Action, chapter: str | None, admins: tuple[int, ...]) -> Text:
    allowed = MAY[action]
    if Role.ADMIN in allowed and chapter is not None:
        people = Listing(tuple(Person(admin) for admin in admins))
        if Role.COORDINATOR in allowed:
            if not admins:
                return text(
                    "Only {chapter}'s admins and coordinators can do this, and it has no admins yet. Ask a coordinator.", chapter=chapter
                )
            return text("Only {chapter}'s admins and coordinators can do this. Its admins are {people}.", chapter=chapter, people=people)
        if Role.OWN_FACILITATOR in allowed:
            return text("Only {chapter}'s own admins and its facilitators can see this.", chapter=chapter)
        if not admins:
            return text("Only {chapter}'s admins can do this, and it has none yet. A coordinator can add one.", chapter=chapter)
        if action is Action.PUBLISH_REPORT:
            return text(
                "Only {chapter}'s admins can publish its report: {people}. You can comment on it once it is out.",
                chapter=chapter,
                people=people,
            )
        return text("Only {chapter}'s own admins can do this: {people}.", chapter=chapter, people=people)
    if Role.FACILITATOR in allowed:
        return text("Only facilitators and coordinators can do this. Ask a coordinator for the facilitator role.")
    if Role.MANAGER in allowed:
        return text("Only coordinators, and people who may manage this server, can do this. Ask one of them.")
    return text("Only coordinators can do this. Ask one of them.")
