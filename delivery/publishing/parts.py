"""Which part of a template a problem is about: its message begins with the part's name."""

from delivery.publishing.material import PARTS


def parted(message: str) -> tuple[str, str]:
    """The part, and what is said of it; of the source where no other part is named."""
    name, colon, said = message.partition(": ")
    return (name, said) if colon and name in PARTS else ("source", message)
