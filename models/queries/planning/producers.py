"""The outbox as a producer makes it in a database of its own."""

from models.outbox import outbox_ddl

__all__ = ["outbox_ddl"]
