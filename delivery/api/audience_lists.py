"""`PUT /v1/audiences/{key}/members`: a list of whoever a CSV file names, whole or not at all."""

from dataclasses import dataclass, field
from hashlib import sha256
from tempfile import TemporaryFile
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from delivery.api import approvals
from delivery.api.access import actor
from delivery.api.audiences import Writer, problems
from delivery.api.edge import Edge, TheEdge
from delivery.api.problems import invalid
from delivery.audiences import read
from delivery.audiences.asking import of_list
from delivery.audiences.lists import Reject, opened
from delivery.profiles import Accepts, Fault
from models.database import Transaction
from models.people import AuditEntry
from models.queries.audiences import catalog
from models.queries.audiences.bringing import Bringing, Brought, bring, new_list
from models.queries.audiences.catalog import Saving
from models.queries.campaigns.orders import By
from models.queries.console import people
from models.storable import storable

router = APIRouter(tags=["Audiences"])

TOLD = 1000
"""Lines that were not taken which are told one by one; of more it is said how many."""
_FILE = "a file over HTTP"


class Named(BaseModel):
    """What the address of a list says of it."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(default="", max_length=200, description="Of a new list; else its key.")


class Refused(BaseModel):
    """A line that was not taken as it is."""

    line: int
    value: str
    reason: str


class List(BaseModel):
    """What came of it."""

    key: str
    version: int = Field(description="The one before where nobody came or went.")
    members: int
    doubled: int = Field(description="Lines that said what an earlier one said: counted once.")
    refused: int = Field(description="Lines that were not taken as they are.")
    rejects: list[Refused] = Field(description=f"The first {TOLD} of these.")


@dataclass(slots=True)
class _Body:
    """A body on its way into a list: its octets wait on disk.

    Attributes:
        lines: No more people than that are on the list.
    """

    file: BinaryIO
    sha256: str = ""
    lines: int = 0
    refused: int = 0
    rejects: list[Reject] = field(default_factory=list)

    async def receive(self, request: Request) -> None:
        """Take it all before anything is begun: who sends slowly holds nothing up."""
        digest = sha256()
        async for octets in request.stream():
            digest.update(octets)
            self.lines += octets.count(b"\n")
            self.file.write(octets)
        self.sha256 = digest.hexdigest()

    def refuse(self, one: Reject) -> None:
        """Keep a line, and why; of too many only that it was one."""
        self.refused += 1
        if len(self.rejects) < TOLD:
            self.rejects.append(one)


@router.put("/v1/audiences/{key}/members")
async def put_members(
    key: str,
    request: Request,
    edge: TheEdge,
    by: Writer,
    said: Annotated[Named, Query()],
) -> List:
    """Make a list of whoever the body names, as CSV with a header, in one step.

    One column says who: `recipient_id`, or a channel like `email` with addresses. Encoding (UTF-8,
    UTF-16, Windows-1252) and separator (comma, semicolon, tab, bar) are found out. Until the new
    list is whole the old one counts; the same file twice is one version. At most 100 MB.
    """
    with TemporaryFile() as file:
        body = _Body(file)
        await body.receive(request)
        saving = new_list(
            key, said.title.strip() or key, _FILE, actor(by), await edge.database.tell_time()
        )
        brought = await _brought(edge, saving, body)
    return List(
        key=key, version=brought.version, members=brought.members, doubled=brought.doubled,
        refused=body.refused, rejects=[_told(one) for one in body.rejects],
    )  # fmt: skip


def _told(one: Reject) -> Refused:
    return Refused(line=one.line, value=str(storable(one.text).value), reason=one.reason)


async def _brought(edge: Edge, saving: Saving, body: _Body) -> Brought:
    with problems():
        read(saving.document)
        async with edge.database.begin() as tx:
            was = (await tx.run(catalog.audiences())).get(saving.key)
            asked = of_list(saving.key, saving.title, body.sha256, body.lines, was)
            await approvals.require(tx, asked, By(saving.by, saving.now))
            try:
                brought = await _taken(tx, edge.accepts, saving, body)
            except ValueError as error:
                raise invalid(Fault("", f"{error}.")) from None
            told = {"version": brought.version, "members": brought.members}
            entry = AuditEntry(
                saving.now, saving.by, "brought a list in", saving.key,
                {"refused": body.refused, "sha256": body.sha256}, None, told,
            )  # fmt: skip
            await tx.run(people.write_audit(entry))
    return brought


async def _taken(tx: Transaction, accepts: Accepts, saving: Saving, body: _Body) -> Brought:
    """Read the file while its lines go to the database, some thousand at a time."""
    with opened(body.file, accepts, body.refuse) as (channel, found):
        spell = accepts[channel] if channel else str
        lines = ((one.line, one.value) for one in found)
        work = Bringing(saving, channel, spell, lambda *said: body.refuse(Reject(*said)))
        return await tx.follow(bring(work, lines))
