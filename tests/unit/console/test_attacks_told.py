"""Nothing the console does is forgotten where it is written down who may do it."""

from importlib import import_module
from pkgutil import walk_packages

import dashboard
from tests.attacks import CALLS, MAY, ROUTES, actions_there_are

RUN = (".__main__", ".app", ".console", ".filler")
"""What does something when it is imported."""


def test_it_is_told_of_every_action_who_may():
    there_are = set(actions_there_are())

    assert len(there_are) > 30
    assert set(MAY) == there_are, "say in tests/attacks.py who may do it"
    assert set(CALLS) == there_are, "say in tests/attacks.py how it is called"


def test_it_is_told_of_every_route_who_gets_it():
    """But for those of the door, which are everybody's own."""
    found = set()
    for module in walk_packages(dashboard.__path__, "dashboard."):
        if not module.name.endswith(RUN) and not module.name.startswith("dashboard.door."):
            found |= {route.path for route in getattr(import_module(module.name), "ROUTES", ())}

    assert found == set(ROUTES)
