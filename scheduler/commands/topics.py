"""`tidings topics`: topics as documents: list them, show one, check and apply files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from delivery.registry import all_channels
from delivery.rulebook.writing import as_toml
from delivery.topics import Known, as_document, chain, read_toml, sentences
from models.database import SyncTransaction
from models.queries.configuring import catalog, publishing, templates as stored
from models.records import ApprovalKind, Ask, Topic
from scheduler.commands.approvals import go_past
from scheduler.commands.documents import named, read_files
from scheduler.commands.session import Acting, acting
from scheduler.commands.wrong_use import refuse

app = typer.Typer(help="Topics as documents.", no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(help="A TOML file a topic.")]


@app.command("list")
def list_() -> None:
    """Show all topics and the way each goes."""
    with acting("topics") as reading:
        topics = reading.tx.run(catalog.topics())
    table = Table("Topic", "Class", "Category", "Goes", box=None, pad_edge=False)
    for key, topic in sorted(topics.items()):
        table.add_row(key, topic.klass, topic.category, chain(topic))
    Console().print(table)


@app.command()
def show(key: Annotated[str, typer.Argument(help="Key of a topic.")]) -> None:
    """Print a topic's document: change it, and apply it."""
    with acting("topics") as reading:
        topic = reading.tx.run(catalog.topics()).get(key)
    if topic is None:
        refuse(f"there is no topic {key}: see `tidings topics list`")
    typer.echo(as_toml(as_document(topic)), nl=False)


@app.command()
def check(files: Files) -> None:
    """Check files against each other and against what there is; nothing is changed."""
    with acting("topics") as reading:
        topics = _read(files, reading.tx)
    for topic in topics:
        typer.echo(f"{topic.key}: {' '.join(sentences(topic))}")


@app.command()
def apply(files: Files) -> None:
    """Make topics what these files say, all of them or none; within a second, everywhere."""
    with acting("topics") as by:
        by.tx.run(catalog.lock_topics())
        topics = _read(files, by.tx)
        before = by.tx.run(catalog.topics())
        told = [_apply(by, topic, before.get(topic.key)) for topic in topics]
    for line in told:
        typer.echo(line)


def _apply(by: Acting, topic: Topic, before: Topic | None) -> str:
    document, was = as_document(topic), before and as_document(before)
    if document == was:
        return f"{topic.key} is like that already."
    _go_past(by, topic)
    for query in catalog.save_topic(topic, by.now):
        by.tx.run(query)
    did = "changed a topic" if was else "made a topic"
    by.note(did, topic.key, before=was, after=document)
    return f"{topic.key} is {'changed' if was else 'made'}: goes {chain(topic)}."


def _go_past(by: Acting, topic: Topic) -> None:
    """Tell the audit of live templates that the console would have had looked at for this use."""
    for template in topic.templates:
        there = by.tx.follow(publishing.publishable(template))
        if there is not None and there.live:
            subject = f"{template} for {topic.key}"
            had, ask = (
                Ask(ApprovalKind.TEMPLATE, subject, {}, classes=each.classes)
                for each in (there, there.beside(topic))
            )
            go_past(by, ask, had)


def _read(files: Sequence[Path], tx: SyncTransaction) -> list[Topic]:
    """The topics in these files; everything wrong with them is said at once."""
    templates, topics = tx.run(stored.channels()), tx.run(catalog.topics())
    known = Known(frozenset(all_channels()), templates, frozenset({*topics, *named(files)}))
    found = read_files(files, lambda text: read_toml(text, known), lambda topic: topic.key)
    return list(found.values())
