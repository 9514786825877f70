"""What people may take along: the columns and rows of each, read page by page where it is long."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import Acting, NotAllowedError, RefusedError, acting
from dashboard.changing import keys as changing
from dashboard.reading import audiences, campaign_report, campaigns as reading
from dashboard.reading.people import all_people
from dashboard.showing import asked as asking, campaign_tables, campaigns as words, people_tables
from dashboard.showing.asked import Asked
from dashboard.showing.files import Rows, Sheet, sheet_of
from dashboard.showing.table import Table, Value
from delivery.audiences import AudienceError
from delivery.registry import all_channels
from models.queries.audiences import members as belonging
from models.queries.audiences.conditions import where
from models.queries.audiences.members import Member
from models.queries.console import history
from models.queries.routing import EVERYWHERE
from models.readings.deliveries import DeliveryLine, Position, Wanted
from models.reasons import sentence

_AT_ONCE = 2000
_Place = TypeVar("_Place")


def campaign(_: UUID, asked: Asked, __: datetime) -> Sheet:
    """A table of a campaign's report."""
    key, name = (_first(asked, each) for each in ("campaign", "table"))
    found = campaign_report.told(key)
    if found is None:
        raise RefusedError(f"There is no campaign {key!r}: see the page Campaigns.")
    noisy = name in campaign_tables.ADDED
    tables = campaign_tables.tables(found, campaign_report.noise_of(key) if noisy else None)
    table = next((each for each in tables if each.key == name), None)
    if table is None:
        there = ", ".join(each.key for each in tables)
        raise RefusedError(f"Its report has no table {name!r}: choose one of {there}.")
    return sheet_of(table)


def campaigns(_: UUID, __: Asked, ___: datetime) -> Sheet:
    """The list of campaigns."""
    columns = ("Campaign", "Title", "State", "Audience", "Topic", "Team", "Changed", "By")
    rows = [
        (one.key, one.title, one.state, words.who(one), one.topic, one.team, one.updated_at,
         one.updated_by)
        for one in (line.campaign for line in reading.lines())
    ]  # fmt: skip
    return sheet_of(Table("campaigns", "Campaigns", columns, rows))


def people(_: UUID, __: Asked, ___: datetime) -> Sheet:
    """Who may come into the console, and what they may do."""
    return sheet_of(people_tables.people(all_people()))


def keys(_: UUID, __: Asked, ___: datetime) -> Sheet:
    """The API keys, without what they open."""
    return sheet_of(people_tables.keys(changing.listed()))


_DELIVERY: Mapping[str, type] = {
    "Delivery": str, "Created": datetime, "State": str, "Recipient": str, "Topic": str,
    "Channel": str, "Step": str, "Reason": str, "Why": str, "Due": datetime, "Attempts": int,
    "Sent": datetime, "Settled": datetime, "Test": bool,
}  # fmt: skip


def deliveries(by: UUID, asked: Asked, now: datetime) -> Sheet:
    """The deliveries that the filters of their page mean."""

    def page(act: Acting, wanted: Wanted) -> tuple[Rows, Wanted | None]:
        found = act.tx.run(history.deliveries(wanted))
        last = Position(found[-1].created_at, found[-1].delivery_id) if found else None
        more = len(found) == wanted.limit
        return [_delivery(line) for line in found], replace(wanted, before=last) if more else None

    wanted = replace(asking.wanted(asked, all_channels(), now), limit=_AT_ONCE)
    return Sheet(_DELIVERY, _pages(by, Permission.SEE, wanted, page))


def _delivery(line: DeliveryLine) -> tuple[Value, ...]:
    return (
        str(line.delivery_id), line.created_at, line.state, line.recipient_id, line.topic,
        line.channel, line.step, line.why, sentence(line.why), line.due_at, line.attempts,
        line.sent_at, line.settled_at, line.test,
    )  # fmt: skip


def members(by: UUID, asked: Asked, _: datetime) -> Sheet:
    """The recipients who belong to an audience."""
    try:
        condition = audiences.saved(_first(asked, "audience"))
    except AudienceError as error:
        raise RefusedError(f"Nobody can be told: {error}. See the page Audiences.") from error

    def page(act: Acting, after: Member) -> tuple[Rows, Member | None]:
        act.tx.run(belonging.bounded())
        who = where(condition, act.now)
        found = act.tx.run(belonging.members(who, EVERYWHERE, after, _AT_ONCE))
        more = len(found) == _AT_ONCE
        return [(one.recipient_id,) for one in found], found[-1] if more else None

    return Sheet({"Recipient": str}, _pages(by, Permission.SEE_AUDIENCES, Member(-1, ""), page))


def _first(asked: Asked, name: str) -> str:
    return next(iter(asked.get(name, ())), "")


def _pages(
    by: UUID,
    needs: Permission,
    first: _Place,
    page: Callable[[Acting, _Place], tuple[Rows, _Place | None]],
) -> Iterator[Rows]:
    """All pages; whether one may go on is asked again with each."""
    rest: _Place | None = first
    while rest is not None:
        try:
            with acting(by, needs) as act:
                rows, rest = page(act, rest)
        except NotAllowedError:
            return
        yield rows
