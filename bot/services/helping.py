"""What somebody is here, and so what they can do."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.chapters import Chapter
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.domain.rights import ONLY_IN_SERVERS, Action, Caller, Role, may, organisation_roles
from bot.services import access
from db import chapters, facilitation, organisations
from db.facilitation import Whose
from db.store import Store

SHOWN = 3
MOST = 25


@dataclass(frozen=True, slots=True)
class Home:
    """What somebody is here, to chapters and to the whole (`held`), and of which chapters; `ready` once it is set up."""

    ready: bool
    admin_of: tuple[Chapter, ...]
    member_of: Chapter | None
    facilitates: int
    held: frozenset[Role]

    @property
    def facilitator(self) -> bool:
        """Whether they look after chapters, or could."""
        return bool(self.held & {Role.FACILITATOR, Role.OWN_FACILITATOR})

    @property
    def coordinator(self) -> bool:
        """Whether they coordinate the organisation."""
        return Role.COORDINATOR in self.held

    @property
    def may_set_up(self) -> bool:
        """Whether they may set it up."""
        return may(Action.SET_UP, self.held)


async def home(store: Store, caller: Caller, now: datetime) -> Home:
    """What the asker is here, by their own roles."""
    if caller.guild_id is None:
        raise Refusal(ONLY_IN_SERVERS)
    async with store.read() as c:
        known = await organisations.find(c, caller.guild_id)
        if known is None:
            return Home(False, (), None, 0, organisation_roles(caller, None, None))
        held = organisation_roles(caller, known.coordinator_role, known.facilitator_role)
        admin_of = await chapters.of_admin(c, known.guild_id, caller.user_id, limit=MOST + 1)
        by_role = await chapters.of_roles(c, known.guild_id, caller.user_id, caller.role_ids, limit=2) if caller.role_ids else []
        facilitates = await facilitation.count(c, known.guild_id, Whose.MINE, caller.user_id, now)
        own = await facilitation.facilitates(c, known.guild_id, caller.user_id)
    stored = ({Role.ADMIN} if admin_of else set()) | ({Role.OWN_FACILITATOR} if own else set())
    return Home(
        ready=True,
        admin_of=tuple(admin_of),
        member_of=by_role[0] if len(by_role) == 1 else None,
        facilitates=facilitates,
        held=held | stored,
    )


@dataclass(frozen=True, slots=True)
class Own:
    """One of the asker's chapters, and what they may do for it."""

    chapter: Chapter
    may_check_in: bool
    may_report: bool


async def own(store: Store, caller: Caller, chapter_id: int) -> Own:
    """The chapter that the asker chose among theirs."""
    async with store.read() as c:
        scope = await access.pressed(c, caller, chapter_id)
        scope.require(Action.READ)
    return Own(scope.chapter, scope.may(Action.CHECK_IN), scope.may(Action.FILL_REPORT))


async def policy(store: Store, caller: Caller) -> Policy:
    """The numbers that hold in the asker's organisation, the usual ones where there is none yet."""
    if caller.guild_id is None:
        return Policy()
    async with store.read() as c:
        return await organisations.policy_in_force(c, caller.guild_id)
