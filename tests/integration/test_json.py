"""JSON out of the database: what the quick reader cannot take is read all the same."""

import json

import pytest

from models.database import Database
from models.query import sql


@pytest.mark.parametrize(
    "said",
    [
        '{"a": [1, 2.5, -0.1, 1e-7, 123456789012345678901234567890], "": {}, "ü": "😀\\n"}',
        "[" * 500 + "]" * 500,
        '"\\ud800"',
        "null",
    ],
)
async def test_reads_what_json_says(database_url: str, said: str):
    database = Database.connect(database_url, "tidings test")
    read = sql("SELECT CAST(:said AS json)", lambda answer: answer.scalar_one(), said=said)
    assert await database.run(read) == json.loads(said)
    await database.close()
