"""Anna, and ways to write and read recipients."""

from httpx import Response

from delivery.profiles import Accepts
from delivery.registry import all_channels
from models.pseudonyms import Pseudonyms
from models.queries.folding import suppressions
from models.records import Suppression
from tests.edge import Edge

NAMES = Pseudonyms((b"a secret",))


ACCEPTS: Accepts = {name: channel.accepts for name, channel in all_channels().items()}


ANNA = {
    "name": "Anna",
    "locale": "pt-BR",
    "timezone": "Europe/Berlin",
    "quiet_hours": {"quiet": ["daily 22:00-07:00"], "timezone": "Asia/Tokyo"},
    "org": "acme",
    "attributes": {"plan": "team", "seats": 7},
    "addresses": [
        {"channel": "email", "address": "anna@Example.com"},
        {"channel": "email", "address": "anna@home.example"},
    ],
}


async def put(edge: Edge, body: object, recipient: str = "anna") -> Response:
    return await edge.http.put(f"/v1/recipients/{recipient}", json=body)


async def addresses(edge: Edge, recipient: str = "anna") -> list[tuple[object, ...]]:
    found = await edge.select(
        "SELECT channel, address, preferred, suppressed -> 'email/*' ->> 'reason' FROM addresses"
        " WHERE recipient_id = :id ORDER BY channel, preferred DESC, address",
        id=recipient,
    )
    return [tuple(row) for row in found]


async def suppress(edge: Edge, suppression: Suppression) -> None:
    now = await edge.database.tell_time()
    async with edge.database.begin() as tx:
        await tx.follow(suppressions.suppress(suppression, now))
    for statement in suppressions.copies(suppression):
        async with edge.database.begin() as tx:
            await tx.run(statement)


BOUNCED = Suppression("email", "anna@example.com", "hard_bounce", "smtp")
