"""`tidings console`: the web console, in a process of its own."""

import os
import sys


def command(port: int | None = None, host: str = "127.0.0.1") -> list[str]:
    """What starts the console's server, for whoever runs it beside other services."""
    chosen = [] if port is None else ["--port", str(port)]
    return [sys.executable, "-m", "dashboard", "--host", host, *chosen]


def console(port: int | None = None, host: str = "127.0.0.1") -> None:
    """Serve the console until stopped."""
    arguments = command(port, host)
    os.execv(arguments[0], arguments)  # noqa: S606 - our own module takes this process over
