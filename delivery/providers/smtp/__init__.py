"""The SMTP provider: hands e-mail to a mail server (RFC 5321), pipelined (RFC 2920).

Its account's URL is `smtp://user:password@host:port` or `smtps://…` with these options:

    tls=none | starttls | implicit   `none` for this machine, else `starttls`, never optional
    verify=no                        takes any certificate
    ca=FILE                          trusts these certificates instead of the system's
    auth=insecure                    the password may go over an unencrypted connection
    connections=10 messages=100      most connections at once, most messages over each;
                                     of 4 or more one is kept for critical messages
    helo=NAME                        what EHLO says; otherwise the connection's own address
"""

import asyncio
from dataclasses import replace

from delivery.errors import LeaseLostError
from delivery.messages import Receipt
from delivery.ports import Handover, Provider
from delivery.providers.smtp.pool import Pool
from delivery.providers.smtp.target import read_target
from delivery.providers.smtp.timeouts import Timeouts
from models.records import Account

_PATIENCE = Timeouts()
_EXPRESS = "express"
_SPARED_OF = 4
"""Of so many connections or more, one is kept for what is urgent."""


class Smtp:
    """Pools of connections, one an account; used from one event loop."""

    carries = frozenset({"email"})

    def __init__(self, timeouts: Timeouts = _PATIENCE) -> None:
        self._timeouts = timeouts
        self._pools: dict[tuple[str, str, str], Pool] = {}
        self._closed = False

    async def send(self, handover: Handover, account: Account) -> Receipt:
        """Hand over one message, at most once: after its final dot it is never sent again.

        A connection that breaks before the dot is replaced once where it may have been the
        connection's fault and not the message's.

        Returns:
            The definite acceptance.

        Raises:
            TransientError: A definite "not now", or the server cannot be reached.
            RefusedError: A definite, permanent no; also for what this server cannot take.
            InDoubtError: The dot was sent and no answer came.
            LeaseLostError: The lease ended, or the worker, before the dot.
            AccountError: The URL, the credentials or the certificate are wrong.
        """
        if self._closed:
            raise LeaseLostError("the worker stops")
        return await self._pool(account, handover).send(handover)

    async def close(self) -> None:
        """Say goodbye on idle connections, give busy ones a few seconds."""
        self._closed = True
        pools = list(self._pools.values())
        self._pools.clear()
        await asyncio.gather(*(pool.close() for pool in pools))

    def _pool(self, account: Account, handover: Handover) -> Pool:
        pool = self._lane(account, "")
        if not (handover.urgent and pool.full):
            return pool
        spared = read_target(account.url).connections >= _SPARED_OF
        return self._lane(account, _EXPRESS) if spared else pool

    def _lane(self, account: Account, lane: str) -> Pool:
        """All connections but one, or that one: it is kept for what is urgent.

        With another URL the account gets other pools; the old ones' connections idle out.
        """
        key = (account.key, account.url, lane)
        pool = self._pools.get(key)
        if pool is None:
            target = read_target(account.url)
            most = 1 if lane else target.connections - (target.connections >= _SPARED_OF)
            pool = self._pools[key] = Pool(replace(target, connections=most), self._timeouts)
        return pool


def make() -> Provider:
    """The provider with its default patience."""
    return Smtp()
