"""A queue is emptied: kept first, deleted then, and nothing is lost or counted twice."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from models.database import Database
from scheduler.folding import feedback
from scheduler.sqs.credentials import AwsSettings, Chain, NoKeysError
from scheduler.sqs.poller import Poller
from scheduler.sqs.queue import Queue, QueueError
from tests.edge import served
from tests.pipeline import Pipeline
from tests.unit.test_sqs import EVENT

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
URL = "https://sqs.eu-west-1.amazonaws.com/1234/events"


@dataclass
class Sqs:
    """Speaks SQS's JSON protocol, and forgets nothing that was not deleted."""

    waiting: dict[str, str] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)
    refuses: int = 0
    emptied: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: Request) -> Response:
        assert request.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKID/")
        assert "/eu-west-1/sqs/aws4_request" in request.headers["authorization"]
        wish = await request.json()
        self.asked.append((request.headers["x-amz-target"], wish))
        if self.refuses:
            self.refuses -= 1
            return JSONResponse({"__type": "com.amazonaws.sqs#AccessDenied"}, 403)
        if request.headers["x-amz-target"] == "AmazonSQS.ReceiveMessage":
            found = list(self.waiting.items())[: wish["MaxNumberOfMessages"]]
            told = [{"MessageId": n, "Body": b, "ReceiptHandle": f"r-{n}"} for n, b in found]
            return JSONResponse({"Messages": told} if told else {})
        names = [one["ReceiptHandle"].removeprefix("r-") for one in wish["Entries"]]
        for name in names:
            self.waiting.pop(name, None)
        self.deleted += names
        self.emptied.set()
        return JSONResponse({"Successful": [{"Id": one["Id"]} for one in wish["Entries"]]})


@asynccontextmanager
async def polling(database: Database, aws: AwsSettings) -> AsyncIterator[tuple[Sqs, Poller]]:
    sqs, app = Sqs(), FastAPI()
    app.post("/")(sqs.answer)
    async with served(app) as base, httpx.AsyncClient() as http:
        chain = Chain(aws, http)
        queue = Queue(URL, "eu-west-1", base, http, chain, database.tell_time)
        yield sqs, Poller(database, queue, ())


@pytest.fixture
def aws(tmp_path: Path) -> AwsSettings:
    return AwsSettings(
        access_key_id="AKID", secret_access_key="secret", ec2_metadata_disabled=True,
        shared_credentials_file=tmp_path / "credentials",
    )  # type: ignore[arg-type]  # fmt: skip


async def test_events_are_kept_and_then_deleted_and_what_is_none_is_kept_raw(
    pipeline: Pipeline, aws: AwsSettings
):
    await pipeline.topic(channels=("email",), words="x")
    pipeline.people("anna")
    pipeline.emit()
    await pipeline.run()
    delivery = str(pipeline.value("SELECT delivery_id FROM deliveries"))
    mail = {**EVENT["mail"], "tags": {"tidings_delivery": [delivery]}}  # type: ignore[dict-item]
    async with polling(pipeline.runtime.database, aws) as (sqs, poller):
        sqs.waiting = {"1": json.dumps({**EVENT, "mail": mail}), "2": "poison \x00"}
        sqs.waiting |= {str(n): json.dumps({**EVENT, "mail": mail}) for n in range(3, 13)}
        assert await poller.take() == 10
        assert await poller.take() == 2
        assert await poller.take() == 0
    assert (sqs.waiting, len(sqs.deleted)) == ({}, 12)
    await feedback.step(pipeline.runtime)
    assert pipeline.value("SELECT state FROM deliveries") == "delivered"
    assert pipeline.value("SELECT count(*) FROM feedback") == 1, "the same twelve times is once"
    assert "poison" in str(pipeline.value("SELECT detail FROM feedback_unmatched"))


async def test_nothing_is_deleted_before_it_is_kept(pipeline: Pipeline, aws: AwsSettings):
    async with polling(pipeline.runtime.database, aws) as (sqs, poller):
        sqs.waiting = {"1": json.dumps(EVENT)}
        pipeline.run_sql("ALTER TABLE feedback_waiting RENAME TO gone")
        with pytest.raises(Exception, match="feedback_waiting"):
            await poller.take()
        assert sqs.deleted == []
        pipeline.run_sql("ALTER TABLE gone RENAME TO feedback_waiting")
        assert await poller.take() == 1
        assert sqs.deleted == ["1"]


async def test_a_queue_that_refuses_is_asked_again_after_a_pause_and_stops_at_once(
    pipeline: Pipeline, aws: AwsSettings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("scheduler.sqs.poller.SHORTEST_PAUSE", 0.05)
    monkeypatch.setattr("scheduler.sqs.poller._AT_LEAST", 0.2)
    async with polling(pipeline.runtime.database, aws) as (sqs, poller):
        sqs.refuses, sqs.waiting = 2, {"1": json.dumps(EVENT)}
        with pytest.raises(QueueError, match="403 AccessDenied"):
            await poller.take()
        stopping = asyncio.Event()
        running = asyncio.create_task(poller.run(stopping))
        async with asyncio.timeout(20):
            await sqs.emptied.wait()
        await asyncio.sleep(0.3)
        stopping.set()
        await running
    assert sqs.deleted == ["1"]
    assert len(sqs.asked) < 20, "an empty queue is not hurried"


async def test_credentials_are_looked_for_where_aws_keeps_them(aws: AwsSettings):
    app, asked = FastAPI(), []

    async def role(request: Request) -> Response:
        asked.append(request.headers.get("authorization"))
        told = {"AccessKeyId": "ROLE", "SecretAccessKey": "s", "Token": "t"}
        return JSONResponse({**told, "Expiration": "2026-01-31T13:00:00Z"})

    app.get("/role")(role)
    app.get("/none")(lambda: PlainTextResponse("{}"))
    async with served(app) as base, httpx.AsyncClient() as http:
        bare = aws.model_copy(update={"access_key_id": ""})
        with pytest.raises(NoKeysError, match="AWS_ACCESS_KEY_ID"):
            await Chain(bare, http).keys(NOW)
        at = {"container_credentials_full_uri": f"{base}/role"}
        chain = Chain(bare.model_copy(update=at), http)
        assert [(await chain.keys(NOW)).key_id for _ in range(3)] == ["ROLE"] * 3
        assert len(asked) == 1
        await chain.keys(NOW + timedelta(minutes=56))
        assert len(asked) == 2, "they end in four minutes"
        wrong = bare.model_copy(update={"container_credentials_full_uri": f"{base}/none"})
        with pytest.raises(NoKeysError, match="tells none"):
            await Chain(wrong, http).keys(NOW)
        aws.shared_credentials_file.write_text(
            "[default]\naws_access_key_id = FILE\naws_secret_access_key = s%s\n"
        )
        assert (await Chain(bare, http).keys(NOW)).secret == "s%s"
        assert (await Chain(aws, http).keys(NOW)).key_id == "AKID"
