"""The replay itself: it can be stopped, killed and repeated, and a made-up day shows everything."""

import json
import os
import random
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from math import inf
from pathlib import Path

import pytest

from models.database import SyncDatabase
from models.pseudonyms import Pseudonyms
from scheduler.demo.edits import read_day
from scheduler.demo.generator import make_day
from scheduler.demo.pace import Pace
from scheduler.demo.people import cast_of
from scheduler.demo.play import Stop, introduce, play, taken_before
from scheduler.demo.replay import begin_of, offers_of
from scheduler.demo.trouble import spoiled, with_trouble
from tests.acceptance.conftest import Installation, wait_until

pytestmark = pytest.mark.timeout(300)

EDITS = 3_000
NAMES = Pseudonyms((b"a secret of tests",))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A day in which few people edit few pages: much to tell."""
    dice = random.Random(7)
    begin = datetime(2026, 11, 21, tzinfo=UTC)
    edits = [
        {
            "time": (begin + timedelta(days=number / EDITS)).isoformat(),
            "channel": "#en.wikipedia",
            "page": f"Page {dice.randrange(2_000)}",
            "user": f"User {dice.randrange(300)}",
        }
        for number in range(EDITS)
    ]
    path = tmp_path / "day.json"
    path.write_text("\n".join(map(json.dumps, edits)))
    return path


@pytest.fixture
def database(database_url: str) -> Iterator[SyncDatabase]:
    database = SyncDatabase.connect(database_url)
    yield database
    database.close()


@pytest.fixture
def stop() -> Iterator[Stop]:
    kept = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)}
    yield Stop()
    for name, answer in kept.items():
        signal.signal(name, answer)


def keys_of(file: Path) -> set[str]:
    return {offer.row.dedup_key for offer in offers_of(read_day(file))}


def test_killed_in_the_middle_and_started_again_it_loses_and_doubles_nothing(
    installation: Installation, file: Path
):
    replay = installation.start("demo", "--from", str(file), "--speed", "20000")
    wait_until(lambda: installation.waiting()[0] > EDITS / 4, 60, "a part is written")
    os.kill(replay.pid, signal.SIGKILL)
    replay.wait()
    assert installation.waiting()[0] < len(keys_of(file))
    installation.run("demo", "--from", str(file), "--speed", "max")
    installation.start_mailbox()
    installation.start_workers(1)
    installation.wait_until_drained(120)
    events = installation.query("SELECT state, dedup_key FROM events")
    assert sorted(events) == sorted(("planned", key) for key in keys_of(file))


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_politely_and_goes_on_where_it_was(
    installation: Installation, file: Path, name: signal.Signals
):
    # The second row would be due in eight hours.
    replay = installation.start("demo", "--from", str(file), "--speed", "0.001")
    wait_until(lambda: installation.waiting()[0] == 1, 60, "the first row is written")
    replay.send_signal(name)
    assert replay.wait(10) == 0
    said = installation.complain("demo", "--from", str(file), "--speed", "max")
    assert f"{len(keys_of(file)):,} rows written" in said
    assert installation.waiting()[0] == len(keys_of(file)) + 1


def test_knows_which_rows_are_events_already(
    installation: Installation, file: Path, database: SyncDatabase, stop: Stop
):
    installation.plant_samples()
    offers = offers_of(read_day(file))
    assert taken_before(database, offers) == frozenset()
    some = offers[:500]
    assert sum(play(database, some, Pace(inf), stop)) == len(some)
    installation.start_workers(1)
    wait_until(lambda: installation.waiting()[0] == 0, 60, "they are planned")
    assert taken_before(database, offers) == {offer.row.dedup_key for offer in some}


def test_introducing_people_twice_changes_nothing(
    installation: Installation, file: Path, database: SyncDatabase
):
    cast = with_trouble(cast_of(read_day(file)))
    everybody = "SELECT recipient_id, name, locale FROM recipients ORDER BY 1"
    reached = "SELECT recipient_id, address, suppressed FROM addresses ORDER BY 1"
    chosen = "SELECT recipient_id, channel, allowed, changed_at FROM preferences ORDER BY 1"
    introduce(database, cast, NAMES)
    once = [installation.query(each) for each in (everybody, reached, chosen)]
    introduce(database, cast, NAMES)
    assert [installation.query(each) for each in (everybody, reached, chosen)] == once
    assert [len(found) for found in once[:2]] == [
        len(cast.profiles),
        sum(len(profile.addresses) for profile in cast.profiles),
    ]


def test_a_made_up_day_ends_in_every_way_there_is(
    installation: Installation, database: SyncDatabase, stop: Stop
):
    day = make_day(datetime.now(UTC).date(), 4_000)
    installation.plant_samples()
    introduce(database, with_trouble(cast_of(day)), NAMES)
    offers = spoiled(offers_of(day), begin_of(day))
    installation.start_mailbox()
    installation.start_workers(1)
    assert sum(play(database, offers, Pace(inf), stop)) == len(offers)
    due = "SELECT count(*) FROM queue WHERE due_at < now() OR token IS NOT NULL"
    wait_until(
        lambda: installation.waiting()[0] == 0 and installation.query(due) == [(0,)],
        120,
        "what is due is done",
    )
    rejected = installation.query("SELECT DISTINCT reason FROM events WHERE state = 'rejected'")
    assert {reason for (reason,) in rejected} >= {"unknown_topic", "bad_data", "no_target"}
    ends = Counter(dict(installation.query("SELECT state, count(*) FROM deliveries GROUP BY 1")))
    assert ends.keys() == {"sent", "skipped", "expired", "scheduled"}
    assert ends["sent"] > 0.9 * ends.total()
    held = installation.query("SELECT DISTINCT held_for FROM queue")
    assert held == [("not_before",)]
    duplicates = installation.query("SELECT count(*) FROM event_duplicates")
    assert duplicates == [(len(offers) - len({offer.row.dedup_key for offer in offers}),)]


def test_refuses_production(installation: Installation):
    installation.settings["TIDINGS_ENVIRONMENT"] = "production"
    with pytest.raises(subprocess.CalledProcessError) as caught:
        installation.complain("demo")
    assert caught.value.returncode == 1
    assert "not for production" in caught.value.stderr


def test_says_which_line_of_a_file_is_broken(installation: Installation, file: Path):
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*islice(lines, 6), '{"page": 7}', *lines[6:]]))
    with pytest.raises(subprocess.CalledProcessError) as caught:
        installation.complain("demo", "--from", str(file))
    [line] = caught.value.stderr.splitlines()
    assert line.startswith(f"tidings: {file}:7: ")
