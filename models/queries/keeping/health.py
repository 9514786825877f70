"""Whether the database can be worked with."""

from models.query import Query, sql


def revision() -> Query[str | None]:
    """The revision that the schema is at; fails where there never was one."""
    return sql("SELECT version_num FROM alembic_version", lambda result: result.scalar_one())
