"""Who reads a public page: in which language, from which address, and whether they ask more often than one person does."""

from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from bot.locales import catalogues, pick

MOST_CLIENTS = 10_000
BURST_SECONDS = 20
"""What is asked within so many seconds may come all at once."""


@lru_cache(maxsize=1024)
def language(wanted: str | None, accepted: str) -> tuple[str, bool]:
    """The catalogue that a reader asked for, and that they chose it; else the best that their browser accepts; else nothing."""
    there = catalogues()
    if wanted in there:
        return wanted, True
    for each in _by_preference(accepted[:300]):
        near = pick(each)
        if near.partition("_")[0] == each.replace("-", "_").partition("_")[0]:
            return near, False
    return "", False


def _by_preference(accepted: str) -> list[str]:
    """The languages of an Accept-Language header, the most wanted first; what is refused or cannot be read is left out."""
    found: list[tuple[float, str]] = []
    for part in accepted.split(","):
        tag, _, quality = part.strip().partition(";")
        try:
            weight = float(quality.partition("=")[2]) if quality else 1.0
        except ValueError:
            continue
        if tag and 0 < weight <= 1:
            found.append((-weight, tag.strip()))
    return [tag for _, tag in sorted(found, key=lambda each: each[0])]


def client(peer: str | None, forwarded: Sequence[str], proxies: int) -> str:
    """The address that is counted as one reader: what our own proxies wrote down last, or the peer's; of IPv6 its network."""
    written = [each.strip() for each in ",".join(forwarded).split(",")] if proxies else []
    address = written[-proxies] if 0 < proxies <= len(written) else peer or ""
    try:
        known = ip_address(address)
    except ValueError:
        return peer or ""
    return str(IPv6Address(int(known) >> 64 << 64)) if isinstance(known, IPv6Address) else str(known)


class Limiter:
    """So many requests a minute for each client, evenly or in a short burst; it remembers a bounded number of clients and runs no timer."""

    def __init__(self, per_minute: int) -> None:
        self._every = 60 / per_minute if per_minute else 0.0
        self._due: OrderedDict[str, float] = OrderedDict()

    def wait(self, who: str, now: float) -> float:
        """Seconds that this client has to wait before its next request is answered; 0 lets it through and counts it."""
        due = max(self._due.get(who, now), now)
        if due - now > BURST_SECONDS:
            return due - now - BURST_SECONDS
        if self._every:
            self._due[who] = due + self._every
            self._due.move_to_end(who)
            if len(self._due) > MOST_CLIENTS:
                self._due.popitem(last=False)
        return 0.0
