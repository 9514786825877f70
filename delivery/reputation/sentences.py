"""What happened to a scope and what to do about it, in words."""

from collections.abc import Mapping

from delivery.reputation.rates import LINES, tells_of_none, worst
from delivery.reputation.scopes import Kind, read_scope
from models.records import Measure, Rate, Trust, Window

TRUSTS: Mapping[Trust, str] = {
    Trust.OK: "Promotional mail goes.",
    Trust.WATCH: "Promotional mail goes; somebody should look.",
    Trust.TRIPPED: "Promotional mail waits.",
    Trust.PROBATION: "A little promotional mail goes, as a trial.",
    Trust.HELD: "Promotional mail waits until somebody lets it go.",
}
"""What each state means for mail; transactional and critical mail goes in all of them."""

MEASURES: Mapping[Measure, str] = {
    Measure.BOUNCES: "came back for good",
    Measure.COMPLAINTS: "were called spam",
    Measure.POLICY: "were refused for our authentication or standing",
}
WINDOWS: Mapping[Window, str] = {
    Window.HOUR: "the last hour",
    Window.DAY: "24 hours",
    Window.WEEK: "7 days",
}

ADVICE: Mapping[Measure, str] = {
    Measure.BOUNCES: (
        "Find the list whose addresses are dead: see who imported it and when, take them out, and"
        " confirm new addresses before the first mail. Dead ones are suppressed already."
    ),
    Measure.COMPLAINTS: (
        "Mail only people who asked for it, less often, and make leaving as easy as joining."
        " Who complained is suppressed already."
    ),
    Measure.POLICY: (
        "Run tidings doctor, then mend SPF, DKIM and DMARC of the sending domain. Where the words"
        " are of rate or standing (4.7.28), send slower: tidings accounts limit."
    ),
}
"""What to do, by what went wrong."""

UNHEARD = "no delivery feedback"
"""What stands where a rate would say more than anybody knows."""


def named(scope: str) -> str:
    """A scope as people call it: `example.com to google`, `topic news`."""
    try:
        one = read_scope(scope)
    except ValueError:
        return scope
    if one.kind is Kind.DESTINATION:
        return f"{one.key} to {one.destination}"
    return one.key if one.kind is Kind.DOMAIN else f"{one.kind} {one.key}"


def per_cent(share: float) -> str:
    """A share as receivers write them: to two digits, without zeros that say nothing."""
    return f"{share * 100:.2f}".rstrip("0").rstrip(".") + " %"


def said(rate: Rate, scope: str = "") -> str:
    """A rate in a few words; what its receiver never tells is no missing feedback."""
    if rate.share is not None:
        return per_cent(rate.share)
    silent = rate.measure is Measure.COMPLAINTS and tells_of_none(scope)
    return "tells of none" if silent else UNHEARD


def figures(rate: Rate) -> str:
    """What was counted: `75 of 1234 mails in 24 hours came back for good, 6.08 %`."""
    share = "" if rate.share is None else f", {per_cent(rate.share)}"
    return (
        f"{rate.hits} of {rate.of} mails in {WINDOWS[rate.window]} {MEASURES[rate.measure]}{share}"
    )


def why(found: tuple[Rate, ...]) -> str:
    """The rate that weighs most, with the line it is held against; empty where nothing was sent."""
    rate = worst(found)
    if rate is None:
        return ""
    line, own = LINES[rate.measure], rate.trip if rate.floor > rate.trip else rate.watch
    whose = f" {line.receivers}: {per_cent(line.act)}." if line.receivers else ""
    return f"{figures(rate)}; our line is {per_cent(own)}.{whose}"


def advice(found: tuple[Rate, ...]) -> str:
    """What to do about the rate that weighs most."""
    rate = worst(found)
    return "" if rate is None else ADVICE[rate.measure]
