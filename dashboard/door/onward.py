"""Where one goes after signing in: to a page of this console, and nowhere else. Pure."""


def safe_next(target: str) -> str:
    """The target when it is a path on this console, else the first page."""
    inside = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if inside and "\\" not in target and target.isprintable() else "/"
