"""The rules that keep the statements working on one Postgres and on many (docs/scale.md)."""

import ast
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest

from models.ids import day_of
from models.queries.keeping import partitions
from models.query import rows, sql
from scheduler.keeping import upkeep
from scheduler.planning import fanout, plan
from scheduler.sending import feed, send
from scheduler.sending.lanes import Turns
from tests.integration.test_migrations import BIG as BIG_TABLES
from tests.pipeline import Pipeline

Workers = Callable[[], Awaitable[Pipeline]]
Setting = Callable[[str, str], None]

QUERIES = sorted((Path(__file__).parent.parent.parent / "models" / "queries").rglob("*.py"))
BIG = {table.name for table in BIG_TABLES}
PREPARED = "SELECT * FROM pg_prepared_statements WHERE cardinality(parameter_types) > 0"
VOLATILE = r"\b(now|clock_timestamp|random|gen_random_uuid|current_timestamp)\b\s*\("


def texts(path: Path) -> Iterator[tuple[ast.Call | None, str]]:
    """Every statement text of a module, with the call it is an argument of; names as `?`."""
    tree = ast.parse(path.read_text())
    calls = {
        id(argument): call
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for argument in call.args
    }
    inside = {
        id(part)
        for joined in ast.walk(tree)
        if isinstance(joined, ast.JoinedStr)
        for part in joined.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "?" for part in node.values]
            yield calls.get(id(node)), "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and id(node) not in inside:
            yield calls.get(id(node)), str(node.value)


def statements() -> list[tuple[str, ast.Call | None, str]]:
    found = [
        (path.name, call, text)
        for path in QUERIES
        for call, text in texts(path)
        if re.search(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\b", text)
    ]
    assert len(found) > 60, "the statements are written in a way this test cannot read"
    return found


def called(call: ast.Call | None) -> str:
    return call.func.id if call is not None and isinstance(call.func, ast.Name) else ""


def read_or_changed(text: str) -> set[str]:
    """The tables a statement reads or changes, but for those it only inserts into."""
    pattern = r"\b(?:FROM|JOIN|UPDATE|USING|DELETE FROM)\s+(?:ONLY\s+)?([a-z_]+)"
    return set(re.findall(pattern, text))


def test_every_statement_on_a_big_table_names_its_buckets():
    bare = [
        (module, text)
        for module, call, text in statements()
        if called(call) == "sql" and read_or_changed(text) & BIG
    ]
    assert bare == [], "these go through `routed`, with :slice"


def test_every_change_of_a_big_table_names_its_buckets_on_the_target_too():
    for module, _, text in statements():
        for target, alias in re.findall(
            r"\b(?:UPDATE|DELETE FROM) ([a-z_]+)(?: ([a-z]+)\b)?", text
        ):
            if target in BIG:
                name = alias if alias and alias not in {"where", "set", "using"} else ""
                column = rf"\b{name}\.bucket" if name else r"\bbucket"
                assert re.search(rf"{column} = ANY\(:slice\)", text), (module, text)


READ = re.compile(
    r"\b(?:FROM|JOIN|UPDATE|USING|DELETE FROM)\s+([a-z_]+)"
    r"(?:\s+(?!WHERE|SET|JOIN|LEFT|CROSS|FULL|ON|ORDER|GROUP|LIMIT|USING|FOR|RETURNING)([a-z_]+))?"
)
LOCKS = r"\bFOR (UPDATE|SHARE)\b"


def big_ones(text: str) -> list[str]:
    """How a statement calls each big table that it reads or changes: its alias, or nothing."""
    return [match[2] or "" for match in READ.finditer(text) if match[1] in BIG]


def test_every_big_table_of_a_statement_is_bound_to_its_buckets():
    """By the slice itself, or by the bucket of another table beside it."""
    for module, _, text in statements():
        for alias in big_ones(text):
            name = rf"\b{alias}\." if alias else r"\b"
            bound = rf"{name}bucket = (ANY\(:slice\)|\(:slice\)\[1\]|[a-z]+\.bucket)"
            using = r"USING \(bucket, "
            assert re.search(f"{bound}|{using}|= {name}bucket", text), (module, alias, text)


def test_what_locks_binds_every_big_table_to_the_slice_itself():
    """Citus locks rows in one shard only, and looks for it in each table's own condition."""
    for module, _, text in statements():
        if re.search(LOCKS, text):
            for alias in big_ones(text):
                name = rf"\b{alias}\." if alias else r"\b"
                assert re.search(rf"{name}bucket = ANY\(:slice\)", text), (module, alias, text)


def test_nothing_is_said_that_knows_but_one_node():
    banned = r"\bctid\b|\bRECURSIVE\b|GROUPING SETS|\bCUBE\b|\bROLLUP\b|\bMERGE INTO\b|TRIGGER"
    for module, _, text in statements():
        assert not re.search(banned, text), (module, text)


def test_no_volatile_function_is_in_a_change():
    for module, _, text in statements():
        changed = re.search(r"\b(ON CONFLICT|UPDATE\b.*\bSET)\b(.*)", text, re.DOTALL)
        if changed:
            assert not re.search(VOLATILE, changed[2], re.IGNORECASE), (module, text)


def test_no_array_is_read_by_subscript_in_a_change():
    for module, _, text in statements():
        for changed in re.findall(r"\bSET\b(.*?)(?:\bFROM\b|\bWHERE\b|$)", text, re.DOTALL):
            assert not re.search(r"[a-z)\]]\[\s*[:\w]", changed.replace("[])", ")")), (module, text)


def test_no_big_table_draws_its_ids():
    for table in BIG_TABLES:
        for column in table.columns:
            default = str(getattr(column.server_default, "arg", ""))
            assert not re.search(VOLATILE, default), f"{table.name}.{column.name}"


async def life(pipeline: Pipeline) -> None:
    """Every hot statement once: planned, gated, sent, lost by its worker, released."""
    runtime = pipeline.runtime
    pipeline.emit(recipients=("anna", "bo", "nobody"), dedup_key="k")
    pipeline.emit(recipients=("anna",), dedup_key="k")
    await pipeline.run()
    pipeline.emit("mail", recipients=("anna", "bo"))
    await pipeline.plan()
    runtime.on_wire += 1000  # no room on the wire until its lease has ended
    await send.step(runtime, pipeline.send_turns)
    pipeline.travel(minutes=5)
    await pipeline.release()
    runtime.leave(1000)
    await pipeline.land()


async def test_hot_statements_survive_being_prepared(setting: Setting, workers: Workers):
    """After five executions the driver prepares, and Postgres may plan them for any value."""
    setting("WORKER_CONNECTIONS", "2")
    pipeline = await workers()
    await pipeline.topic(channels=("in_app", "email"), words="x", dedup_window=timedelta(minutes=1))
    await pipeline.topic("mail", channels=("email",), words="x")
    pipeline.people("anna", "bo")
    pipeline.emit(recipients=tuple(f"r{number}" for number in range(1001)))
    await pipeline.plan()
    await pipeline.expand()
    for _ in range(14):  # seven times on each of its two connections
        await life(pipeline)
    for tick in (upkeep.fold, upkeep.heartbeat, upkeep.prepare_days, upkeep.purge, fanout.finish):
        for _ in range(7):
            await tick(pipeline.runtime)
    async with pipeline.runtime.database.begin() as tx:
        prepared = await tx.run(sql(PREPARED, rows))
    assert len(prepared) > 20
    assert {row.generic_plans for row in prepared} == {0}


@pytest.fixture
async def counted(workers: Workers) -> tuple[Pipeline, list[str]]:
    """A worker and the statements it executes."""
    seen: list[str] = []

    class Counting(psycopg.AsyncCursor[Any]):
        async def execute(self, query: Any, *arguments: Any, **options: Any) -> Self:
            seen.append(str(query))
            return await super().execute(query, *arguments, **options)

        def copy(self, statement: Any, *arguments: Any, **options: Any) -> Any:
            seen.append(str(statement))
            return super().copy(statement, *arguments, **options)

    pipeline = await workers()
    database = pipeline.runtime.database
    database.connections.options = {**database.connections.options, "cursor_factory": Counting}
    await database.close()
    return pipeline, seen


async def test_a_batch_of_five_hundred_takes_as_many_statements_as_one_of_five(
    counted: tuple[Pipeline, list[str]],
):
    pipeline, seen = counted
    pipeline.runtime.settings.worker_plan_batch = 2000
    pipeline.runtime.settings.worker_concurrency = 2000
    await pipeline.topic(channels=("in_app", "email"), words="x")
    everybody = [f"r{number}" for number in range(500)]
    pipeline.people(*everybody)
    pipeline.emit(recipients=tuple(everybody), dedup_key="same")
    await pipeline.plan()
    await pipeline.feed()  # partitions, templates, ledgers: once a process or a person
    few = await statements_of(pipeline, seen, everybody[:5])
    assert few == await statements_of(pipeline, seen, everybody)
    assert all(0 < statements < 25 for statements in few.values())


async def statements_of(
    pipeline: Pipeline, counted: list[str], people: list[str]
) -> dict[str, int]:
    pipeline.run_sql(
        """INSERT INTO outbox (topic, recipients, dedup_key)
           SELECT 'board.shared', ARRAY[name, 'nobody'], key
             FROM unnest(CAST(%s AS text[])) name, unnest('{NULL,same}'::text[]) key""",
        people,
    )
    turns, taken = Turns(5000), {}
    ticks = {
        "plan": lambda: plan.step(pipeline.runtime),
        "feed": lambda: feed.step(pipeline.runtime, turns),
        "send": lambda: send.step(pipeline.runtime, turns),
    }
    for name, tick in ticks.items():
        for kept in (pipeline.runtime.shelf, pipeline.runtime.controls, pipeline.runtime.roads):
            await kept.reread(pipeline.runtime.database)
        counted.clear()
        assert await tick() >= len(people)
        # The clock and the catalog are read when their time has come, not for a batch.
        taken[name] = sum(bool(re.search("slice|INSERT|COPY|outbox", each)) for each in counted)
    await pipeline.land()
    return taken


async def test_a_day_of_history_is_found_without_looking_at_the_others(pipeline: Pipeline):
    await pipeline.topic()
    pipeline.emit()
    await pipeline.plan()
    today = day_of(pipeline.clock.now())
    seen = pipeline.column(
        f"EXPLAIN SELECT 1 FROM deliveries WHERE day = '{today}' AND bucket = ANY('{{1}}')"
    )
    named = set(re.findall(r"deliveries_\d{8}", "\n".join(seen)))
    assert named == {partitions.partition("deliveries", today)}
