"""The public page in Discord: where it is, what stands on it, and what never does."""

from collections.abc import Iterator

from bot.domain.text import Link, Text, counted, text
from bot.services.public import Address, Switched
from cogs.layout import Block, Card, Line, Rule, Small, Title, card


def switched_card(done: Switched, address: Address | None) -> Card:
    """The page as it is now."""
    return card(*(_on(done, address) if done.on else _off(done)))


def _on(done: Switched, address: Address | None) -> Iterator[Block]:
    yield Title(text("The public page is on") if done.changed else text("The public page is on, as it was"))
    yield from _where(done, address)
    yield Line(text("**Public**: the goals with their figures and history, as sums over at least 3 chapters."))
    yield Line(_open(done.open_chapters))
    yield Line(text("**Public of each open chapter**: its name, town and place on a map, whether it functions, and its published reports."))
    yield Line(text("“What is hard” is among them only where the chapter ticked “May be shared”."))
    yield Line(text("**Never**: other chapters, private notes, a chapter's dues, small numbers, names of people, other servers."))
    yield Rule()
    yield Small(text("Chapters choose for themselves with /chapter visibility. The open log says who switched the page on."))
    yield Small(text("/scoreboard public off takes it down at once. What others copied meanwhile cannot be called back."))


def _open(chapters: int) -> Text:
    if not chapters:
        return text("**Open chapters**: none so far, so the page names none.")
    return counted("**Open chapters**: {n} so far.", "**Open chapters**: {n} so far.", chapters)


def _where(done: Switched, address: Address | None) -> Iterator[Block]:
    path = f"/o/{done.slug}"
    if address is None:
        yield Line(text("Nobody can read it yet: its address will end in {path}.", path=path))
        yield Line(text("Ask whoever runs the bot to set web.enabled and web.public_url, as docs/public-page.md describes."))
        return
    url = address.url + path
    yield Line(text("It is at {link}", link=Link(text("{address}", address=url), url)))
    if not address.everywhere:
        yield Line(text("So far only the machine that the bot runs on reaches it. Ask whoever runs the bot to set web.public_url."))


def _off(done: Switched) -> Iterator[Block]:
    if not done.changed:
        yield Title(text("There is no public page, as before"))
        yield Line(text("Nothing of this server is shown to others. /scoreboard public on switches a page on."))
        return
    yield Title(text("The public page is off"))
    yield Line(text("Nobody can read it from now on. If it is switched on again, it has the same address."))
    yield Small(text("What others copied meanwhile cannot be called back. The open log says who switched it off."))
