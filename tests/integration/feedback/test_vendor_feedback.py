"""What vendors post, taken in with their own signatures."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import httpx
import pytest

from tests import vendors
from tests.edge import Edge, edge_on
from tests.integration.feedback.test_feedback import event, fold, sent
from tests.pipeline import Pipeline


class Amazons:
    """What lies at Amazon's addresses, and which of them were opened."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.away = False

    async def get(self, url: str) -> bytes:
        self.opened.append(url)
        if self.away:
            raise httpx.ConnectError("no route")
        return vendors.CERTIFICATE if url == vendors.CERTIFICATE_URL else b"<ok/>"


@pytest.fixture
def amazons() -> Amazons:
    return Amazons()


@pytest.fixture
async def vendors_edge(database_url: str, amazons: Amazons) -> AsyncIterator[Edge]:
    """An edge at which every vendor is set up."""
    settings = {
        "feedback_secret": vendors.GENERIC_SECRET, "sns_topics": vendors.TOPIC,
        "sendgrid_key": vendors.SECRETS["sendgrid"][0], "mailgun_key": vendors.MAILGUN_KEY,
        "postmark_login": vendors.POSTMARK_LOGIN, "resend_secret": vendors.RESEND_SECRET,
    }  # fmt: skip
    async with edge_on(database_url, amazons.get, **settings) as edge:
        yield edge


def said_by_all(delivery: UUID, now: datetime) -> list[vendors.Post]:
    """Each vendor says that it was delivered, naming it by the Message-ID or a tag."""
    name, at = f"<{delivery}@example.com>", "2026-01-31T12:00:00Z"
    return [
        vendors.generic(event(delivery, "delivered"), now),
        vendors.sns({"eventType": "Delivery", "mail": {"commonHeaders": {"messageId": name}}}, now),
        vendors.sendgrid([{"event": "delivered", "timestamp": 1, "smtp-id": name}], now),
        vendors.mailgun(
            {
                "event": "delivered",
                "timestamp": 1,
                "message": {"headers": {"message-id": name.strip("<>")}},
            },
            now,
        ),
        vendors.postmark(
            {
                "RecordType": "Delivery",
                "DeliveredAt": at,
                "Metadata": {"tidings_delivery": str(delivery)},
            }
        ),
        vendors.resend(
            {
                "type": "email.delivered",
                "created_at": at,
                "data": {"tags": {"tidings_delivery": str(delivery)}},
            },
            now,
        ),
    ]


async def test_every_vendor_comes_in_and_once(pipeline: Pipeline, vendors_edge: Edge):
    delivery = await sent(pipeline)
    now = await vendors_edge.database.tell_time()
    for _ in range(2):
        for post in said_by_all(delivery, now):
            response = await post.to(vendors_edge.http)
            assert response.status_code == 204, (post.provider, response.text)
        await fold(pipeline)
    assert pipeline.deliveries() == {("anna", "email"): ("delivered", None)}
    assert pipeline.column("SELECT vendor FROM feedback ORDER BY 1") == [
        "amazon_ses", "generic", "mailgun", "postmark", "resend", "sendgrid",
    ]  # fmt: skip
    pipeline.check()


async def test_amazons_certificate_is_got_once_and_a_listed_topic_is_confirmed(
    vendors_edge: Edge, amazons: Amazons
):
    now = await vendors_edge.database.tell_time()
    for _ in range(2):
        assert (await vendors.sns_confirmation(now).to(vendors_edge.http)).status_code == 204
    assert amazons.opened == [vendors.CERTIFICATE_URL, *[vendors.SUBSCRIBE_URL] * 2]


async def test_nothing_is_opened_for_a_topic_or_an_address_of_somebody_else(
    vendors_edge: Edge, amazons: Amazons
):
    now = await vendors_edge.database.tell_time()
    evil = "https://sns.eu-west-1.amazonaws.com.evil.example/"
    for post in (
        vendors.sns({}, now, TopicArn="arn:aws:sns:eu-west-1:999999999999:theirs"),
        vendors.sns({}, now, SigningCertURL=f"{evil}x.pem"),
        vendors.sns({}, now, SigningCertURL="http://169.254.169.254/latest/x.pem"),
    ):
        assert (await post.to(vendors_edge.http)).status_code == 401
    assert amazons.opened == []
    elsewhere = vendors.sns_confirmation(now, SubscribeURL=evil)
    assert (await elsewhere.to(vendors_edge.http)).status_code == 401
    assert amazons.opened == [vendors.CERTIFICATE_URL]


async def test_while_amazon_is_away_the_post_shall_come_again(vendors_edge: Edge, amazons: Amazons):
    now = await vendors_edge.database.tell_time()
    amazons.away = True
    assert (await vendors.sns({"eventType": "Send"}, now).to(vendors_edge.http)).status_code == 503
    amazons.away = False
    assert (await vendors.sns({"eventType": "Send"}, now).to(vendors_edge.http)).status_code == 204
