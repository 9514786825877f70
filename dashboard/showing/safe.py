"""Text that came from outside, made so that nothing in it is taken for Markdown. Pure.

A name such as `![](https://example.com/x.png)` would otherwise become a picture that the
browser fetches. `st.dataframe`, `st.code`, `st.text` and `st.json` show text as it is.
"""

import string

_ESCAPED = str.maketrans({sign: f"\\{sign}" for sign in string.punctuation})


def plain(text: str) -> str:
    """The text on one line; every sign of punctuation is just that (CommonMark, section 2.4).

    An address that is written out still becomes a link, one that says where it leads.
    """
    return " ".join(text.split()).translate(_ESCAPED)


def code(text: str) -> str:
    """The text in the monospaced face; in the ordinary one where it cannot be fenced."""
    return plain(text) if "`" in text or not text.strip() else f"`{' '.join(text.split())}`"
