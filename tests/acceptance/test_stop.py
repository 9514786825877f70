"""A worker that is asked to stop is gone within 30 s, whoever does not answer."""

import asyncio
import sys
import time
from asyncio.subprocess import DEVNULL
from pathlib import Path

from tests.chaos.workers import environment
from tests.postgres_judges import Seen, Verdict
from tests.postgres_proxy import Proxy


async def test_stops_within_30_s_when_its_database_never_answers(database_url: str, tmp_path: Path):
    asked = asyncio.Event()

    async def hang(_: Seen) -> Verdict:
        asked.set()
        await asyncio.Event().wait()
        return None

    async with Proxy(database_url) as proxy:
        nowhere = "smtp://127.0.0.1:9?tls=none"
        settings = {"TIDINGS_DATABASE_URL": proxy.url, "TIDINGS_SMTP_URL": nowhere}
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "scheduler", "work", stderr=DEVNULL, cwd=tmp_path,
            env={**environment(tmp_path, 60.0), **settings},
        )  # fmt: skip
        try:
            async with asyncio.timeout(60):
                while not proxy.busy:  # noqa: ASYNC110 - nobody tells us
                    await asyncio.sleep(0.1)
                await asyncio.sleep(2)
                proxy.judge = hang
                await asked.wait()
            worker.terminate()
            began = time.monotonic()
            async with asyncio.timeout(60):
                assert await worker.wait() == 0
            assert time.monotonic() - began < 31  # a busy machine
        finally:
            if worker.returncode is None:
                worker.kill()
