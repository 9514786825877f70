"""One SQS queue, over its JSON protocol: messages are received, and deleted when they are kept."""

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from scheduler.sqs.credentials import Chain
from scheduler.sqs.signing import signed

MOST = 10
"""Messages of one call: SQS gives and takes no more."""
_LONG_POLL = 20
"""Seconds SQS waits for a message before it says that there is none."""
_HIDDEN = 120
"""Seconds in which nobody else is given what we received: far more than a commit takes."""
_SLACK = 10.0
_REGION = re.compile(r"sqs\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?")


@dataclass(frozen=True, slots=True)
class Message:
    """One message; its receipt is what it is deleted by."""

    id: str
    body: str
    receipt: str


class QueueError(Exception):
    """The queue does not do what is asked, or is away."""


def region_of(url: str, *wishes: str) -> str:
    """The region: the first wish, else what the queue's URL says.

    Raises:
        ValueError: Nothing tells it.
    """
    found = _REGION.fullmatch(urlsplit(url).hostname or "")
    region: str | None = next(filter(None, (*wishes, found and found[1])), None)
    if not region:
        raise ValueError("the queue's region is unknown: set TIDINGS_SQS_REGION")
    return region


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue.

    Attributes:
        url: Its address, which is also its name.
        endpoint: Where it is asked, in the place of the address's own host.
    """

    url: str
    region: str
    endpoint: str
    http: httpx.AsyncClient
    chain: Chain
    clock: Callable[[], Awaitable[datetime]]

    async def receive(self) -> list[Message]:
        """Up to ten messages; waits for the first one.

        Raises:
            QueueError: It cannot be asked.
        """
        wish = {"MaxNumberOfMessages": MOST, "WaitTimeSeconds": _LONG_POLL,
                "VisibilityTimeout": _HIDDEN}  # fmt: skip
        said = await self._ask("ReceiveMessage", wish)
        try:
            return [
                Message(str(one["MessageId"]), str(one["Body"]), str(one["ReceiptHandle"]))
                for one in said.get("Messages") or ()
            ]
        except (KeyError, TypeError) as error:
            raise QueueError("ReceiveMessage: the answer is none of SQS's") from error

    async def delete(self, messages: Sequence[Message]) -> int:
        """Take messages out that are kept with us; how many were.

        Raises:
            QueueError: It cannot be asked.
        """
        entries = [
            {"Id": str(place), "ReceiptHandle": one.receipt} for place, one in enumerate(messages)
        ]
        said = await self._ask("DeleteMessageBatch", {"Entries": entries})
        return len(said.get("Successful") or ())

    async def _ask(self, action: str, wish: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = await self._post(action, json.dumps({"QueueUrl": self.url, **wish}).encode())
            said = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise QueueError(f"{action}: {type(error).__name__}: {error}") from error
        if answer.status_code != httpx.codes.OK or not isinstance(said, dict):
            kind = said.get("__type", "") if isinstance(said, dict) else ""
            raise QueueError(f"{action}: {answer.status_code} {kind.rpartition('#')[2]}".rstrip())
        return said

    async def _post(self, action: str, body: bytes) -> httpx.Response:
        parts = urlsplit(self.endpoint or self.url)
        headers = {
            "host": parts.netloc,
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": f"AmazonSQS.{action}",
        }
        now = await self.clock()
        keys = await self.chain.keys(now)
        whole = signed(headers, body, keys, (self.region, "sqs"), now)
        where = f"{parts.scheme}://{parts.netloc}/"
        return await self.http.post(where, content=body, headers=whole, timeout=_LONG_POLL + _SLACK)
