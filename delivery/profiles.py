"""Understanding what a product says about a recipient, or saying what is wrong with it. Pure."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from babel import Locale, UnknownLocaleError
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)

from delivery.reading import is_recipient_id
from delivery.rulebook.weeks import weekly
from delivery.rulebook.zones import known_zone
from models.profiles import FIELDS, NewAddress, NewProfile
from models.records import read_rhythm, write_rhythm
from models.storable import pointer, storable

MAX_ATTRIBUTES = 16 * 1024
"""Most bytes of JSON that a recipient's attributes may take."""
MAX_ADDRESS = 1000
"""Most bytes of UTF-8 in an address: it is part of a key."""

Accepts = Mapping[str, Callable[[str], str | None]]
"""Key of a channel to what says the form an address is stored in, or that it is none."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a JSON document: where (a JSON Pointer, RFC 6901), what, what to do."""

    pointer: str
    message: str


class ProfileError(ValueError):
    """A profile that cannot be written; carries every fault found, never the values."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(" ".join(f"{fault.pointer}: {fault.message}" for fault in faults))
        self.faults = faults


def _no_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("no text can hold NUL: leave it out")
    return text


Text = Annotated[str, Field(max_length=1000), AfterValidator(_no_nul)]


def _locale(tag: str) -> str:
    try:
        return str(Locale.parse(tag.replace("_", "-"), sep="-")).replace("_", "-")
    except (UnknownLocaleError, ValueError) as error:
        raise ValueError("not a known locale: write it like en or pt-BR") from error


def _attributes(attributes: dict[str, Any]) -> dict[str, Any]:
    replaced = storable(attributes).replaced
    if replaced:
        raise ValueError(f"no text can hold NUL or a lone surrogate: see {pointer(replaced[0])}")
    size = len(json.dumps(attributes, ensure_ascii=False, allow_nan=False).encode())
    if size > MAX_ATTRIBUTES:
        raise ValueError(f"{size} bytes of JSON: at most {MAX_ATTRIBUTES} are kept")
    return attributes


def _or_empty(attributes: object) -> object:
    return {} if attributes is None else attributes


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class AddressBody(_Strict):
    """An address; null: the channel has none any more."""

    channel: Text
    address: Text | None


def _readable(lines: list[str]) -> list[str]:
    weekly(tuple(lines))
    return lines


class QuietHoursBody(_Strict):
    """When a person wants to be left alone; it takes the place of rules that are not binding."""

    quiet: Annotated[list[Text], AfterValidator(_readable)] = Field(
        description="Days and from-to, like `daily 22:00-07:00` or `sat,sun 00:00-24:00`."
    )
    timezone: Annotated[Text, AfterValidator(known_zone)] | None = Field(
        default=None, description="Where the person is; without it the profile's `timezone`."
    )


def _rhythm(chosen: dict[str, Any]) -> dict[str, Any]:
    return {**write_rhythm(read_rhythm(chosen))}


class ProfileBody(_Strict):
    """A recipient's profile. What is left out stays as it is; null takes a field away."""

    name: Text | None = None
    locale: Annotated[Text, AfterValidator(_locale)] | None = Field(
        default=None, description="BCP 47, like `pt-BR`."
    )
    timezone: Annotated[Text, AfterValidator(known_zone)] | None = Field(
        default=None, description="A name of the IANA database, like `Europe/Berlin`."
    )
    org: Text | None = None
    quiet_hours: QuietHoursBody | None = None
    digest: Annotated[dict[str, Any], AfterValidator(_rhythm)] | None = Field(
        default=None,
        description="When recurring digests are wanted, whatever their topics say:"
        ' `{"every": "day", "at": "18:00"}`, or with `"every": "week"` and `"on": "monday"`.',
    )
    attributes: Annotated[
        dict[str, Any], BeforeValidator(_or_empty), AfterValidator(_attributes)
    ] = Field(default_factory=dict, description="At most 16 KB; replaced as a whole.")
    addresses: Annotated[list[AddressBody], Field(max_length=100)] = Field(
        default_factory=list,
        description="Replaces the addresses of the channels it names; the first is preferred.",
    )


def read_profile(recipient_id: Any, said: Any, accepts: Accepts) -> NewProfile:
    """Understand a profile that came as JSON.

    Raises:
        ProfileError: It, or the recipient's id, is not as it must be.
    """
    try:
        body = ProfileBody.model_validate(said)
    except ValidationError as error:
        faults = (Fault(pointer(e["loc"]), f"{e['msg']}.") for e in error.errors())
        raise ProfileError(*faults) from error
    return profile_of(recipient_id, body, accepts)


def profile_of(recipient_id: Any, body: ProfileBody, accepts: Accepts) -> NewProfile:
    """What is to be written, its addresses in the form they are compared in.

    Raises:
        ProfileError: The id is not one, a channel is unknown, or an address is none.
    """
    if not is_recipient_id(recipient_id):
        message = "A recipient id is 1 to 200 bytes of UTF-8 without NUL or surrounding space."
        raise ProfileError(Fault("", message))
    named = body.model_dump(include=body.model_fields_set & set(FIELDS), exclude_none=False)
    said = {name: named[name] for name in FIELDS if name in named}
    channels = frozenset(each.channel for each in body.addresses)
    return NewProfile(recipient_id, said, channels, _addresses(body.addresses, accepts))


def _addresses(bodies: list[AddressBody], accepts: Accepts) -> tuple[NewAddress, ...]:
    found: dict[tuple[str, str], NewAddress] = {}
    faults: list[Fault] = []
    preferring: set[str] = set()
    for place, body in enumerate(bodies):
        try:
            address = _accepted(body, accepts)
        except ValueError as error:
            faults.append(Fault(f"/addresses/{place}", str(error)))
            continue
        if address is not None:
            first = body.channel not in preferring
            found.setdefault((body.channel, address), NewAddress(body.channel, address, first))
            preferring.add(body.channel)
    if faults:
        raise ProfileError(*faults)
    return tuple(found.values())


def _accepted(body: AddressBody, accepts: Accepts) -> str | None:
    """The address as it is stored; `None` where the channel is only emptied."""
    accept = accepts.get(body.channel)
    if accept is None:
        raise ValueError(f"There is no such channel: use one of {', '.join(sorted(accepts))}.")
    if body.address is None:
        return None
    address = accept(body.address)
    if address is None or len(address.encode()) > MAX_ADDRESS:
        raise ValueError(f"This is no address of the channel {body.channel}: check its spelling.")
    return address
