"""Who may do what: the one table from which every check, every refusal, /help and the page in docs come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from types import MappingProxyType

from bot.domain.refusal import Refusal
from bot.domain.text import Listing, Person, Text, counted, text


class Role(StrEnum):
    """What somebody is to a chapter or to the organisation, or (`ASKED`) the one person to whom a question was put."""

    MEMBER = auto()
    ADMIN = auto()
    OWN_FACILITATOR = auto()
    FACILITATOR = auto()
    STAND_IN = auto()
    COORDINATOR = auto()
    MANAGER = auto()
    ASKED = auto()


class Action(StrEnum):
    """What can be done, each name once."""

    READ = auto()
    SEE_OWN = auto()
    ERASE_OWN = auto()
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
    CONFIRM_GATHERING = auto()
    PASS_DUTY = auto()
    BE_OFF_DUTY = auto()
    OVERDUE = auto()
    CALL = auto()
    CLAIM = auto()
    HAND_OVER = auto()
    ANSWER_HANDOVER = auto()
    RELEASE = auto()
    RELEASE_OTHERS = auto()
    BE_AWAY = auto()
    ANSWER_STAND_IN = auto()
    ADD_CHAPTER = auto()
    RENAME_CHAPTER = auto()
    ARCHIVE_CHAPTER = auto()
    CHANGE_BRANCHES = auto()
    RECORD_GATHERING = auto()
    CHANGE_GOALS = auto()
    PROPOSE = auto()
    SPEAK_FOR = auto()
    REDACT_PROPOSAL = auto()
    CHANGE_POLICY = auto()
    POST_SCOREBOARD = auto()
    EXPORT = auto()
    EXPORT_ALL = auto()
    IMPORT = auto()
    SET_UP = auto()
    OPEN_PAGE = auto()


@dataclass(frozen=True, slots=True)
class Right:
    """Who may do something, and what that is; if `living`, nobody may for an archived chapter, whatever old button they press."""

    roles: frozenset[Role]
    does: Text
    living: bool = False


_EVERYBODY = frozenset(Role) - {Role.STAND_IN, Role.ASKED}
_CHAPTER = frozenset({Role.ADMIN, Role.COORDINATOR})
_OWN = frozenset({Role.ADMIN})
_INSIDERS = frozenset({Role.ADMIN, Role.OWN_FACILITATOR})
_FACILITATORS = frozenset({Role.FACILITATOR, Role.OWN_FACILITATOR, Role.COORDINATOR})
_CALLERS = _FACILITATORS | {Role.STAND_IN}
_COORDINATORS = frozenset({Role.COORDINATOR})
_ASKED = frozenset({Role.ASKED})

TABLE: Mapping[Action, Right] = MappingProxyType(
    {
        Action.READ: Right(_EVERYBODY, text("look things up: goals, chapters, published reports, help")),
        Action.SEE_OWN: Right(_EVERYBODY, text("see what is stored about themselves")),
        Action.ERASE_OWN: Right(_EVERYBODY, text("erase what is stored about themselves")),
        Action.CHECK_IN: Right(_CHAPTER, text("check in for a chapter"), living=True),
        Action.CORRECT_CHECKIN: Right(_CHAPTER, text("correct or withdraw a chapter's check-in")),
        Action.ANSWER_PARTNER: Right(_CHAPTER, text("say whether a chapter took part in another's check-in"), living=True),
        Action.FILL_REPORT: Right(_CHAPTER, text("fill in a chapter's monthly report, and choose what of it may be shared"), living=True),
        Action.PUBLISH_REPORT: Right(_OWN, text("publish or skip a chapter's report"), living=True),
        Action.REDACT_REPORT: Right(_CHAPTER, text("remove a text from a published report")),
        Action.SEE_PRIVATE: Right(_INSIDERS, text("see a chapter's private notes and small numbers, and a hidden chapter at all")),
        Action.CHOOSE_VISIBILITY: Right(_OWN, text("choose who may see a chapter")),
        Action.REST: Right(_OWN, text("let a chapter rest, or wake it"), living=True),
        Action.CHANGE_ADMINS: Right(_CHAPTER, text("add or remove a chapter's admins"), living=True),
        Action.EDIT_CHAPTER: Right(_CHAPTER, text("change a chapter's settings, and count its members"), living=True),
        Action.CONFIRM_GATHERING: Right(_OWN, text("confirm for a chapter that its branch gathered"), living=True),
        Action.PASS_DUTY: Right(_CHAPTER, text("pass the turn to answer for a chapter on to its next admin"), living=True),
        Action.BE_OFF_DUTY: Right(_OWN, text("be away from a chapter's duty until a day"), living=True),
        Action.OVERDUE: Right(_CALLERS, text("see who may need a call"), living=True),
        Action.CALL: Right(_CALLERS, text("note a call, be reminded, or offer a chapter a rest"), living=True),
        Action.CLAIM: Right(_FACILITATORS, text("become a chapter's facilitator"), living=True),
        Action.HAND_OVER: Right(_FACILITATORS, text("offer a chapter to another facilitator"), living=True),
        Action.ANSWER_HANDOVER: Right(_ASKED, text("accept or decline a chapter that was offered"), living=True),
        Action.RELEASE: Right(_FACILITATORS | {Role.ADMIN}, text("stop looking after a chapter")),
        Action.RELEASE_OTHERS: Right(_CHAPTER, text("release somebody from looking after a chapter")),
        Action.BE_AWAY: Right(_FACILITATORS, text("be away as a facilitator, and name a stand-in")),
        Action.ANSWER_STAND_IN: Right(_ASKED, text("agree to stand in for a facilitator, or not")),
        Action.ADD_CHAPTER: Right(_COORDINATORS, text("add a chapter")),
        Action.RENAME_CHAPTER: Right(_COORDINATORS, text("rename a chapter")),
        Action.ARCHIVE_CHAPTER: Right(_COORDINATORS, text("archive or restore a chapter")),
        Action.CHANGE_BRANCHES: Right(_COORDINATORS, text("add or change a branch")),
        Action.RECORD_GATHERING: Right(_COORDINATORS, text("record that a branch gathered, or withdraw that")),
        Action.CHANGE_GOALS: Right(_COORDINATORS, text("adopt, change or retire a goal, and record a figure")),
        Action.PROPOSE: Right(_CHAPTER, text("propose a goal to all chapters, or that one is changed or given up")),
        Action.SPEAK_FOR: Right(_OWN, text("give a chapter's voice on a proposal, or amend one that the chapter objects to"), living=True),
        Action.REDACT_PROPOSAL: Right(_CHAPTER, text("take out why a goal was proposed or changed, or why a chapter objects")),
        Action.CHANGE_POLICY: Right(_COORDINATORS, text("change a number or a choice of the policy")),
        Action.POST_SCOREBOARD: Right(_COORDINATORS, text("post the scoreboard, which keeps itself up to date, or take it down")),
        Action.EXPORT: Right(_CHAPTER, text("take a chapter's data out as a file")),
        Action.EXPORT_ALL: Right(_COORDINATORS, text("take out the data of all chapters, goals and the archive")),
        Action.IMPORT: Right(_COORDINATORS, text("bring in what the organisation has in files, or take that back")),
        Action.OPEN_PAGE: Right(_COORDINATORS, text("switch the organisation's public page on or off")),
        Action.SET_UP: Right(_COORDINATORS | {Role.MANAGER}, text("set Chapterhouse up")),
    }
)

STORED = frozenset({Role.ADMIN, Role.OWN_FACILITATOR, Role.STAND_IN, Role.ASKED})
"""What somebody is in direct messages too, where Discord tells neither roles nor whether somebody is still in the server."""

KINDS_OF: Mapping[Role, Role] = MappingProxyType({Role.OWN_FACILITATOR: Role.FACILITATOR, Role.STAND_IN: Role.FACILITATOR})
"""Who is meant by another's name as well, where both may."""


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
    if caller.guild_id is None:
        return frozenset()
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


def asked_roles(held: frozenset[Role], user_id: int, asked: int | None) -> frozenset[Role]:
    """What the caller is to a question that was put to one person."""
    return held | {Role.ASKED} if user_id == asked else held


def may(action: Action, held: frozenset[Role]) -> bool:
    """Whether somebody who is all this may do it."""
    return bool(TABLE[action].roles & held)


def sees_private(user_id: int, admins: Iterable[int], facilitators: Iterable[int]) -> bool:
    """Whether a chapter may be named to somebody even while it is hidden, whatever else they are."""
    return may(Action.SEE_PRIVATE, chapter_roles(frozenset(), user_id, admins, facilitators))


def require(action: Action, held: frozenset[Role], *, chapter: str | None = None, people: Iterable[int] = ()) -> None:
    """Refuses whoever may not do it, and says who may; `people` are the chapter's admins, or who was asked."""
    if not may(action, held):
        raise Refusal(who_may(action, chapter, tuple(people)))


def require_life(action: Action, *, archived: bool, chapter: str) -> None:
    """Refuses what nobody may do for an archived chapter."""
    if archived and TABLE[action].living:
        raise Refusal(text("{chapter} is archived. A coordinator can restore it with /chapter restore.", chapter=chapter))


# What whoever may not is told


def named(roles: frozenset[Role]) -> tuple[Role, ...]:
    """The roles that a sentence names for all of these: facilitators stand for a chapter's own and for stand-ins, where all of them may."""
    return tuple(role for role in _ORDER if role in roles and KINDS_OF.get(role) not in roles)


_ORDER = (Role.ASKED, Role.ADMIN, Role.OWN_FACILITATOR, Role.FACILITATOR, Role.STAND_IN, Role.COORDINATOR, Role.MANAGER)
_CALLED: Mapping[Role, Text] = MappingProxyType(
    {
        Role.ASKED: text("the person who was asked"),
        Role.ADMIN: text("a chapter's admins"),
        Role.OWN_FACILITATOR: text("its own facilitators"),
        Role.FACILITATOR: text("facilitators"),
        Role.STAND_IN: text("whoever stands in for them"),
        Role.COORDINATOR: text("coordinators"),
        Role.MANAGER: text("people who may manage this server"),
    }
)


def called(roles: frozenset[Role], chapter: str | None = None) -> Listing:
    """These roles as a sentence lists them, beginning with the chapter's admins."""
    names = {**_CALLED, Role.ADMIN: text("{chapter}'s admins", chapter=chapter)} if chapter is not None else _CALLED
    if Role.ADMIN not in roles:
        names = {**names, Role.OWN_FACILITATOR: text("a chapter's own facilitators")}
    return Listing(tuple(names[role] for role in named(roles)))


def who_may(action: Action, chapter: str | None = None, people: tuple[int, ...] = ()) -> Text:
    """Who may do this, and what to do next: what whoever may not is told."""
    allowed = TABLE[action].roles
    if Role.ASKED in allowed:
        if not people:
            return text("Somebody else was asked this, and only they can answer it.")
        return text("{person} was asked this, and only they can answer it.", person=Person(people[0]))
    if Role.ADMIN in allowed and chapter is not None:
        return _of_admins(action, called(allowed, chapter), chapter, people)
    only = text("Only {who} can do this.", who=called(allowed))
    if Role.FACILITATOR in allowed:
        return text("{only} {next}", only=only, next=text("Ask a coordinator for the facilitator role."))
    return text("{only} {next}", only=only, next=text("Ask one of them."))


def _of_admins(action: Action, who: Listing, chapter: str, admins: tuple[int, ...]) -> Text:
    allowed, people = TABLE[action].roles, Listing(tuple(Person(admin) for admin in admins))
    if not admins:
        only = text("Only {who} can do this, and {chapter} has no admins yet.", who=who, chapter=chapter)
        ask = text("Ask a coordinator.") if Role.COORDINATOR in allowed else text("A coordinator can add one.")
        return text("{only} {next}", only=only, next=ask)
    if action is Action.PUBLISH_REPORT:
        return text("Only {who} can publish its report: {people}. You can comment on it once it is out.", who=who, people=people)
    if allowed == _OWN:
        return text("Only {who} can do this: {people}.", who=who, people=people)
    only = text("Only {who} can do this.", who=who)
    return text("{only} {next}", only=only, next=counted("Its admin is {people}.", "Its admins are {people}.", len(admins), people=people))


ONLY_IN_SERVERS = text("This does not work in direct messages. Type /help in your server.")


def in_direct_messages(action: Action) -> Text:
    """Who may do this in direct messages, in words that name no chapter: whoever presses there may long have left."""
    there = TABLE[action].roles & STORED
    if not there:
        return ONLY_IN_SERVERS
    return text("In direct messages only {who} can do this. Type /help in your server.", who=called(there))
