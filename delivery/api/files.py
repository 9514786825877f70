"""`/v1/files`: files that mails may carry, put there before the events that name them."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from delivery.api.access import actor, allowed
from delivery.api.edge import TheEdge
from delivery.api.problems import Kind, ProblemError, invalid
from delivery.files import made
from delivery.profiles import Fault
from models.people import AuditEntry
from models.queries.configuring import files
from models.queries.configuring.keys import ApiKey, Scope
from models.queries.console import people
from models.records import File

router = APIRouter(tags=["Events"])

Producer = Annotated[ApiKey, Depends(allowed(Scope.EVENTS_WRITE))]


class Described(BaseModel):
    """What the address of a file says of it."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="As readers of mails see it; its type goes by its ending.")
    days: int | None = Field(default=None, ge=1, le=3650, description="Forget it after so many.")


class Kept(BaseModel):
    """The file is there, and stays as it is."""

    key: str
    name: str
    kind: str
    bytes: int


@router.put("/v1/files/{key:path}")
async def put_file(
    key: str,
    request: Request,
    edge: TheEdge,
    producer: Producer,
    said: Annotated[Described, Query()],
) -> Kept:
    """Keep the octets of the body as a file that mails may carry.

    The same again changes nothing; another file under the same key is 409. Its type goes by its
    name. A file has at most 10 MB.
    """
    file = _file(key, said.name, await request.body())
    now = await edge.database.tell_time()
    ends = None if said.days is None else now + timedelta(days=said.days)
    by, said_of = actor(producer), {"name": file.name, "bytes": file.size}
    async with edge.database.begin() as tx:
        added = await tx.run(files.add(replace(file, expires_at=ends), by, now))
        if added:
            entry = AuditEntry(now, by, "added a file", key, said_of)
            await tx.run(people.write_audit(entry))
        found = None if added else await tx.run(files.find(key))
    if found is not None and replace(found, expires_at=None) != file:
        raise ProblemError(Kind.FILE_REUSED)
    return Kept(key=key, name=file.name, kind=file.kind, bytes=file.size)


def _file(key: str, name: str, octets: bytes) -> File:
    try:
        return made(key, name, octets)
    except ValueError as error:
        raise invalid(Fault("", f"{error}.")) from None
