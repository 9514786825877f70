"""The bundled Postgres: found, created, started on demand and shared by our processes.

    server.py     ensure_running(data_dir) -> Server: the only thing the rest of Tidings calls
    binaries.py   where `postgres` is, and which account may run it
    cluster.py    the files under the data directory, and how a cluster is made
    keeper.py     the small process that owns the server while anybody uses it

Who owns the server: nobody who uses it. Every process that called `ensure_running` holds a
shared file lock; a detached keeper waits for the exclusive one, which it gets when the last
user has ended, in whatever way it ended, and then stops Postgres. So `tidings sql` alone starts
and stops it, `make up` keeps it for as long as it lives, and either may die first. A killed
Postgres is started again by its keeper; after a killed keeper, by the next `ensure_running`.
"""

from models.embedded.binaries import BundledPostgresError, find_binaries
from models.embedded.server import Server, ensure_running

__all__ = ["BundledPostgresError", "Server", "ensure_running", "find_binaries"]
