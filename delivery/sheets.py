"""Cells of CSV files that spreadsheets open: none of them is taken for a formula. Pure.

A cell that begins with one of these signs is a formula to a spreadsheet, whoever wrote it there
(OWASP, "CSV Injection"). An apostrophe before it makes it text.
"""

_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")


def guarded(text: str) -> str:
    """A cell as it is written."""
    return f"'{text}" if text.startswith((*_SIGNS, "'")) else text


def unguarded(cell: str) -> str:
    """A cell as it was meant, when one of ours is read again."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_SIGNS, "'")) else cell
