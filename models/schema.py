"""The schema's versions: up, down, and the one place that knows where migrations are."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from alembic import command, op
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

_MIGRATIONS = Path(__file__).parent.parent / "alembic"


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the schema up to a revision; safe to run twice and from several processes."""
    command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Take the schema down to a revision; data of what goes is lost."""
    command.downgrade(_config(url), revision)


@lru_cache(maxsize=1)
def newest_revision() -> str | None:
    """The revision that this version of the code was written for."""
    return ScriptDirectory(str(_MIGRATIONS)).get_current_head()


def is_ours(obj: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:  # noqa: ARG001, FBT001 - the signature is Alembic's
    """Whether Alembic compares an object: day partitions come and go by upkeep."""
    return not (kind == "table" and reflected and other is None and _is_partition(name or ""))


def _is_partition(table: str) -> bool:
    head, _, day = table.rpartition("_")
    return bool(head) and day.isdigit()


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["url"] = url
    return config


_HAS_CITUS = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')"


def _on_citus(statement: str) -> None:
    if op.get_bind().scalar(text(_HAS_CITUS)):
        op.execute(statement)


def reference(table: str) -> None:
    """Keep a copy on every node of Citus; nothing elsewhere. For migrations."""
    _on_citus(f"SELECT create_reference_table('{table}')")


def single(table: str) -> None:
    """Keep it on one node of Citus; nothing elsewhere. For migrations."""
    _on_citus(f"SELECT create_distributed_table('{table}', NULL)")


def local(table: str) -> None:
    """Bring it back to an ordinary table of Citus's coordinator. For migrations."""
    _on_citus(f"SELECT undistribute_table('{table}')")


def distribute(table: str) -> None:
    """Spread it over Citus by its bucket, beside the others; nothing elsewhere. For migrations."""
    like = "" if table == _FIRST else f", colocate_with => '{_FIRST}'"
    _on_citus(f"SELECT create_distributed_table('{table}', 'bucket'{like})")


_FIRST = "event_keys"
"""The table that all others lie beside; the first one a migration distributes."""
