"""When the bot is killed: after a random time, in the middle of a write, or at a point of the life of its n-th request of a kind."""

import asyncio
import random
from dataclasses import dataclass

from tests.faults.discord.trouble import Point, Trouble, calls, lost
from tests.faults.rig import Rig

REQUESTS = {
    "a message": ("POST", r"/channels/\d+/messages"),
    "a message's edit": ("PATCH", r"/channels/\d+/messages/\d+"),
    "a forum post": ("POST", r"/channels/\d+/threads"),
    "opening direct messages": ("POST", r"/users/@me/channels"),
    "looking somebody up": ("GET", r"/guilds/\d+/members/\d+"),
    "an answer": ("POST", r"/interactions/.*"),
}
POINTS = {
    Point.ARRIVED: "as it arrives",
    Point.CARRIED_OUT: "carried out, unanswered",
    Point.ANSWERED: "once answered",
}
LONGEST = 5.0
"""Seconds for which a request is waited for at most, from the moment that the bot hears people."""
SENDING = {"a message": 6, "opening direct messages": 2, "looking somebody up": 1, "an answer": 1}
ACTING = {"an answer": 4, "a message's edit": 2, "a forum post": 4}
"""What is likely to be asked of Discord while something is due, and while only people act."""


@dataclass(frozen=True)
class Plan:
    """How one life is to end; `request` None: after `seconds`, counted from the start or (`writing`) from somebody's act."""

    seconds: float
    request: str | None = None
    point: Point = Point.ARRIVED
    nth: int = 1
    writing: bool = False

    @property
    def name(self) -> str:
        """What the table calls it."""
        if self.request is not None:
            return f"{self.request}, {POINTS[self.point]}"
        return "in the middle of an act" if self.writing else "after a random time"


def draw(chance: random.Random, *, due: bool) -> Plan:
    """A plan; mostly one around a request that is likely to come, by whether something is due to be sent."""
    kind = chance.random()
    if kind < 0.15:
        return Plan(chance.uniform(0, 2.0))
    if kind < 0.3:
        return Plan(chance.uniform(0, 0.04), writing=True)
    likely = SENDING if due else ACTING
    request = chance.choices(list(likely), list(likely.values()))[0]
    return Plan(LONGEST, request, chance.choice([*Point]), chance.choice([1, 1, 1, 2, 3]))


class Assassin:
    """Carries out one plan on one life."""

    def __init__(self, rig: Rig, plan: Plan) -> None:
        self._rig, self._plan, self._troubles = rig, plan, list[Trouble]()
        self._timer: asyncio.TimerHandle | None = None
        self._gave_up = False
        if plan.request is None:
            if not plan.writing:
                self._in(plan.seconds)
            return
        method, path = REQUESTS[plan.request]
        act = calls(rig.child.kill)
        self._troubles = [Trouble(method, path, act, plan.point, plan.nth)]
        if plan.point is not Point.ANSWERED:
            # A dead process hears no answer.
            self._troubles.append(Trouble(method, path, lost, plan.point, plan.nth))
        rig.discord.api.troubles += self._troubles

    def somebody_acts(self) -> None:
        """Told when somebody does something."""
        if self._plan.writing and self._timer is None:
            self._in(self._plan.seconds)

    @property
    def name(self) -> str:
        """What the death is called: by the plan, if what it waited for came."""
        return "waiting for what did not come" if self._gave_up else self._plan.name

    def give_up(self) -> None:
        """What was waited for does not come: now."""
        self._gave_up = True
        self._rig.child.kill()

    def _in(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._rig.child.kill)

    def leave(self) -> None:
        """The life is over."""
        if self._timer is not None:
            self._timer.cancel()
        self._rig.discord.api.troubles = [each for each in self._rig.discord.api.troubles if each not in self._troubles]
