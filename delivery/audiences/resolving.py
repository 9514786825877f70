"""An audience with the others it is made of put in their places. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from delivery.audiences.document import AudienceError, as_audience
from delivery.blame import Fault
from models.records.audiences import Audience, StoredAudience
from models.records.conditions import AllOf, AnyOf, Condition, InAudience, Inside, NotOf, OnList

DEEPEST = 5
"""Audiences inside of audiences."""
MOST = 300
"""Conditions of an audience together with those of the others in it."""


def condition_of(key: str, stored: Mapping[str, StoredAudience]) -> Condition:
    """Who belongs to a saved audience.

    Raises:
        AudienceError: There is none of this key, or it or one inside of it cannot be read.
    """
    if key not in stored:
        raise AudienceError(Fault("", f"there is no audience {key}"))
    others = Saved(stored)
    return resolved(others[key], others)


class Saved(Mapping[str, Audience]):
    """Saved audiences, each read when it is asked for: a broken one stops those that use it."""

    def __init__(self, stored: Mapping[str, StoredAudience]) -> None:
        self._stored = stored

    def __getitem__(self, key: str) -> Audience:
        return as_audience(self._stored[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)


def fit(changed: Mapping[str, Audience], stored: Mapping[str, StoredAudience]) -> None:
    """Refuse changes that do not fit what there is; audiences that use a changed one count, too.

    Raises:
        AudienceError: One would be in itself, too deep or too much, or a list no list any more.
    """
    for key in changed.keys() & stored.keys():
        was_list = stored[key].list is not None
        if was_list != changed[key].is_list:
            kind = "a list, and stays one" if was_list else "no list, and becomes none"
            raise AudienceError(Fault(key, f"it is {kind}: give the other a key of its own"))
    together = {**{key: as_audience(one) for key, one in stored.items()}, **changed}
    for audience in together.values():
        resolved(audience, together)


def resolved(audience: Audience, others: Mapping[str, Audience]) -> Condition:
    """Who belongs to an audience, in conditions that name no other.

    Raises:
        AudienceError: It is inside of itself, one inside of it is gone, or it is too much.
    """
    condition = _within(audience, others, (audience.key,))
    if sum(1 for _ in parts(condition)) > MOST:
        said = f"it has more than {MOST} conditions together with the audiences in it: use fewer"
        raise AudienceError(Fault(audience.key, said))
    return condition


def _within(audience: Audience, others: Mapping[str, Audience], way: tuple[str, ...]) -> Condition:
    if audience.condition is None:
        return OnList(audience.key, audience.list)
    if len(way) > DEEPEST:
        said = f"audiences lie at most {DEEPEST} deep in each other, and here {' in '.join(way)}"
        raise AudienceError(Fault(way[0], said))
    return _put(audience.condition, others, way)


def _put(condition: Condition, others: Mapping[str, Audience], way: tuple[str, ...]) -> Condition:
    match condition:
        case AllOf(members):
            return AllOf(tuple(_put(each, others, way) for each in members))
        case AnyOf(members):
            return AnyOf(tuple(_put(each, others, way) for each in members))
        case NotOf(part):
            return NotOf(_put(part, others, way))
        case InAudience(key):
            return Inside(key, _within(_found(key, others, way), others, (*way, key)))
        case _:
            return condition


def _found(key: str, others: Mapping[str, Audience], way: tuple[str, ...]) -> Audience:
    if key in way:
        said = f"it would be inside of itself: {' uses '.join((*way, key))}"
        raise AudienceError(Fault(way[0], said))
    if key not in others:
        raise AudienceError(Fault(way[0], f"there is no audience {key} (any more): make it first"))
    return others[key]


def parts(condition: Condition) -> Iterator[Condition]:
    """A condition and all inside of it."""
    yield condition
    match condition:
        case AllOf(members) | AnyOf(members):
            for each in members:
                yield from parts(each)
        case NotOf(part) | Inside(_, part):
            yield from parts(part)
        case _:
            return


def used_by(key: str, others: Mapping[str, Audience]) -> list[str]:
    """The audiences that name this one."""
    return sorted(
        each.key
        for each in others.values()
        if each.condition is not None and InAudience(key) in parts(each.condition)
    )


def users(
    stored: Mapping[str, StoredAudience], campaigns: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Audience to what uses it: other audiences, and campaigns that are not over.

    Args:
        stored: All there are; one that cannot be read uses none.
        campaigns: Audience to the campaigns that go to it and are not over.
    """
    read = {key: one for key, each in stored.items() if (one := _read(each))}
    return {
        key: (*used_by(key, read), *(f"campaign {each}" for each in campaigns.get(key, ())))
        for key in stored
    }


def _read(stored: StoredAudience) -> Audience | None:
    try:
        return as_audience(stored)
    except AudienceError:
        return None
