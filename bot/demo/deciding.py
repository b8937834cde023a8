"""What the sample organisation is deciding together: a proposal that some of its chapters have answered, and that others can."""

from datetime import datetime

from bot.demo.history import Seat
from bot.domain import calendar
from bot.domain.goals import Metric
from bot.domain.proposals import Voice
from bot.services import proposing, voices
from bot.services.proposing import Asked, Where
from db.store import Store

FORM = "the sample's proposal"
TARGET, MONTHS = 16, 12
WHY = "When something is decided between two gatherings, every chapter should have somebody whom the others can ask."
SPOKEN = (
    ("Sam", Voice.SUPPORT, None),
    ("Ewa", Voice.SUPPORT, None),
    ("Tiago", Voice.ASIDE, None),
    ("Kasia", Voice.OBJECT, "A small chapter cannot name somebody for a whole year. Say “for half a year”, and we are with you."),
)
"""The admins who have spoken for their chapters, and why the one objects."""


async def propose(store: Store, seat: Seat, now: datetime) -> None:
    """Cora's proposal in #general, with what the first chapters say."""
    cora, where = seat.caller("Cora"), Where(seat.channels["general"], may_post=True)
    deadline = calendar.months_later(now.date(), MONTHS)
    await proposing.propose(store, cora, Metric.DELEGATES, TARGET, str(deadline), None, Asked(WHY), where, FORM, now)
    view = await proposing.confirm(store, cora, FORM, now)
    for name, voice, reason in SPOKEN:
        await voices.speak(store, seat.caller(name), view.stored.id, view.stored.version, voice, now, reason=reason)
