"""Whose turn it is, and how processes that feed at the same time keep out of each other's way."""

from models.ids import BUCKETS
from models.queries.routing import EVERYWHERE
from models.records import Class
from scheduler.sending.lanes import Rounds, Turns
from tests.values import make_topic

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


def test_asks_for_critical_lanes_alone_when_there_is_no_room_for_others():
    lanes = Turns(LIMIT).urgent().lanes
    assert sorted(lanes) == list(range(7 * 16, 160))
    assert [lane // 16 for lane in lanes] == sorted((lane // 16 for lane in lanes), reverse=True)


CATALOG = [make_topic(f"{klass}{number}", klass=klass) for klass in Class for number in range(3)]


def test_rows_are_planned_by_class_and_in_turn_inside_a_class():
    rounds = Rounds()
    asked = [rounds.ask(CATALOG) for _ in range(3)]
    for topics in asked:
        assert [topic[:-1] for topic in topics] == [k for k in Class for _ in range(3)]
    assert {topics[3] for topics in asked} == {f"transactional{number}" for number in range(3)}


def test_of_very_many_topics_each_has_its_turn():
    many = [make_topic(f"n{number}", klass=Class.PROMOTIONAL) for number in range(1000)]
    rounds, seen = Rounds(), set()
    for _ in range(1000):
        asked = rounds.ask([*many, *CATALOG])
        assert len(asked) < 80
        seen.update(asked)
    assert len(seen) == 1009


def test_topics_share_a_batch_and_now_and_then_age_alone_counts():
    rounds = Rounds()
    assert rounds.share(300) == 300
    rounds.served({"a", "b"})
    assert rounds.share(300) == 150
    by_age = [rounds.by_age() for _ in range(16) if rounds.ask(CATALOG)]
    assert by_age.count(True) == 2
