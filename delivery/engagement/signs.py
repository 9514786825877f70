"""What one request for a pixel or a counted link gives away of who makes it. Pure.

The user agents are those that mail proxies, security gateways and link previews announce
themselves with; what announces nothing is judged by its timing, in `delivery.engagement.judging`.
"""

import hmac
import re
from collections.abc import Mapping
from datetime import date
from enum import Enum
from ipaddress import IPv6Address, ip_address, ip_network

from models.records import By


class Sign(Enum):
    """What tells who it is: its code is kept, its sentence is shown.

    Attributes:
        by: Who that means.
        sentence: What people read.
    """

    NOTHING = ("", By.PERSON, "Nothing speaks against a person.")
    HEAD = ("head", By.SCANNER, "It asked for the headers alone, as programs do.")
    AHEAD = ("ahead", By.PREFETCH, "A browser fetched it ahead.")
    GOOGLE = ("google", By.PROXY, "Gmail's image proxy.")
    YAHOO = ("yahoo", By.PROXY, "Yahoo's image proxy.")
    APPLE = ("apple", By.PREFETCH, "Apple Mail Privacy Protection, which fetches every image.")
    MICROSOFT = ("microsoft", By.SCANNER, "Microsoft's Safe Links or a preview of Bing's.")
    GATEWAY = ("gateway", By.SCANNER, "A mail security gateway.")
    PREVIEW = ("preview", By.SCANNER, "A chat or social network makes a preview of it.")
    CLIENT = ("client", By.SCANNER, "A program, no browser.")
    BOT = ("bot", By.SCANNER, "It calls itself a robot.")
    NO_AGENT = ("no_agent", By.SCANNER, "It does not say what it is, as browsers do.")
    TOO_SOON = ("too_soon", By.SCANNER, "No person is that fast after the mail was handed over.")
    FETCHED = ("fetched", By.PREFETCH, "Fetched as soon as the mail was handed over.")
    BURST = ("burst", By.SCANNER, "It followed several links within two seconds.")
    SWEEP = ("sweep", By.SCANNER, "Several links were followed as soon as it was handed over.")
    COMPANY = ("company", By.SCANNER, "A program did the same from there at that moment.")

    def __init__(self, code: str, by: By, sentence: str) -> None:
        self.code = code
        self.by = by
        self.sentence = sentence


BY_CODE: Mapping[str, Sign] = {sign.code: sign for sign in Sign}

_GATEWAYS = (
    r"Barracuda|Proofpoint|Mimecast|Cloudmark|FireEye|IronPort|MessageLabs|Symantec|TrendMicro"
    r"|Sophos|SpamTitan|ZScaler|Bitdefender|Forcepoint"
)
_PREVIEWS = (
    r"Slackbot|facebookexternalhit|Twitterbot|LinkedInBot|WhatsApp|TelegramBot|Discordbot"
    r"|Iframely|Embedly"
)
_CLIENTS = (
    r"\A(?:curl|wget|python|go-http|java|okhttp|libwww|perl|ruby|php|node|axios|apache-http"
    r"|postman)|HeadlessChrome|PhantomJS"
)
_AGENTS: tuple[tuple[re.Pattern[str], Sign], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), sign)
    for pattern, sign in (
        (r"GoogleImageProxy", Sign.GOOGLE),
        (r"YahooMailProxy", Sign.YAHOO),
        (r"\AMozilla/5\.0\s*\Z", Sign.APPLE),
        (r"BingPreview|SafeLinks|Microsoft-?Preview|SkypeUriPreview", Sign.MICROSOFT),
        (_GATEWAYS, Sign.GATEWAY),
        (_PREVIEWS, Sign.PREVIEW),
        (_CLIENTS, Sign.CLIENT),
        (r"bot\b|crawl|spider|scanner|monitor", Sign.BOT),
    )
)
_AHEAD_HEADERS = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_AHEAD = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)


def seen(method: str, headers: Mapping[str, str]) -> Sign:
    """What a request gives away.

    Args:
        method: HTTP method.
        headers: By lower-case name.
    """
    agent = headers.get("user-agent", "").strip()
    if method == "HEAD":
        return Sign.HEAD
    if any(_AHEAD.search(headers.get(name, "")) for name in _AHEAD_HEADERS):
        return Sign.AHEAD
    if not agent:
        return Sign.NO_AGENT
    return next((sign for pattern, sign in _AGENTS if pattern.search(agent)), Sign.NOTHING)


def source_of(host: str, day: date, key: bytes) -> str:
    """Where a request came from, so that requests can be told together and nobody be found again.

    The network (/24 of IPv4, /48 of IPv6) under a key that is another one each day.

    Returns:
        16 hexadecimal digits; nothing where the host is no IP address.
    """
    try:
        address = ip_address(host)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    network = ip_network((address, 48 if address.version == 6 else 24), strict=False)  # noqa: PLR2004 - RFC 8200
    return hmac.digest(key, f"{day} {network}".encode(), "sha256")[:8].hex()
