"""What mails carry besides their words, from the topic, event or campaign to the server."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from tests.campaigns import advanced, draft, launch
from tests.pipeline import Pipeline

WORDS = "{{ data.board }}"


def mails(pipeline: Pipeline) -> list[EmailMessage]:
    read = [message_from_bytes(kept.content, policy=policy.default) for kept in pipeline.mail.kept]
    return [mail for mail in read if isinstance(mail, EmailMessage)]


@pytest.fixture
async def news(pipeline: Pipeline) -> Pipeline:
    """A topic whose answers go to whom its events name."""
    reply_to = "{{ data.owner | default('') }}"
    await pipeline.topic("news", channels=("email",), words=WORDS, reply_to=reply_to)
    pipeline.people("anna")
    return pipeline


@pytest.mark.parametrize(
    ("owner", "state", "written"),
    [
        ("Zoë <zoe@example.com>", "sent", ["Zoë <zoe@example.com>"]),
        ("", "sent", [None]),
        ("nobody", "failed", []),
    ],
)
async def test_answers_go_where_the_event_says(
    news: Pipeline, owner: str, state: str, written: list[str | None]
):
    await news.run(news.emit("news", data={"board": "Roadmap", "owner": owner}))
    assert news.deliveries()["anna", "email"][0] == state
    assert [mail["Reply-To"] for mail in mails(news)] == written


async def test_a_campaign_says_it_instead_of_its_topic_also_when_it_goes_again(news: Pipeline):
    async def later(*_: object) -> bytes:
        return b"451 4.3.0 later"

    await draft(news, recipients=["anna"], reply_to="{{ data.board }} <team@example.com>")
    await launch(news)
    await advanced(news)
    news.travel(seconds=61)
    await advanced(news)
    news.mail.dot = later  # type: ignore[method-assign]
    await news.send()
    del news.mail.__dict__["dot"]
    news.travel(hours=1)
    await news.send()
    assert [mail["Reply-To"] for mail in mails(news)] == ["Spring <team@example.com>"]
