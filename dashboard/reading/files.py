"""What the console reads about files that mails may carry."""

from dataclasses import dataclass

from dashboard.data import database
from delivery.files import users
from models.database import SyncTransaction
from models.queries.campaigns.campaigns import files_in_use
from models.queries.configuring import catalog, files
from models.readings.files import FileLine

MOST = 200
"""Files that are shown: those that were kept last."""
MADE_BY_PRODUCTS = "key "
"""How the names of those begin who put a file there with an API key."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A file as it stands in the list.

    Attributes:
        used_by: Topics that name it, and campaigns that are not over.
    """

    file: FileLine
    used_by: tuple[str, ...]

    @property
    def may_go(self) -> bool:
        """Whether nothing is known to need it: of products nobody knows what they will name."""
        return not self.used_by and not self.file.added_by.startswith(MADE_BY_PRODUCTS)


def shown() -> list[Shown]:
    """The files that were kept last."""
    with database().begin() as tx:
        uses = using(tx)
        return [Shown(one, uses.get(one.key, ())) for one in tx.run(files.newest(MOST))]


def using(tx: SyncTransaction) -> dict[str, tuple[str, ...]]:
    """File to what names it."""
    return users(tx.run(catalog.topics()).values(), tx.run(files_in_use()))
