"""`python -m dashboard`: the console's server."""

import argparse
import os
import sys

from dashboard import settings
from dashboard.app import app


def main() -> None:
    """Serve the console until stopped."""
    parser = argparse.ArgumentParser(prog="tidings console", description=main.__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=None, help="port to listen on")
    options = parser.parse_args()
    try:
        port = settings.delivery().console_port if options.port is None else options.port
        settings.secret()  # a missing key is told now, not at the first sign-in
    except ValueError as error:
        sys.exit(f"tidings console: {error}")
    # The server takes over what these proxies say of the client and of HTTPS; it reads it here.
    os.environ["FORWARDED_ALLOW_IPS"] = settings.door().trusted_proxies  # noqa: TID251
    quiet = {"logger.hideWelcomeMessage": True, "logger.level": "warning"}
    app.run(config={"server.address": options.host, "server.port": port, **quiet})


if __name__ == "__main__":
    main()
