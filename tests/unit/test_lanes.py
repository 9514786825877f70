"""In which order the lanes are asked."""

from models.queries.routing import EVERYWHERE
from scheduler.lanes import Turns


def test_every_lane_is_asked_the_most_important_first():
    lanes = Turns(100).ask().lanes
    assert sorted(lanes) == list(range(160))
    priorities = [lane // 16 for lane in lanes]
    assert priorities == sorted(priorities, reverse=True)


def test_each_lane_of_a_priority_is_first_once_in_sixteen_turns():
    turns = Turns(100)
    assert {turns.ask().lanes[0] for _ in range(16)} == set(range(9 * 16, 160))


def test_a_lane_alone_gets_the_whole_batch():
    turns = Turns(100)
    assert (turns.ask().share, turns.ask().limit) == (100, 100)


def test_lanes_share_a_batch_when_others_waited_too():
    turns = Turns(100)
    turns.served({1, 2, 3})
    assert turns.ask().share == 34
    turns.served(set())
    assert turns.ask().share == 100


def test_looks_everywhere_until_rivals_take_most_of_what_was_seen():
    turns = Turns(100)
    turns.got(100, 100)
    assert turns.slice() == EVERYWHERE
    turns.got(100, 20)
    assert turns.slice() != EVERYWHERE
    turns.got(100, 60)
    assert turns.slice() != EVERYWHERE
    turns.got(0, 0)
    assert turns.slice() == EVERYWHERE


def test_rivals_look_at_every_bucket_sooner_or_later():
    turns = Turns(100)
    turns.got(100, 0)
    seen: set[str] = set()
    for _ in range(500):
        seen |= set(turns.slice().strip("{}").split(","))
    assert seen == set(EVERYWHERE.strip("{}").split(","))
