"""Each rule as a sentence that people read: in the console, at the command line, in the docs."""

from collections.abc import Iterable
from functools import singledispatch

from models.records import Cap, Class, Picks, QuietHours


@singledispatch
def sentence(rule: object) -> str:
    """A rule in one sentence."""
    raise TypeError(f"no rule: {type(rule).__name__}")


@sentence.register
def _(rule: Cap) -> str:
    return f"{about(rule.picks)}: no cap."


@sentence.register
def _(rule: QuietHours) -> str:
    classes = rule.picks.classes or frozenset({Class.PROMOTIONAL})
    what = about(rule.picks, classes, "but the feed")
    zone = rule.zone or "the recipient's time zone"
    when = f"{' and '.join(rule.text)} in {zone}"
    if rule.sends:
        return f"{what} is sent only {when}."
    end = ", also where a person set hours of their own" if rule.binding else ""
    return f"{what} waits {when}{end}."


def about(picks: Picks, classes: Iterable[str] = (), every: str = "") -> str:
    """What a rule is about: `Promotional e-mail of the topics news and sales`."""
    kinds = joined(picks.classes or classes)
    on = (
        f" on {joined(picks.channels)}" if picks.channels else f" on every channel {every}".rstrip()
    )
    named = [
        f"of the {noun} {joined(keys)}"
        for noun, keys in (
            ("category" if len(picks.categories) == 1 else "categories", picks.categories),
            ("topic" if len(picks.topics) == 1 else "topics", picks.topics),
            ("campaign" if len(picks.campaigns) == 1 else "campaigns", picks.campaigns),
        )
        if keys
    ]
    tagged = [f"tagged {joined(picks.tags, 'or')}"] if picks.tags else []
    whom = [f"to people of {joined(picks.orgs, 'or')}"] if picks.orgs else []
    text = " ".join([kinds or "everything", *named, *tagged, *whom]) + on
    return text[0].upper() + text[1:]


def joined(words: Iterable[str], last: str = "and") -> str:
    """Words as a list in a sentence."""
    *most, end = sorted(map(str, words)) or [""]
    return f"{', '.join(most)} {last} {end}" if most else end
