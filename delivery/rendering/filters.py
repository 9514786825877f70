"""What templates can make of dates, numbers and counts, in the recipient's language and zone."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent
from jinja2 import TemplateRuntimeError
from jinja2.runtime import Context
from jinja2.utils import pass_context

from delivery.rendering.bounds import printable
from models.records import UNDETERMINED

_Value = date | datetime | str
_Style = Literal[
    "standard", "standard-short", "or", "or-short", "unit", "unit-short", "unit-narrow"
]
_Number = int | float | Decimal | str


@lru_cache(maxsize=256)
def _locale(tag: str) -> Locale:
    try:
        return Locale.parse(tag.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@lru_cache(maxsize=1024)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown, or no name of a zone at all
        return UTC


def _locale_of(context: Context) -> Locale:
    said = context.get("locale")
    return _locale(_in(_of_recipient(context, "locale"), said if isinstance(said, str) else None))


@lru_cache(maxsize=1024)
def _in(theirs: object, said: str | None) -> str:
    """The recipient's own locale, unless the words around are of another language.

    A German date in an English sentence helps nobody, and their plurals differ.
    """
    if said is None or said == UNDETERMINED:
        return str(theirs or "en")
    mine = str(theirs or said)
    return mine if _locale(mine).language == _locale(said).language else said


def _zone_of(context: Context) -> tzinfo:
    return _zone(str(_of_recipient(context, "timezone") or "UTC"))


def _of_recipient(context: Context, field: str) -> Any:
    recipient = context.get("recipient")
    return recipient.get(field) if isinstance(recipient, dict) else None


def _moment(value: _Value) -> datetime:
    """The value as an aware moment; without a zone it is taken as UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise TemplateRuntimeError("expected a date like 2026-11-22T09:30:00Z") from None
    if not isinstance(value, datetime):
        raise TemplateRuntimeError("expected a date and time")
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _number(value: _Number) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise TemplateRuntimeError("expected a number") from None


def _day(context: Context, value: _Value) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and len(value) == len("2026-11-22"):
        return _moment(value).date()
    return _moment(value).astimezone(_zone_of(context)).date()


@pass_context
def as_date(context: Context, value: _Value, format: str = "medium") -> str:  # noqa: A002
    """A day, in the recipient's zone: `{{ data.due|date("long") }}`.

    `format` is short, medium, long, full or a CLDR pattern. A value without a time of day
    means that day everywhere.
    """
    return format_date(_day(context, value), format=format, locale=_locale_of(context))


@pass_context
def as_datetime(context: Context, value: _Value, format: str = "medium") -> str:  # noqa: A002
    """A moment, in the recipient's zone: `{{ event.created_at|datetime("short") }}`."""
    zone, locale = _zone_of(context), _locale_of(context)
    return format_datetime(_moment(value), format=format, tzinfo=zone, locale=locale)


@pass_context
def as_time(context: Context, value: _Value, format: str = "short") -> str:  # noqa: A002
    """A time of day, in the recipient's zone: `{{ data.starts|time }}`."""
    zone, locale = _zone_of(context), _locale_of(context)
    return format_time(_moment(value), format=format, tzinfo=zone, locale=locale)


@pass_context
def as_number(context: Context, value: _Number, format: str | None = None) -> str:  # noqa: A002
    """A number, grouped as the recipient writes it; `format` is a CLDR pattern like `0.00`."""
    return format_decimal(_number(value), format=format, locale=_locale_of(context))


@pass_context
def as_percent(context: Context, value: _Number) -> str:
    """A share of one as a percentage: `{{ 0.25|percent }}` is 25 %."""
    return format_percent(_number(value), locale=_locale_of(context))


@pass_context
def as_currency(context: Context, value: _Number, code: str) -> str:
    """An amount of money: `{{ data.total|currency("EUR") }}`."""
    return format_currency(_number(value), code, locale=_locale_of(context))


@pass_context
def plural(context: Context, count: _Number, one: str, other: str, **forms: str) -> str:
    """The word that fits a count: `{{ data.n|plural("comment", "comments") }}`.

    The language is that of the words around. Languages with more forms name them:
    `plural("komentarz", "komentarza", few="komentarze", many="komentarzy")`; the names are
    CLDR's zero, two, few and many.
    """
    name = _locale_of(context).plural_form(_number(count))
    return {"one": one, "other": other, **forms}.get(name, other)


_LISTED = 100
"""Words a list is written out of, at most."""


@pass_context
def listed(context: Context, words: Sequence[Any], style: _Style = "standard") -> str:
    """Words as people list them: `{{ actors|listed }}` is "Anna, Bo and Cy".

    `style` is one of CLDR's: standard, standard-short, or, or-short, unit, unit-short,
    unit-narrow.
    """
    if isinstance(words, str) or not isinstance(words, Sequence):
        raise TemplateRuntimeError("expected a list of words")
    if len(words) > _LISTED:
        raise TemplateRuntimeError(f"a list of over {_LISTED} words: leave some out")
    said = [str(printable(word)) for word in words]
    try:
        return format_list(said, style, _locale_of(context))
    except ValueError:
        raise TemplateRuntimeError(f"there are no lists of the style {style}") from None


FILTERS: dict[str, Callable[..., Any]] = {
    "currency": as_currency,
    "date": as_date,
    "datetime": as_datetime,
    "listed": listed,
    "number": as_number,
    "percent": as_percent,
    "plural": plural,
    "time": as_time,
}
"""By the name a template uses."""
