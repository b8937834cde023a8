"""Which names are meant by what is typed of them, or by what is spelt a little differently. The names are folded, unless it says not."""

from collections.abc import Collection, Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.domain.chapters import fold

LETTERS_A_SLIP = 3
"""In so many letters one may be wrong, left out, too many, or have changed places with the next."""
MOST_SLIPS = 3
MOST_SLIPS_ALIKE = 4
ALIKE = 2
"""Names that begin with the same letters, so many of them, and are no shorter may differ by more: in half of their letters."""
NEAR = 100
"""More names than these are never near."""
_HEADS = 5


def matching(typed: str, written: Iterable[str], limit: int) -> list[str]:
    """Of names as they are written: those that begin with what is typed, then those that hold it, and if there are none, the nearest."""
    wanted, known = fold(typed), {fold(each): each for each in written}
    starts = [each for each in known if each.startswith(wanted)]
    found = [*starts, *holding(wanted, known)] or near(wanted, known)
    return [known[each] for each in found[:limit]]


def nearest(name: str, written: Iterable[str], limit: int) -> list[str]:
    """Of names as they are written: those near enough in spelling to be meant, nearest first; often none."""
    known = {fold(each): each for each in written}
    return [known[each] for each in near(fold(name), known)[:limit]]


def holding(wanted: str, names: Collection[str]) -> list[str]:
    """The names that hold this but do not begin with it, in their order; those first of which a word begins so."""
    held = [each for each in names if wanted in each and not each.startswith(wanted)]
    words = {each for begun in _after_a_gap(wanted) for each in held if begun in each}
    return [*sorted(words), *sorted(each for each in held if each not in words)]


def near(wanted: str, names: Collection[str]) -> list[str]:
    """The names that are near enough in spelling to be meant, nearest first."""
    whole = process.extract(wanted, list(names), scorer=OSA.distance, score_cutoff=MOST_SLIPS_ALIKE, limit=NEAR)
    found = {each: slips for each, slips, _ in whole if slips <= _allowed(wanted, each)} or _nearly_begun(wanted, names)
    # The first letter is seldom the wrong one.
    return sorted(found, key=lambda each: (found[each] + (each[:1] != wanted[:1]), found[each], each))[:NEAR]


def _allowed(wanted: str, name: str) -> int:
    if wanted[:ALIKE] == name[:ALIKE] and len(wanted) <= len(name):
        return len(name) // 2
    return _slips(wanted)


def _slips(wanted: str) -> int:
    return min(MOST_SLIPS, len(wanted) // LETTERS_A_SLIP)


def _nearly_begun(wanted: str, names: Collection[str]) -> dict[str, float]:
    """Names with a word that has the same first letter and begins nearly so: the whole may still be on its way."""
    slips = _slips(wanted)
    if not slips:
        return {}
    words = names if " " in wanted else _in_words(" ".join(names)).split()
    alike = {word for word in words if word[0] == wanted[0]}
    # One letter more, for it may be the one that was left out.
    heads = {word[:size] for size in (len(wanted), len(wanted) + 1) for word in alike}
    found: dict[str, float] = {}
    for head, far, _ in process.extract(wanted, heads, scorer=OSA.distance, score_cutoff=slips, limit=_HEADS):
        for each in names:
            if head in each and _begins(each, head):
                found.setdefault(each, far)
    return found


def _begins(name: str, head: str) -> bool:
    """Whether a word of the name begins so."""
    return name.startswith(head) or any(begun in name for begun in _after_a_gap(head))


def _after_a_gap(head: str) -> list[str]:
    return [f"{gap}{head}" for gap in " -/_"]


def _in_words(names: str) -> str:
    """With spaces for what else stands between words: in Stoke-on-Trent, in America/Sao_Paulo."""
    return names.replace("-", " ").replace("/", " ").replace("_", " ")
