"""How a chapter's list of reports looks."""

from collections.abc import Iterator

from bot.domain.text import Link, Moment, Text, text
from bot.services.report_list import ReportPage
from cogs.cards.report_words import jump
from cogs.layout import Block, Button, Card, Line, Option, Row, Select, Small, Title, Tone, address, card
from db.report_pages import Listed


def list_card(shown: ReportPage) -> Card:
    """A page of the list, with a choice of one to read, and for those who may, of one to fill in after all."""
    return card(
        Title(text("Reports of {chapter}", chapter=shown.chapter.name)),
        *(Line(_line(each, shown.chapter.guild_id)) for each in shown.entries),
        *_further(shown),
        *_choices(shown),
        *_buttons(shown),
    )


def _line(each: Listed, guild_id: int) -> Text:
    if each.published_at is None:
        if each.skipped:
            return text("**{period}** · skipped", period=each.period)
        return text("**{period}** · not answered", period=each.period)
    said = text("**{period}** · published {moment}", period=each.period, moment=Moment(each.published_at))
    if each.post is None:
        return said
    return text("{said} → {link}", said=said, link=Link(text("its thread"), jump(guild_id, each.post)))


def _further(shown: ReportPage) -> Iterator[Block]:
    if shown.pages > 1:
        yield Small(text("Page {page} of {pages}, newest first.", page=shown.page + 1, pages=shown.pages))
    if shown.entries:
        return
    if shown.may_fill:
        yield Line(text("There is none yet. The button Report opens the newest one; it takes about two minutes."))
    else:
        yield Line(text("There is none yet. Its admins are asked once a month; /chapter status shows what is known already."))


def _choices(shown: ReportPage) -> Iterator[Block]:
    published = tuple(_option(each) for each in shown.entries if each.published_at is not None)
    if published:
        yield Select(address("rp.pick", shown.chapter.id), text("Read one of them"), published)
    others = tuple(_option(each) for each in shown.entries if each.published_at is None)
    if others and shown.may_fill:
        yield Select(address("rp.fill", shown.chapter.id), text("Fill one in after all"), others)


def _option(each: Listed) -> Option:
    return Option(text("{period}", period=each.period), str(each.period))


def _buttons(shown: ReportPage) -> Iterator[Row]:
    if shown.pages > 1:
        newer = Button(text("Newer"), address("rp.list", shown.chapter.id, max(shown.page - 1, 0)), disabled=shown.page == 0)
        older = Button(text("Older"), address("rp.list", shown.chapter.id, shown.page + 1), disabled=shown.page + 1 >= shown.pages)
        yield Row((newer, older))
    if shown.may_fill:
        tone = Tone.PRIMARY if shown.asked_for else Tone.PLAIN
        yield Row((Button(text("Report"), address("rp.card", shown.chapter.id, None), tone),))
