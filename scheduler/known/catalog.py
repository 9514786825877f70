"""The shelf of configuration: read again each second, prepared templates kept for good."""

import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence

import structlog

from delivery.errors import RenderingError
from delivery.rendering.fill import Template, prepare
from delivery.rendering.locales import nearest, spoken
from delivery.rulebook import newest_sound
from models.database import Database
from models.queries.audiences import catalog as audiences
from models.queries.configuring import catalog, rulebooks, templates, warmings
from models.queries.configuring.accounts import all_accounts
from models.queries.people import categories
from models.queries.planning.sources import drained_sources
from models.records import Catalog, Rulebook, StoredDocument, Topic

_FRESH = 1.0
"""Seconds after which configuration is read again."""
_KEPT = 512
"""Prepared template versions kept in memory."""

_Name = tuple[str, int, str, bool]
"""Template, version, locale, and whether its links are marked."""

_EMPTY = Catalog({}, {}, (), ())

log = structlog.get_logger()


class Shelf:
    """Topics, templates, accounts, sources and rules as this process knows them.

    Attributes:
        rulebook: The rules in force.
        warm: Counters of caps that know what was sent before their rule.
    """

    def __init__(self) -> None:
        self.catalog = _EMPTY
        self.rulebook = Rulebook()
        self.warm: frozenset[str] = frozenset()
        self._newest = 0
        self._read_at = float("-inf")
        self._prepared: OrderedDict[_Name, Template | RenderingError | None] = OrderedDict()

    async def refresh(self, database: Database) -> Catalog:
        """The configuration, at most a second old."""
        if time.monotonic() - self._read_at > _FRESH:
            await self.reread(database)
        return self.catalog

    async def reread(self, database: Database) -> Catalog:
        """The configuration as it is now."""
        async with database.begin() as tx:
            self.catalog = Catalog(
                topics=await tx.run(catalog.topics()),
                live=await tx.run(templates.live()),
                accounts=tuple(await tx.run(all_accounts())),
                sources=tuple(await tx.run(drained_sources())),
                categories=await tx.run(categories.categories()),
                orgs_choose=await tx.run(categories.orgs_choose()),
                audiences=await tx.run(audiences.keys()),
            )
            self._learn(await tx.run(rulebooks.since(self._newest)))
            self.warm = await tx.run(warmings.warm()) if self.rulebook.caps else frozenset()
        self._read_at = time.monotonic()
        return self.catalog

    def _learn(self, published: Sequence[StoredDocument]) -> None:
        """Take the newest version that can be read."""
        book, broken = newest_sound(published)
        for version, fault in broken.items():
            log.error("rulebook.unreadable", version=version, error=fault)
        if book is not None:
            self.rulebook = book
            log.info("rulebook.taken", version=book.version)
        if published:
            self._newest = published[0].version

    async def topics(self, database: Database, wanted: Iterable[str]) -> Mapping[str, Topic]:
        """All topics; read again before one that is wanted is said not to exist."""
        if any(key not in self.catalog.topics for key in wanted):
            await self.reread(database)
        return self.catalog.topics

    async def audiences(self, database: Database, wanted: Iterable[str]) -> frozenset[str]:
        """All audiences; read again before one that is wanted is said not to exist."""
        if not self.catalog.audiences.issuperset(wanted):
            await self.reread(database)
        return self.catalog.audiences

    async def template(
        self,
        database: Database,
        key: str,
        locale: str | None = None,
        version: int | None = None,
        *,
        mark: bool = False,
    ) -> Template | None:
        """A version of a template, prepared, or the live one; `None` when there is none.

        Args:
            database: Where it is read, the first time.
            key: The template's.
            locale: The one that is wanted; the nearest one there is is given.
            version: Which one; `None`: the live one.
            mark: Whether its links are wanted marked.

        Raises:
            RenderingError: The version is broken: so for every recipient.
        """
        live = self.catalog.live.get(key)
        if live is None:
            return None
        if version is None or version == live.version:
            name = (key, live.version, spoken(locale, live), mark)
        else:
            name = (key, version, locale or live.locale, mark)
        if name not in self._prepared:
            self._keep(name, await _prepared(database, name))
        found = self._prepared[name]
        if isinstance(found, RenderingError):
            # A new one: raised again and again, the same would gather a traceback without end.
            raise RenderingError(found.problems)
        return found

    def _keep(self, name: _Name, template: Template | RenderingError | None) -> None:
        self._prepared[name] = template
        while len(self._prepared) > _KEPT:
            self._prepared.popitem(last=False)


async def _prepared(database: Database, name: _Name) -> Template | RenderingError | None:
    key, number, locale, mark = name
    found = nearest(locale, await database.run(templates.texts(key, number)))
    try:
        return prepare(found, mark=mark) if found else None
    except RenderingError as error:
        return error
