"""Finds channels, providers and webhooks: one file each, the file name is its key."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import cast

from delivery import channels, providers, webhooks
from delivery.ports import Channel, Provider, Webhook


def modules(package: ModuleType) -> dict[str, ModuleType]:
    """The files of a package by name; what begins with an underscore is none."""
    return {
        found.name: import_module(f"{package.__name__}.{found.name}")
        for found in iter_modules(package.__path__)
        if not found.name.startswith("_")
    }


def all_channels() -> dict[str, Channel]:
    """Every channel by its key."""
    return {key: cast("Channel", module) for key, module in modules(channels).items()}


def all_providers() -> dict[str, Provider]:
    """A fresh instance of every provider by its key; each keeps its own connections."""
    return {key: cast("Provider", module.make()) for key, module in modules(providers).items()}


def all_webhooks() -> dict[str, Webhook]:
    """Every vendor's webhook by its key."""
    return {key: cast("Webhook", module) for key, module in modules(webhooks).items()}
