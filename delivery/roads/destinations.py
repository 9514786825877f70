"""Which receiving system an address belongs to: the groups that limits and charts speak of."""

_GROUPS: dict[str, tuple[str, ...]] = {
    "google": ("gmail.com", "googlemail.com"),
    "microsoft": ("outlook.com", "hotmail.com", "live.com", "msn.com", "office365.com"),
    "yahoo": ("yahoo.com", "ymail.com", "rocketmail.com", "aol.com", "yahoo.co.uk", "yahoo.co.jp"),
    "icloud": ("icloud.com", "me.com", "mac.com"),
    "orange": ("orange.fr", "wanadoo.fr"),
    "gmx": ("gmx.de", "gmx.net", "gmx.com", "web.de"),
    "proton": ("proton.me", "protonmail.com", "pm.me"),
    "mailru": ("mail.ru", "bk.ru", "inbox.ru", "list.ru"),
    "qq": ("qq.com", "foxmail.com"),
}
_GROUP_OF = {domain: group for group, domains in _GROUPS.items() for domain in domains}
# Nobody can have an address under .example (RFC 2606): there `gmail.example` stands for Gmail, so
# that a demonstration's charts look like a day's without a mail that could reach anybody.
_GROUP_OF |= {f"{domain.partition('.')[0]}.example": group for domain, group in _GROUP_OF.items()}

OTHER = "other"
"""Everybody else's servers together: a chart of every domain would be no chart."""


def destination_of(address: str) -> str:
    """The group of a mail address; `other` for domains without one."""
    return _GROUP_OF.get(address.rpartition("@")[2].lower(), OTHER)
