"""Watches an open websocket: it closes soon after its session ended, whoever ended it.

Identity is read once, when a websocket opens. Without this a page that refreshes itself would
show what happens to somebody whose access was closed an hour ago.
"""

import asyncio
from collections.abc import Callable

import anyio
import anyio.to_thread
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from dashboard.data import DatabaseError

EVERY = 3.0
"""Seconds between two looks at the session."""


def is_by_hand(message: Message) -> bool:
    """Whether somebody did something, as opposed to a page that refreshes itself."""
    try:
        said = BackMsg.FromString(message.get("bytes") or b"")
    except DecodeError:
        return False
    return said.HasField("rerun_script") and not said.rerun_script.is_auto_rerun


class Watch:
    """One open websocket and its session.

    Args:
        session: Its name.
        is_live: Whether it still counts; asks the database.
        touch: Remembers that somebody did something; tells the database.
    """

    def __init__(
        self, session: bytes, is_live: Callable[[bytes], bool], touch: Callable[[bytes], None]
    ) -> None:
        self._session = session
        self._is_live = is_live
        self._touch = touch
        self._was_used = False
        self._over = asyncio.Event()

    async def over(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the websocket until it closes or the session ends."""

        async def heard() -> Message:
            message = await self._first(receive)
            self._was_used = self._was_used or is_by_hand(message)
            return message

        async def told(message: Message) -> None:
            if not self._over.is_set():
                await send(message)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._look, send)
            await app(scope, heard, told)
            tasks.cancel_scope.cancel()

    async def _first(self, receive: Receive) -> Message:
        """What comes next; the end of the session is the end of the connection."""
        tasks = [asyncio.ensure_future(receive()), asyncio.ensure_future(self._over.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if self._over.is_set():
                return {"type": "websocket.disconnect", "code": 4401}
            return await tasks[0]  # type: ignore[return-value]
        finally:
            for task in tasks:
                task.cancel()

    async def _look(self, send: Send) -> None:
        while await self._still():  # noqa: ASYNC110 - what ends a session is in the database
            await anyio.sleep(EVERY)
        self._over.set()
        await send({"type": "websocket.close", "code": 4401, "reason": "signed out"})

    async def _still(self) -> bool:
        used, self._was_used = self._was_used, False
        try:
            if used:
                await anyio.to_thread.run_sync(self._touch, self._session)
            return await anyio.to_thread.run_sync(self._is_live, self._session)
        except DatabaseError:
            return True  # nobody reads anything now; what ends meanwhile is seen at the next look
