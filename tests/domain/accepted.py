"""Policies that an organisation may have come to, one accepted change after another."""

from hypothesis import strategies as st

from bot.domain import settings
from bot.domain.policy import EVERY_KIND, EVERY_QUESTION, Policy
from bot.domain.refusal import Refusal
from bot.domain.settings import SETTINGS, Unit

accepted_values = {
    Unit.KINDS: st.sets(st.sampled_from(EVERY_KIND), min_size=1).map(lambda some: tuple(sorted(some, key=EVERY_KIND.index))),
    Unit.QUESTIONS: st.sets(st.sampled_from(EVERY_QUESTION), min_size=1).map(lambda some: tuple(sorted(some, key=EVERY_QUESTION.index))),
    Unit.RULE: st.sampled_from(["consent", "majority"]),
    Unit.DIMENSIONS: st.sampled_from([(), (("age", ("young", "old")),)]),
}


def any_value(setting: settings.Setting) -> st.SearchStrategy[object]:
    return accepted_values.get(setting.unit, st.integers(setting.least, setting.most))


attempts = st.lists(
    st.sampled_from(sorted(SETTINGS)).flatmap(lambda key: st.tuples(st.just(key), any_value(SETTINGS[key]))), min_size=1, max_size=40
)


@st.composite
def accepted(draw: st.DrawFn) -> Policy:
    """A policy that a sequence of sets leads to, refused ones left out."""
    policy = Policy()
    for key, value in draw(attempts):
        try:
            policy = settings.changed(policy, key, value)
        except Refusal:
            continue
    return policy
