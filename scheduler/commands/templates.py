"""`tidings templates`: templates as files: pulled, checked and pushed."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from delivery.errors import RenderingError
from delivery.publishing.apart import Judge
from delivery.rendering.saving import remade
from delivery.templates.folder import Bundle, bundles_of, files_of
from delivery.templates.gallery import starters
from delivery.templates.translations import lacks, lags
from models.queries.configuring import archive as away, templates as store, translations
from models.query import Story
from models.records import TemplateHead, TemplateVersion
from scheduler.commands import pushing
from scheduler.commands.folders import note_version, read_folder, write_folder
from scheduler.commands.operator import operator
from scheduler.commands.session import Acting, acting
from scheduler.commands.wrong_use import refuse

app = typer.Typer(help="Templates as files.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="Holds one folder a template.", file_okay=False)]
Named = Annotated[list[str], typer.Argument(help="Keys of templates.")]
Keys = Annotated[list[str] | None, typer.Argument(help="Which ones; all of them if none is said.")]


@app.command()
def pull(folder: Folder, keys: Keys = None) -> None:
    """Write what is live as files; those that were changed since they were pulled are left."""
    files, _ = read_folder(folder) if folder.exists() else ({}, [])
    with acting("templates") as reading:
        heads = _wanted(reading, keys or [])
        local = {key: _inside(files, key) for key in heads}
        touched = [key for key in heads if local[key] and _changed(reading, local[key])]
        if touched:
            refuse(
                f"{', '.join(touched)}: changed here since the version in template.toml: push that,"
                " or pull into another folder"
            )
        written = {key: files_of(pushing.stored(reading, head)) for key, head in heads.items()}
    for key, wanted in written.items():
        write_folder(folder, wanted, local[key])
    typer.echo(f"{len(written)} templates are in {folder}.")


@app.command()
def check(folder: Folder) -> None:
    """Look at files as publishing would, without a store; exit 1 where something must be mended."""
    bundles = _read(folder)
    pieces = pushing.with_files(bundles, [])
    if _look(None, bundles, pieces, despite=True):
        raise typer.Exit(1)
    typer.echo(f"{len(bundles)} templates could be pushed.")


@app.command()
def push(
    folder: Folder,
    *,
    draft: Annotated[
        bool, typer.Option("--draft", help="Keep as drafts; nothing is sent.")
    ] = False,
    despite: Annotated[
        bool, typer.Option("--despite-warnings", help="Publish although something is said.")
    ] = False,
) -> None:
    """Publish files, all of them or none: those that say something else than what is live."""
    bundles = pushing.ordered(_read(folder))
    with acting("templates") as by:
        try:
            said = _pushed(by, bundles, draft=draft, despite=despite)
        except pushing.RefusedError as error:
            _fail(error.lines)
        live = {key: head.live_version for key, head in by.tx.run(store.heads()).items()}
    for bundle in bundles:
        note_version(folder / bundle.head.template, live.get(bundle.head.template))
    for line in [*said, f"{len(bundles) - len(said)} of {len(bundles)} were like that already."]:
        typer.echo(line)


@app.command()
def gallery(keys: Keys = None) -> None:
    """Publish starters, with the layout they share; without a key, say which there are."""
    known = {each.bundle.head.template: each.purpose for each in starters()}
    if not keys:
        for key, purpose in known.items():
            typer.echo(f"{key:14} {purpose}")
        return
    if unknown := sorted(set(keys) - known.keys()):
        refuse(f"there is no starter {unknown[0]}: there are {', '.join(known)}")
    with acting("templates") as by:
        try:
            said = pushing.install(by, keys)
        except pushing.RefusedError as error:
            _fail(error.lines)
    for line in said or ["All of that is there already, and stays as it is."]:
        typer.echo(line)


@app.command()
def missing() -> None:
    """Say which languages of recipients templates lack, and which words are behind."""
    with acting("templates") as reading:
        live = reading.tx.run(store.live())
        people = reading.tx.run(translations.readers())
        history = reading.tx.run(translations.wordings())
    said = [
        f"{one.template}: no {one.language}; {one.people:,} who read it get {one.instead}"
        for one in lacks(live, people)
    ] + [
        f"{one.template}: {one.locale} is behind: {live[one.template].locale} changed in version"
        f" {one.since}"
        for one in lags(live, history)
    ]
    for line in said or ["Nothing is missing."]:
        typer.echo(line)


@app.command()
def archive(keys: Named) -> None:
    """Put templates, partials and layouts away that nothing uses, all of them or none."""
    with acting("templates") as by:
        for key in keys:
            _moved(by, key, away.archive(key, by.now), "archived a template")
    typer.echo(f"{', '.join(keys)}: archived; `tidings templates restore` brings back.")


@app.command()
def restore(keys: Named) -> None:
    """Bring archived ones back, all of them or none, with what their partials say now."""
    with acting("templates") as by:
        for key in keys:
            story = away.restore(key, remade, operator(), by.now)
            _moved(by, key, story, "brought a template back")
    typer.echo(f"{', '.join(keys)}: back.")


def _moved(by: Acting, key: str, story: Story[bool], did: str) -> None:
    """Put one away or bring it back, and tell the audit if it was not there already."""
    try:
        changed = by.tx.follow(story)
    except away.ArchiveError as error:
        refuse(str(error))
    except RenderingError as error:
        refuse(f"{key} cannot be brought back: {error}")
    if changed:
        by.note(did, key)


def _pushed(by: Acting, bundles: Sequence[Bundle], *, draft: bool, despite: bool) -> list[str]:
    differing = pushing.changed(by, bundles)
    if draft:
        return [pushing.draft(by, bundle) for bundle in differing]
    pieces = pushing.with_files(bundles, by.tx.run(store.live_partials()))
    if _look(by, differing, pieces, despite=despite):
        raise typer.Exit(1)
    return [pushing.publish(by, bundle) for bundle in differing]


def _look(
    by: Acting | None,
    bundles: Sequence[Bundle],
    pieces: Sequence[TemplateVersion],
    *,
    despite: bool,
) -> bool:
    """Whether something must be mended first; all there is to say goes to stderr."""
    if faults := pushing.faults(bundles, pieces):
        _say(map(str, faults))
        return True
    lines, stops = [], False
    with closing(Judge()) as judge:
        for bundle in bundles:
            for finding in pushing.looked_at(by, bundle, judge, pieces):
                lines.append(pushing.told(bundle, finding))
                stops |= finding.blocks or not despite
    _say(lines)
    return stops


def _wanted(reading: Acting, keys: Sequence[str]) -> dict[str, TemplateHead]:
    """The templates that are pulled, with every piece they include."""
    heads = {
        key: head
        for key, head in reading.tx.run(store.heads()).items()
        if head.live_version is not None
    }
    if put_away := sorted(key for key in keys if key in heads and heads[key].archived):
        refuse(pushing.archived(put_away[0]))
    heads = {key: head for key, head in heads.items() if not head.archived}
    if unknown := sorted(set(keys) - heads.keys()):
        refuse(f"nothing of {', '.join(unknown)} is live")
    if not keys:
        return heads
    needed = set(keys)
    for key in keys:
        texts = reading.tx.run(store.texts(key, heads[key].live_version or 0))
        needed |= {partial.key for text in texts for partial in text.partials}
    return {key: head for key, head in heads.items() if key in needed}


def _inside(files: dict[str, bytes], key: str) -> dict[str, bytes]:
    return {path: content for path, content in files.items() if path.startswith(f"{key}/")}


def _changed(reading: Acting, local: dict[str, bytes]) -> bool:
    """Whether files say something else than the version they were pulled from."""
    bundles, faults = bundles_of(local)
    if faults or not bundles:
        return True
    (bundle,) = bundles
    before = pushing.stored(reading, bundle.head)
    return before.words != bundle.words


def _read(folder: Path) -> list[Bundle]:
    """The templates in a folder; everything wrong with its files is said at once."""
    if not folder.is_dir():
        refuse(f"there is no folder {folder}")
    files, unreadable = read_folder(folder)
    bundles, faults = bundles_of(files)
    if wrong := [*unreadable, *faults]:
        _fail([str(fault) for fault in wrong])
    return bundles


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line, err=True)


def _fail(lines: Iterable[str]) -> NoReturn:
    _say(lines)
    raise typer.Exit(1)
