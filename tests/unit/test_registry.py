"""Plug-ins are found by their files."""

from pathlib import Path

from delivery import channels, providers
from delivery.registry import all_channels, all_providers


def names(package: object) -> set[str]:
    (folder,) = package.__path__  # type: ignore[attr-defined]
    found = {path.stem for path in Path(folder).iterdir()}
    return {name for name in found if not name.startswith("_")}


def test_every_file_is_a_plug_in_and_its_name_the_key():
    assert set(all_channels()) == names(channels)
    assert set(all_providers()) == names(providers)
    assert {"email", "in_app"} <= set(all_channels())
    assert "smtp" in all_providers()


def test_each_process_has_providers_of_its_own():
    assert all_providers()["smtp"] is not all_providers()["smtp"]
