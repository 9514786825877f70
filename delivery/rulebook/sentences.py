"""Each rule as a sentence that people read: in the console, at the command line, in the docs."""

from collections.abc import Iterable
from functools import singledispatch

from delivery.rulebook.spans import spelled
from models.records import Cap, Class, Over, Period, Picks, QuietHours, Rhythm, Throttle
from models.records.digest_rules import WEEKDAYS


@singledispatch
def sentence(rule: object) -> str:
    """A rule in one sentence."""
    raise TypeError(f"no rule: {type(rule).__name__}")


@sentence.register
def _(rule: Cap) -> str:
    limited = (rule.picks.classes or frozenset(Class)) - rule.exempts
    what = about(rule.picks, limited, "but the feed")
    if rule.limit is None:
        return f"{what}: no cap, for its limit is blank."
    if isinstance(rule.window, Period):
        window = f"a {rule.window} of the recipient's calendar"
    else:
        window = f"any {spelled(rule.window)}"
    most = f"{what}: at most {rule.limit} to one recipient in {window}"
    return f"{most}{_passing(rule)}; {_over(rule)}."


def _over(rule: Cap) -> str:
    if rule.digest is None:
        return _OVER[rule.over]
    return (
        f"more goes together {often(rule.digest)}, one message a topic, and waits where a"
        " template tells of one alone"
    )


def often(rhythm: Rhythm) -> str:
    """A rhythm: `each Monday at 09:00`, on the recipient's clock."""
    day = "day" if rhythm.weekday is None else WEEKDAYS[rhythm.weekday].capitalize()
    return f"each {day} at {rhythm.at:%H:%M}"


_OVER = {
    Over.HOLD: "more waits for the next slot",
    Over.DOWNGRADE: "more is told in-app alone, and waits where there is no in-app step",
    Over.SKIP: "more is not sent",
}


@sentence.register
def _(rule: Throttle) -> str:
    each = "" if rule.key is None else f" for each data.{rule.key}"
    most = f"At most {rule.limit} to one recipient in any {spelled(rule.window)}{each}"
    return f"{most}; {_OVER[rule.over]}."


def _passing(rule: Cap) -> str:
    """Who is exempt, and whether it counts."""
    there = rule.picks.classes or frozenset(Class)
    parts = (
        (there & rule.exempts & rule.counts, "counted but not limited"),
        ((there & rule.exempts) - rule.counts, "neither counted nor limited"),
        (there - rule.exempts - rule.counts, "limited but not counted"),
    )
    told = [f"{joined(classes)} {how}" for classes, how in parts if classes]
    return f" ({'; '.join(told)})" if told else ""


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
