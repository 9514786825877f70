"""A real day through the real server: what comes out is counted here from the file alone."""

import gzip
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.acceptance.conftest import ROOT, Installation

FILE = ROOT.parent / "shared" / "data" / "wikipedia-edits" / "2015-09-12-sampled.json.gz"

pytestmark = [
    pytest.mark.skipif(not FILE.exists(), reason=f"the real day is not here: {FILE}"),
    pytest.mark.timeout(600),
]


@dataclass
class Expected:
    """What must come of the day: for each person what they are told, and by whom about which."""

    edits: int = 0
    edited: int = 0
    saved: Counter[str] = field(default_factory=Counter)
    told: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    @property
    def notifications(self) -> int:
        return self.told.total()

    @property
    def people(self) -> set[str]:
        return {person for person, _, _ in self.told}


def count() -> Expected:
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        edits = sorted(map(json.loads, lines), key=lambda edit: edit["time"])
    expected, editors = Expected(edits=len(edits)), dict[tuple[str, str], set[str]]()
    for edit in edits:
        user, page = edit["user"], (edit["channel"], edit["page"])
        others = editors.setdefault(page, set()) - {user}
        expected.saved[user] += 1
        expected.edited += bool(others)
        thread = f"{edit['channel'].removeprefix('#')}:{edit['page']}"
        expected.told.update((other, user, thread) for other in others)
        editors[page].add(user)
    return expected


def test_a_real_day_reaches_everybody_exactly_once_also_when_it_is_replayed(
    installation: Installation,
):
    expected = count()
    assert (expected.edits, expected.notifications, len(expected.people)) == (39_244, 3_300, 1_187)
    installation.start_mailbox()
    installation.start_workers(2)
    replay(installation, "the day")
    outcome = everything(installation)
    check_events(installation, expected)
    check_deliveries(installation, expected)
    check_mailbox(installation, expected)
    check_feed(installation, expected)
    check_rollups(installation)
    replay(installation, "the same day again")
    assert everything(installation) == outcome
    rows = expected.edits + expected.edited
    listed = "SELECT count(*), count(*) FILTER (WHERE differs) FROM event_duplicates"
    assert installation.query(listed) == [(rows, 0)]
    assert installation.query("SELECT min(duplicates), max(duplicates) FROM events") == [(1, 1)]


def replay(installation: Installation, what: str) -> None:
    began = time.monotonic()
    installation.run("demo", "--from", str(FILE), "--speed", "max")
    offered = time.monotonic()
    installation.wait_until_drained(400)
    ended = time.monotonic()
    print(f"{what}: offered in {offered - began:.1f} s, ended {ended - offered:.1f} s later")


def everything(installation: Installation) -> dict[str, Any]:
    """What must not change when the day comes again: all but duplicates and times."""
    return {
        "events": installation.query("SELECT event_id, state FROM events ORDER BY 1"),
        "deliveries": installation.query(
            "SELECT delivery_id, state, reason, attempts FROM deliveries ORDER BY 1"
        ),
        "feed": installation.query("SELECT delivery_id, seq, change FROM inbox ORDER BY 1"),
        "mail": sorted(installation.mails()),
        "moves": installation.query('SELECT sum(entered), sum("left") FROM rollups'),
    }


def check_events(installation: Installation, expected: Expected) -> None:
    found = installation.query("SELECT topic, state, count(*) FROM events GROUP BY 1, 2 ORDER BY 1")
    assert found == [
        ("edit.saved", "planned", expected.edits),
        ("page.edited", "planned", expected.edited),
    ]


def check_deliveries(installation: Installation, expected: Expected) -> None:
    found = installation.query(
        "SELECT topic, channel, state, count(*) FROM deliveries GROUP BY 1, 2, 3 ORDER BY 1, 2"
    )
    assert found == [
        ("edit.saved", "in_app", "sent", expected.edits),
        ("page.edited", "email", "sent", expected.notifications),
        ("page.edited", "in_app", "sent", expected.notifications),
    ]
    attempts = installation.query("SELECT outcome, count(*) FROM attempts GROUP BY 1")
    assert attempts == [("sent", expected.notifications)]


def check_mailbox(installation: Installation, expected: Expected) -> None:
    """As many mails as rows say sent, each with their Message-ID, to the people concerned."""
    mails = list(installation.mails())
    sent = installation.query(
        "SELECT address, message_id FROM deliveries WHERE channel = 'email' AND state = 'sent'"
    )
    assert installation.mail_count() == len(mails) == expected.notifications
    assert len({message_id for _, message_id in mails}) == len(mails)
    assert sorted(mails) == sorted(sent)
    addresses = installation.query(
        "SELECT recipient_id, address FROM addresses WHERE recipient_id = ANY(%s)",
        list(expected.people),
    )
    assert {person for person, _ in addresses} == expected.people
    mailed = Counter(recipient for recipient, _ in mails)
    told = Counter[str]()
    for (person, _, _), times in expected.told.items():
        told[person] += times
    assert mailed == Counter({address: told[person] for person, address in addresses})


def check_feed(installation: Installation, expected: Expected) -> None:
    """Everybody's feed counts 1, 2, 3 … and says what the file says."""
    gaps = installation.query(
        """
        SELECT i.recipient_id FROM inbox i JOIN ledger l USING (bucket, recipient_id)
         GROUP BY i.recipient_id, l.seq
        HAVING min(i.seq) <> 1 OR max(i.seq) <> count(*) OR count(DISTINCT i.seq) <> count(*)
            OR l.seq <> count(*)
        """
    )
    assert gaps == []
    saved = installation.query(
        "SELECT recipient_id, count(*) FROM inbox WHERE topic = 'edit.saved' GROUP BY 1"
    )
    assert Counter(dict(saved)) == expected.saved
    told = installation.query(
        "SELECT recipient_id, actor, thread FROM inbox WHERE topic = 'page.edited'"
    )
    assert Counter(told) == expected.told


def check_rollups(installation: Installation) -> None:
    """For each state, what entered less what left is what is there: nothing, but for sent."""
    counted = installation.query(
        """
        SELECT topic, channel, class, state, reason, provider, destination,
               CAST(sum(entered) - sum("left") AS bigint)
          FROM rollups GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(entered) <> sum("left")
        """
    )
    rows = installation.query(
        """
        SELECT topic, channel, class, state, coalesce(reason, ''), coalesce(provider, ''),
               coalesce(destination, ''), count(*)
          FROM deliveries GROUP BY 1, 2, 3, 4, 5, 6, 7
        """
    )
    assert sorted(counted) == sorted(rows)
