"""How a rule says no to a person."""

from bot.domain.text import Text


class Refusal(Exception):
    """A rule said no: `reason` tells the asker why and what to do next."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.msgid)
        self.reason = reason
