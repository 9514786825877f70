"""`POST /feedback/amazon_ses`: SNS signs with a certificate that must be got from Amazon first.

Only its own addresses are ever opened, and only for topics on the list: see
`delivery/webhooks/amazon_ses.py`.
"""

from collections.abc import Awaitable, Callable

import httpx

from delivery.api.problems import Kind, ProblemError

Get = Callable[[str], Awaitable[bytes]]
"""Opens an address that was found sound, and answers its body."""

_LONGEST = 64 * 1024
_PATIENCE = 5.0
"""Seconds for Amazon to answer; SNS itself waits 15."""
_KEPT = 16
"""Certificates that are remembered: Amazon changes them once a year."""


async def get(url: str) -> bytes:
    """Open an address of Amazon's: no redirect is followed, and no more than 64 KB is read.

    Raises:
        httpx.HTTPError: It does not answer as it should.
    """
    async with (
        httpx.AsyncClient(timeout=_PATIENCE, follow_redirects=False) as http,
        http.stream("GET", url) as response,
    ):
        response.raise_for_status()
        body = b""
        async for part in response.aiter_bytes():
            body += part
            if len(body) > _LONGEST:
                raise httpx.DecodingError("it is longer than anything that is expected there")
    return body


class Amazon:
    """What was got from Amazon, remembered."""

    def __init__(self, get: Get) -> None:
        self._get = get
        self._certificates: dict[str, bytes] = {}

    async def certificate(self, url: str) -> bytes:
        """A certificate; got once.

        Raises:
            ProblemError: It cannot be got now: the post shall come again.
        """
        if url not in self._certificates:
            if len(self._certificates) >= _KEPT:
                self._certificates.clear()
            self._certificates[url] = await self.open(url)
        return self._certificates[url]

    async def open(self, url: str) -> bytes:
        """Open an address that was found sound.

        Raises:
            ProblemError: It does not answer: the post shall come again.
        """
        try:
            return await self._get(url)
        except httpx.HTTPError as error:
            raise ProblemError(Kind.VENDOR_AWAY, f"Amazon does not answer: {error}.") from error
