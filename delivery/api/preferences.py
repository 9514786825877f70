"""`/v1/preferences`: what a recipient wants to be told, for the product's front end."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from delivery.api.access import chooser
from delivery.api.edge import Edge, TheEdge
from delivery.api.keeping import keep, known
from delivery.api.problems import invalid
from delivery.consent.choices import Known, as_mute, fault_in, mute, snooze
from delivery.consent.wishes import Line, Origin, merged, muted
from delivery.profiles import Fault
from models.database import Transaction
from models.queries.configuring import catalog
from models.queries.console import consents
from models.records import EVERY, Author, Choice, Facts


def _never_stored(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


router = APIRouter(
    prefix="/v1/preferences", tags=["Preferences"], dependencies=[Depends(_never_stored)]
)


class ToldStanding(BaseModel):
    """What counts for a category on a channel, and who said so."""

    model_config = ConfigDict(from_attributes=True)

    allowed: bool
    origin: str = Field(description=", ".join(f"`{origin}`" for origin in Origin))


class ToldCategory(BaseModel):
    """A category of topics, as a recipient may be asked about it."""

    category: str
    title: str
    description: str
    channels: dict[str, ToldStanding]
    always: list[str] = Field(description="Titles of mandatory topics: they come in any case.")


class ToldPreferences(BaseModel):
    """What a recipient wants, merged with what counts where they said nothing."""

    recipient_id: str
    muted: bool
    muted_channels: list[str]
    snoozed_until: datetime | None
    categories: list[ToldCategory]


class ChoiceBody(BaseModel):
    """One choice; null takes it back, so that the organisation's or our default counts again."""

    model_config = ConfigDict(extra="forbid")

    category: str = Field(description="`*`, with `allowed` false: mute the channel.")
    channel: str = Field(default=EVERY, description="`*`: every one not chosen by itself.")
    allowed: bool | None


class PreferencesBody(BaseModel):
    """What is to change. What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    muted: bool | None = Field(default=None, description="Nothing at all, on no channel.")
    snoozed_until: datetime | None = Field(
        default=None, description="Nothing that interrupts before; null ends a snooze."
    )
    preferences: Annotated[list[ChoiceBody], Field(max_length=1000)] = Field(default_factory=list)


Chooser = Annotated[tuple[str, Author], Depends(chooser)]


@router.get("")
async def read_preferences(edge: TheEdge, asked: Chooser) -> ToldPreferences:
    """What counts for each category and channel, and whose word it is."""
    async with edge.database.begin() as tx:
        return await _told(tx, edge, asked[0])


@router.put("")
async def write_preferences(
    body: PreferencesBody, edge: TheEdge, asked: Chooser
) -> ToldPreferences:
    """Choose. Of a mute and a snooze there is one at a time: the newest wish counts.

    The same choices again change nothing. Critical and mandatory topics come in any case.
    """
    recipient, author = asked
    now = await edge.database.tell_time()
    await keep(edge, _choices(recipient, body, await known(edge), now), author)
    return await read_preferences(edge, asked)


def _choices(recipient: str, body: PreferencesBody, known: Known, now: datetime) -> list[Choice]:
    if body.muted and body.snoozed_until is not None:
        raise invalid(Fault("/snoozed_until", "A mute has no end: leave one of the two out."))
    said = body.preferences
    chosen = [Choice(recipient, each.category, each.channel, each.allowed) for each in said]
    faults = list(_faults(chosen, known))
    choices = [as_mute(choice) for choice in chosen]
    if body.muted is not None:
        choices.append(mute(recipient, on=body.muted))
    if "snoozed_until" in body.model_fields_set:
        try:
            choices.append(snooze(recipient, body.snoozed_until, now))
        except ValueError as error:
            faults.append(Fault("/snoozed_until", str(error)))
    if faults:
        raise invalid(*faults)
    return choices


def _faults(chosen: list[Choice], known: Known) -> Iterator[Fault]:
    for place, choice in enumerate(chosen):
        if fault := fault_in(choice, known):
            yield replace(fault, pointer=f"/preferences/{place}{fault.pointer}")


async def _told(tx: Transaction, edge: Edge, recipient: str) -> ToldPreferences:
    now = await edge.database.tell_time()
    facts = await tx.follow(consents.what_counts(recipient))
    topics = await tx.run(catalog.topics())
    lines = merged(facts, topics.values(), edge.accepts)
    return ToldPreferences(
        recipient_id=recipient,
        muted=not facts.preferences.get((EVERY, EVERY), True),
        muted_channels=[channel for channel in edge.accepts if muted(channel, facts)],
        snoozed_until=_live(facts, now),
        categories=[_category(line) for line in lines],
    )


def _live(facts: Facts, now: datetime) -> datetime | None:
    until = facts.snoozed_until
    return until if until is not None and until > now else None


def _category(line: Line) -> ToldCategory:
    return ToldCategory(
        category=line.category.key,
        title=line.category.title,
        description=line.category.description,
        channels={
            channel: ToldStanding.model_validate(standing)
            for channel, standing in line.standings.items()
        },
        always=list(line.always),
    )
