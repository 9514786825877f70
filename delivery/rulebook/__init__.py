"""The installation-wide rules: reading and writing their document, and saying them. Pure."""

from delivery.rulebook.document import RulebookError, parse_toml, read, read_toml
from delivery.rulebook.newest import newest_sound
from delivery.rulebook.picks import picked
from delivery.rulebook.sentences import sentence

__all__ = ["RulebookError", "newest_sound", "parse_toml", "picked", "read", "read_toml", "sentence"]
