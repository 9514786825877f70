"""The tables of a campaign's report. Pure."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from dashboard.reading.campaign_report import Followed, Report
from dashboard.showing.feedback import PEOPLE
from dashboard.showing.spans import bins
from dashboard.showing.table import Table, Value
from dashboard.showing.words import label, number
from delivery.campaigns.comparing import Arm, arms
from delivery.campaigns.judging import HANDED_OVER, Tally
from delivery.campaigns.noise import BEFORE, WEEK, Noise, usual
from delivery.rendering.anchors import anchors
from models.readings.campaigns import Course
from models.reasons import sentence
from models.states import DeliveryState as D

ADDED = ("noise", "enough")
"""The tables that tell of noise, which is read by itself."""
NOTICED = ("opened", "clicked", "converted")
Row = tuple[Value, ...]


def tables(found: Report, noise: Noise | None) -> list[Table]:
    """All of them, in the order of the page."""
    return [
        funnel(found), progress(found), variants(found), goal(found), links(found),
        bounces(found), foretold(found), *added(noise),
    ]  # fmt: skip


def funnel(found: Report) -> Table:
    """Eligible › left out, waiting, not sent, by reason › handed over › what came of it."""
    told, of = found.funnel.tally, found.funnel
    rows: list[Row] = [("Eligible people", "", of.eligible)]
    rows += [("Left out", why, many) for why, many in found.left_out.items()]
    rows += [("Waiting", why, many) for why, many in of.waiting.items()]
    rows += [(label(state), why, many) for (state, why), many in told.unsent.items()]
    rows += [("Handed over", "", told.handed_over)]
    rows += [(label(state), "", told.ended.get(state, 0)) for state in (D.DELIVERED, D.BOUNCED)]
    rows += [
        ("Opened by people", "", told.opened), ("Seen by machines", "", told.machines),
        ("Clicked by people", "", told.clicked), ("Converted", "", told.converted),
        ("Complained", "", told.complained), ("Unsubscribed", "", told.unsubscribed),
    ]  # fmt: skip
    return Table("funnel", "What became of it", ("What", "Reason", "Number"), rows)


def variants(found: Report) -> Table:
    """What each variant was answered with, with intervals of 95 %."""
    rows: list[Row] = [
        (name or "All", told.handed_over, *_rates(told))
        for name, told in found.variants.items()
        if told.handed_over
    ]
    shares = [f"{label(by)}{part}" for by in NOTICED for part in ("", " from", " to")]
    return Table(
        "variants", "Opened, clicked, converted, by variant",
        ("Variant", "Handed over", *shares), rows, "Nothing was handed over yet.", shares=shares,
    )  # fmt: skip


def _rates(told: Tally) -> Iterator[float]:
    for by in NOTICED:
        share = told.share(by)
        yield from (share.rate, *share.interval)


def goal(found: Report) -> Table:
    """How many of each variant and holdout did what it is for, and the lift."""
    shares = ("Did it", "From", "To", "Lift", "Lift from", "Lift to")
    nothing = (
        "Nobody was drawn yet." if found.goal else "Give a campaign a goal to hold what people do"
        " after it against what those do who were held out."
    )  # fmt: skip
    return Table(
        "goal", f"Goal: {found.goal}" if found.goal else "Goal",
        ("Group", "People", "Number", *shares), [_arm(one) for one in arms(found.groups)], nothing,
        "All people of a group count, reached or not, for 30 days from its run; of more than"
        " 100,000 a fair sample. Lift: points above those held out.", shares,
    )  # fmt: skip


def name_of(one: Arm) -> str:
    """How a group is called."""
    return label(one.held_out) if one.held_out else one.variant or "Everybody else"


def _arm(one: Arm) -> Row:
    lift = (None, None, None) if one.lift is None else (one.lift.points, *one.lift.interval)
    return (name_of(one), one.share.of, one.share.hits, one.share.rate, *one.share.interval, *lift)


def links(found: Report) -> Table:
    """Each link of what it said, and who followed it."""
    return Table(
        "links", "Links",
        ("Template", "Version", "Link", "Says", "Leads to", "Clicks", "Mails", "By machines"),
        [row for one in found.links for row in _links(one)],
        "No link was followed, or nobody looks: see what its topic tracks.",
        "Clicks: by people. Mails: in how many there was one.",
    )  # fmt: skip


def _links(one: Followed) -> Iterator[Row]:
    named = {each.number: each for each in anchors(one.version.compiled or "")}
    for place in sorted({line.link for line in one.lines if line.link} | set(named)):
        of = [line for line in one.lines if line.link == place]
        people = [line for line in of if line.by in PEOPLE]
        said = named.get(place)
        yield (
            one.version.template, one.version.version, place, said.text if said else "",
            said.href if said else "", sum(line.times for line in people),
            sum(line.deliveries for line in people),
            sum(line.times for line in of if line.by not in PEOPLE),
        )  # fmt: skip


def bounces(found: Report) -> Table:
    """What came back, by class."""
    whole = found.funnel.tally.handed_over
    rows = [
        (label(why or "unknown"), sentence(why), many, min(many / whole, 1.0) if whole else 0.0)
        for why, many in found.funnel.tally.bounced.items()
        if many
    ]
    columns = ("Class", "Means", "Number", "Share")
    return Table("bounces", "Bounces", columns, rows, "Nothing bounced.", shares=("Share",))


def foretold(found: Report) -> Table:
    """What the pre-flight said against what came."""
    rows = [
        (label(one.state), sentence(one.reason), one.foretold, one.happened, one.difference)
        for one in found.compared
    ]
    return Table(
        "foretold", "Foretold and happened", ("What", "Why", "Foretold", "Happened", "Difference"),
        rows, "No run of it was foretold: see the pre-flight.",
    )  # fmt: skip


def added(noise: Noise | None) -> list[Table]:
    """What its people got besides, and whether they had enough."""
    if noise is None:
        return []
    besides = Table(
        "noise", "Noise: what its people got besides, in a week", ("Other messages", "People"),
        list(noise.besides.items()),
        note=f"Of {noise.asked} people of run {noise.run}, who stand for all"
        f" {noise.people}; the feed is not counted.",
    )  # fmt: skip
    weeks = [noise.since + place * WEEK for place in range(-BEFORE, 1)]
    rows = [(at, noise.opted_out.get(at, 0), noise.complained.get(at, 0)) for at in weeks]
    after = Table(
        "enough", "Opt-outs and complaints, week by week",
        ("Week from", "Opted out", "Complained"), rows,
        note="Of everybody in it; the last week is the one after it.",
    )  # fmt: skip
    return [besides, after]


def noise_said(noise: Noise) -> list[str]:
    """The same in sentences."""
    before = {
        "opted out": (noise.opted_out, usual(noise.opted_out, noise.since)),
        "complained": (noise.complained, usual(noise.complained, noise.since)),
    }
    week = f"in the week that began with run {noise.run}"
    got = f"Its people got {noise.mean:.1f} other messages each {week}"
    return [
        f"{got}; {noise.busiest:.1%} of them more than one a day.",
        *(
            f"{number(weeks.get(noise.since, 0))} of {number(noise.people)} {what} {week}"
            f" ({usually:.1f} in a week before it)."
            for what, (weeks, usually) in before.items()
        ),
    ]


def progress(found: Report) -> Table:
    """How many were handed over, opened and clicked by the end of each bin of time."""
    sums: Counter[str] = Counter()
    by_bin: dict[datetime, list[Course]] = {}
    for one in found.courses:
        by_bin.setdefault(one.at, []).append(one)
    rows: list[Row] = []
    for at in bins(found.period):
        for one in by_bin.get(at, ()):
            sums[_line(one)] += _adds(one)
        rows.append((at, *(sums[name] for name in LINES)))
    shown = rows if found.courses else []
    return Table("progress", "Progress", ("Time", *LINES), shown, "Nothing went yet.")


LINES = ("Handed over", "Not sent", "Opened by people", "Clicked by people", "Converted")
_NOTED = {"opened": LINES[2], "clicked": LINES[3], "converted": LINES[4]}
_UNSENT = frozenset({D.SKIPPED, D.FAILED, D.EXPIRED, D.CANCELLED})


def _line(one: Course) -> str:
    if one.state in HANDED_OVER:
        return LINES[0]
    if one.state in _UNSENT:
        return LINES[1]
    by_people = one.state == "converted" or one.reason in PEOPLE
    return _NOTED.get(one.state, "") if by_people else ""


def _adds(one: Course) -> int:
    """Once in and once out is what is noticed; a state is left for the next one."""
    return one.entered if one.state in _NOTED else one.entered - one.left
