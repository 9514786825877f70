"""Folders on disk as paths and contents, and back; nothing outside of them is touched."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from delivery.templates.folder import HEAD, LARGEST, Fault


def read_folder(folder: Path) -> tuple[dict[str, bytes], list[Fault]]:
    """Every file below a folder by its path in it, and what cannot be read. Hidden ones are none.

    A link is followed nowhere: what it leads to may be anything.
    """
    found: dict[str, bytes] = {}
    faults: list[Fault] = []
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            faults.append(Fault(name, 1, "this is a link: put the file itself here"))
        elif not path.is_file():
            faults.append(Fault(name, 1, "this is no file"))
        elif path.stat().st_size > LARGEST:
            faults.append(Fault(name, 1, f"this is larger than {LARGEST:,} octets"))
        else:
            found[name] = path.read_bytes()
    return found, faults


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _files(path)
        else:
            yield path


def write_folder(folder: Path, files: Mapping[str, bytes], before: Mapping[str, bytes]) -> None:
    """Make a folder hold these files instead of those it held before."""
    for name in before.keys() - files.keys():
        (folder / name).unlink()
    for name, content in files.items():
        if before.get(name) != content:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


_VERSION = re.compile(r"(?m)^version\s*=.*$")


def note_version(folder: Path, version: int | None) -> None:
    """Write into a template's folder which version it is now; comments stay."""
    path = folder / HEAD
    before = path.read_bytes().decode()
    if version is None:
        return
    line = f"version = {version}"
    after = _VERSION.sub(line, before, count=1) if _VERSION.search(before) else f"{before}{line}\n"
    if after != before:
        path.write_bytes(after.encode())
