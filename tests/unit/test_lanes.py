"""Whose turn it is, and how processes that feed at the same time keep out of each other's way."""

from models.ids import BUCKETS
from models.queries.routing import EVERYWHERE
from scheduler.lanes import Turns

LIMIT = 100


def buckets(turns: Turns) -> set[int]:
    return set(map(int, turns.slice().strip("{}").split(",")))


def test_looks_everywhere_as_long_as_it_gets_what_it_sees():
    turns = Turns(LIMIT)
    turns.got(seen=LIMIT, locked=LIMIT)
    assert turns.slice() == EVERYWHERE


def test_looks_at_a_part_of_the_buckets_once_a_rival_took_most_of_what_it_saw():
    turns = Turns(LIMIT)
    turns.got(seen=LIMIT, locked=10)
    assert len(buckets(turns)) == BUCKETS // 8
    turns.got(seen=LIMIT, locked=LIMIT)
    assert len(buckets(turns)) == BUCKETS // 8


def test_leaves_no_bucket_out_while_there_are_rivals():
    turns = Turns(LIMIT)
    turns.got(seen=LIMIT, locked=0)
    assert set().union(*(buckets(turns) for _ in range(400))) == set(range(BUCKETS))


def test_looks_everywhere_again_when_little_is_left():
    turns = Turns(LIMIT)
    turns.got(seen=LIMIT, locked=0)
    turns.got(seen=10, locked=10)
    assert turns.slice() == EVERYWHERE


def test_does_not_mind_rivals_for_a_few_rows():
    turns = Turns(LIMIT)
    turns.got(seen=1, locked=0)
    assert turns.slice() == EVERYWHERE


def test_asks_high_priorities_first_and_begins_one_lane_further_each_time():
    turns = Turns(LIMIT)
    first, second = turns.ask().lanes, turns.ask().lanes
    assert [lane // 16 for lane in first] == sorted((lane // 16 for lane in first), reverse=True)
    assert (second[0] - first[0]) % 16 == 1
    assert sorted(first) == sorted(second) == list(range(160))


def test_gives_each_waiting_lane_its_share_of_the_batch():
    turns = Turns(LIMIT)
    turns.served({1, 2, 3})
    assert (turns.ask().share, turns.ask().limit) == (34, LIMIT)
