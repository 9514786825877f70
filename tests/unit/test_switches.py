"""What each kill switch stops."""

from datetime import timedelta

import pytest

from delivery.roads.switches import BLIND, Scope, Stops, read_target, stopped, stops
from models.records import Class, Switch
from tests.values import NOW, make_due


def on(*names: str) -> Stops:
    return stops(Switch(name, "why", "ada", NOW) for name in names)


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("all", {}),
        ("class:promotional", {"klass": Class.TRANSACTIONAL}),
        ("topic:board.shared", {"topic": "page.edited"}),
        ("campaign:spring", {"campaign": "summer"}),
        ("channel:email", {"channel": "in_app"}),
    ],
)
def test_each_stops_what_it_names_and_nothing_else(name: str, others: dict[str, object]):
    named = {"klass": Class.PROMOTIONAL, "campaign": "spring"}
    assert on(name).stop(make_due(**named))
    assert on(name).stop(make_due(**{**named, **others})) == (name == "all")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("all", True),
        ("class:critical", True),
        ("topic:board.shared", True),
        ("channel:email", False),
        ("campaign:spring", False),
    ],
)
def test_critical_news_stops_only_where_it_is_meant(name: str, *, meant: bool):
    assert on(name).stop(make_due(klass=Class.CRITICAL, campaign="spring")) == meant


def test_none_stops_nothing_and_an_account_stops_no_delivery_by_itself():
    assert not on()
    assert not on("account:main")
    assert on("account:main").accounts == {"main"}
    assert not on("nonsense", "topicx").stop(make_due())


def test_blindness_stops_all_but_critical_news():
    assert [BLIND.stop(make_due(klass=klass)) for klass in Class] == [False, True, True]
    both = on("channel:in_app").together(BLIND)
    assert both.stop(make_due())
    assert both.channels == {"in_app"}


@pytest.mark.parametrize(
    ("before", "after", "lifted"),
    [
        (("all",), (), True),
        (("topic:a",), ("topic:a", "class:promotional"), False),
        (("topic:a", "channel:email"), ("topic:a",), True),
        (("account:main",), (), True),
        ((), ("all",), False),
        (("all",), ("all",), False),
    ],
)
def test_what_is_lifted_is_noticed(
    before: tuple[str, ...], after: tuple[str, ...], *, lifted: bool
):
    assert on(*after).lifted_since(on(*before)) == lifted


def test_a_stopped_delivery_is_looked_at_again_and_expires_in_time():
    waits, expires, late = (
        make_due(recipient_id="anna"),
        make_due(recipient_id="bo", expires_at=NOW + timedelta(minutes=1)),
        make_due(recipient_id="cy", expires_at=NOW),
    )
    assert stopped([waits, expires, late], on("all"), NOW) == {
        waits.delivery_id: NOW + timedelta(minutes=10),
        expires.delivery_id: NOW + timedelta(minutes=1),
    }


@pytest.mark.parametrize("name", ["", "al", "all:x", "topic", "topic:", "class:urgent", "mail:x"])
def test_a_name_that_is_none_says_how_to_write_it(name: str):
    with pytest.raises(ValueError, match=r"write .*(topic|critical)"):
        read_target(name)


@pytest.mark.parametrize("name", ["all", "class:critical", "topic:a:b", "account:main"])
def test_a_name_is_read_and_written_alike(name: str):
    assert str(read_target(name)) == name
    assert read_target("topic:a:b").key == "a:b"
    assert read_target("all").scope is Scope.ALL
