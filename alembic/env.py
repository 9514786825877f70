"""Runs migrations on the URL in the config's attributes, or on the configured database."""

from alembic import context
from sqlalchemy import create_engine, text

from models import (  # noqa: F401
    access,
    accounts,
    approvals,
    audiences,
    campaigns,
    catalog,
    conversions,
    counts,
    deliveries,
    digests,
    feedback,
    inbox,
    outbox,
    recipients,
    signing,
    templates,
)
from models.base import Base
from models.schema import is_ours
from models.urls import configured_url, sqlalchemy_url

LOCK = 7_305_921
"""Advisory lock: two starting services must not migrate at once."""


def run() -> None:
    url = context.config.attributes.get("url") or configured_url()
    engine = create_engine(sqlalchemy_url(url))
    with engine.connect() as connection:
        # Plain Postgres takes unknown `citus.*` settings as placeholders.
        connection.execute(text("SET citus.multi_shard_modify_mode TO 'sequential'"))
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=is_ours,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
