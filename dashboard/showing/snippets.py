"""How a producer sends an event of a topic: the same thing in SQL, Python and with curl. Pure."""

import json
from dataclasses import dataclass
from typing import Any

from delivery.publishing.examples import examples_of
from models.records import Topic

FIRST = 'tidings emit page.edited --to anna --data \'{"page": "Great Wave"}\''
"""What to type where nothing was ever sent: a topic and a person that `tidings up` plants."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """One way to do it."""

    title: str
    language: str
    text: str


def snippets(topic: Topic, api_url: str) -> list[Snippet]:
    """The ways to send an event of this topic, ready to be copied."""
    data = (examples_of(topic.schema) or [{}])[0]
    return [
        Snippet("SQL", "sql", _sql(topic.key, data)),
        Snippet("Python", "python", _python(topic.key, data)),
        Snippet("curl", "bash", _curl(topic.key, data, api_url)),
        Snippet("Command line", "bash", _command(topic.key, data)),
    ]


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False)


def _sql(topic: str, data: Any) -> str:
    quoted = _json(data).replace("'", "''")
    return (
        "-- in the transaction that changes your own tables\n"
        "INSERT INTO outbox (topic, recipients, data)\n"
        f"VALUES ('{topic}', '{{anna}}', '{quoted}');"
    )


def _python(topic: str, data: Any) -> str:
    return (
        "from psycopg.types.json import Jsonb\n\n"
        "with connection.transaction():  # the one that changes your own tables\n"
        "    connection.execute(\n"
        '        "INSERT INTO outbox (topic, recipients, data) VALUES (%s, %s, %s)",\n'
        f'        ("{topic}", ["anna"], Jsonb({data!r})),\n'
        "    )"
    )


def _curl(topic: str, data: Any, api_url: str) -> str:
    body = json.dumps({"topic": topic, "recipients": ["anna"], "data": data}, ensure_ascii=False)
    quoted = body.replace("'", "'\\''")
    return (
        f"curl {api_url}/v1/events \\\n"
        '  -H "Authorization: Bearer $TIDINGS_API_KEY" \\\n'
        '  -H "Idempotency-Key: $(uuidgen)" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d '{quoted}'"
    )


def _command(topic: str, data: Any) -> str:
    quoted = _json(data).replace("'", "'\\''")
    return f"tidings emit {topic} --to anna --data '{quoted}'"
