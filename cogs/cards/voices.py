"""How it looks to give a chapter's voice on a proposal, to amend it, to withdraw it, and to take a text out of it."""

from bot.domain import proposals
from bot.domain.goals import Goal
from bot.domain.proposals import Content
from bot.domain.text import Person, Text, text
from bot.services.deciding import News
from bot.services.goal_history import OF_IT, Texts
from bot.services.proposals import View
from bot.services.voices import Amending, Choose, Objecting, Replaced, Spoken
from cogs.cards.proposals import SAYS, answered, link, result, what
from cogs.layout import CHOICES, Button, Card, Form, Line, Option, Row, Select, Small, TextField, Title, Tone, address, card

# A chapter's voice


def choose_card(asked: Choose) -> Card:
    """Asks for which chapter somebody speaks who is admin of several."""
    options = tuple(Option(text("{name}", name=chapter.name), str(chapter.id)) for chapter in asked.chapters[:CHOICES])
    return card(
        Line(text("You are admin of several chapters. For which one do you speak?")),
        Select(address("gp.for", asked.proposal_id, asked.version, asked.voice), text("Choose a chapter"), options),
    )


def objection_form(asked: Objecting) -> Form:
    """Asks why a chapter objects."""
    hint = text("All can read it in this server. You can change it until the close.")
    if asked.chapter.hidden:
        hint = text("Your chapter is hidden: this counts, and is not shown. To be answered, amend the proposal.")
    return Form(
        address("gp.obj", asked.proposal_id, asked.version, asked.chapter.id),
        text("{chapter} objects", chapter=asked.chapter.name),
        (
            TextField(
                "reason",
                text("Why (name no one)"),
                hint,
                value=asked.reason,
                most=proposals.REASON_LENGTH,
                long=True,
                required=True,
            ),
        ),
    )


def spoken_card(done: Spoken) -> Card:
    """Whose voice stands now."""
    stored, chapter = done.view.stored, done.chapter
    before = done.before
    changed: Text | None = None
    if before is not None and before.said_by not in (None, done.said.said_by):
        changed = text(
            "Before, {person} had said that it {says}. The later voice counts, and they hear of it.",
            person=Person(before.said_by or 0),
            says=SAYS[before.voice],
        )
    return card(
        Line(text("**{chapter} {says}.** This is your chapter's voice.", chapter=chapter.name, says=SAYS[done.said.voice])),
        Line(changed) if changed else None,
        Small(text("Any of its admins can change it until the end of {day}.", day=stored.closes_on)),
        Small(text("Your chapter is hidden, so it counts and is not named.")) if chapter.hidden else None,
        Row((Button(text("Look at the proposal"), address("gp.view", stored.id)),)),
    )


def replaced_card(news: Replaced) -> Card:
    """Tells an admin that another one of their chapter spoke after them."""
    return card(
        Title(text("{chapter}'s voice changed", chapter=news.chapter.name)),
        Line(text("{person} said after you that it {says}.", person=Person(news.by), says=SAYS[news.said.voice])),
        Line(what(news.view)),
        Small(text("The later voice counts. Talk with each other; either of you can change it until the close.")),
        *link(news.view),
    )


def closed_card(news: News) -> Card:
    """Tells somebody who made a proposal, or objected, what came of it; names no chapter, because one may hide later."""
    said = text("What you proposed has closed") if news.made else text("A proposal that you objected to has closed")
    return card(
        Title(said), Line(text("**{what}**", what=what(news.view))), Line(answered(news.view)), Line(result(news.view)), *link(news.view)
    )


# Amending, withdrawing, taking out


def wording(to: str, title: Text, content: Content | Goal, why: str | None, *, hint: Text | None = None) -> Form:
    """The questions of a form in which a goal is worded anew."""
    return Form(
        to,
        title,
        (
            TextField("target", text("The figure to reach"), value=str(content.target), most=15, required=True),
            TextField("deadline", text("When it is due, such as 2028-06-30"), value=str(content.deadline), required=True),
            TextField("why", text("Why (name no one)"), hint, value=why or "", most=proposals.WHY_LENGTH, long=True),
        ),
    )


def amend_form(asked: Amending) -> Form:
    """Asks what is proposed instead."""
    to = address("gp.new", asked.proposal_id, asked.version, asked.chapter.id)
    return wording(to, text("Amend it"), asked.content, asked.why, hint=text("All chapters are asked anew, with the whole time to meet."))


def amended_card(view: View) -> Card:
    """That all are asked anew."""
    return card(
        Title(text("It is amended")),
        Line(what(view)),
        Line(text("All chapters are asked anew, until the end of {day}. Earlier voices do not count for this.", day=view.stored.closes_on)),
        Row((Button(text("Look at it"), address("gp.view", view.stored.id)),)),
    )


def ends_card(view: View) -> Card:
    """Asks once more before a proposal is withdrawn."""
    return card(
        Title(text("Withdraw this proposal?")),
        Line(what(view)),
        Line(text("Chapters cannot answer it any more, and nothing is changed. This cannot be taken back.")),
        Row(
            (
                Button(text("Yes, withdraw it"), address("gp.back", view.stored.id), Tone.DANGER),
                Button(text("Leave it open"), address("gp.view", view.stored.id)),
            )
        ),
    )


def texts_card(shown: Texts) -> Card:
    """Asks which text is to be taken out."""
    options = [Option(text("Why it was proposed"), str(OF_IT))] if shown.why else []
    options += [Option(text("Why {chapter} objects", chapter=each.chapter), str(each.chapter_id)) for each in shown.said]
    if not options:
        return card(Line(text("There is no text here that you could take out.")))
    return card(
        Title(text("Take a text out")),
        Line(text("It disappears from the proposal and from every earlier version. The voice stands. Nobody can bring it back.")),
        Select(address("gp.cut", shown.view.stored.id), text("Choose a text"), tuple(options[:CHOICES])),
    )


def cut_card(proposal_id: int, chapter_id: int) -> Card:
    """Asks once more before a text is gone for good."""
    return card(
        Title(text("Take this text out?")),
        Line(text("Nobody can bring it back.")),
        Row(
            (
                Button(text("Yes, take it out"), address("gp.gone", proposal_id, chapter_id), Tone.DANGER),
                Button(text("Keep it"), address("gp.view", proposal_id)),
            )
        ),
    )


def gone_card(view: View) -> Card:
    """That a text is gone."""
    return card(Line(text("The text is taken out.")), Row((Button(text("The proposal"), address("gp.view", view.stored.id)),)))
