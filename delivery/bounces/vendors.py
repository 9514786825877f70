"""What single receivers mean by their codes and words, asked before every general rule.

A row applies when all three of its patterns are found: `where` in the hosts that speak (domain of
the recipient, the remote and the reporting server, hosts named in the text), `status` in "reply
code, space, enhanced code" ("-" for an absent one; a shell pattern), `words` in the text, which is
in lower case. Add a row with its source; put the narrower one first.
"""

import re
from fnmatch import fnmatchcase
from typing import NamedTuple

from delivery.bounces.reports import Reason

_GOOGLE = r"google|gmail"
_MICROSOFT = r"outlook|hotmail|live\.com|msn\.com|microsoft|office365|exchangelabs"
_YAHOO = r"yahoo|aol\.|ymail|verizonmedia"
_APPLE = r"icloud|apple\.|\bme\.com|mac\.com"
_FRANCE = r"orange\.|wanadoo|laposte|sfr\.|free\.fr|bbox\.|voila\.fr|numericable|noos\.fr"
_CHINA = r"qq\.com|foxmail|tencent|163\.com|126\.com|netease|yeah\.net|sina\.|sohu\."
_JAPAN = r"docomo|ezweb|au\.com|kddi|softbank|vodafone|willcom|dion\.ne|auone"
_COMCAST = r"comcast|charter|cox\.net|spectrum|rr\.com"
_ANY = r""


class Rule(NamedTuple):
    """One thing one receiver says."""

    where: str
    status: str
    words: str
    reason: Reason


RULES: tuple[Rule, ...] = (
    # Google: support.google.com/a/answer/3726730; X.7.27 is SPF there, null MX at IANA.
    Rule(_GOOGLE, "* ?.7.2[4567]", r"", Reason.POLICY),
    Rule(_GOOGLE, "* ?.7.28", r"", Reason.REPUTATION),
    Rule(_GOOGLE, "* ?.7.0", r"its content|security issue|virus", Reason.CONTENT),
    Rule(_GOOGLE, "* ?.7.1", r"not rfc \d+ compliant|multiple addresses", Reason.CONTENT),
    Rule(_GOOGLE, "* ?.2.1", r"disabled|inactive", Reason.INACTIVE),
    Rule(_GOOGLE, "* ?.2.1", r"receiving mail (?:at a rate|too quickly)", Reason.TRANSIENT),
    Rule(_GOOGLE, "* *", r"code nxdomain|domain name not found", Reason.BAD_DOMAIN),
    Rule(_GOOGLE, "* *", r"spam classification", Reason.REPUTATION),
    # A group there refuses whoever may not post, in the language of its owner.
    Rule(r"googlegroups", "* *", r"", Reason.POLICY),
    # Facebook tells its codes at postmaster.facebook.com/response_codes
    Rule(_ANY, "* *", r"\brcp-p1\b", Reason.INVALID_RECIPIENT),
    Rule(_ANY, "* *", r"\brcp-p\d\b|recipient preferences", Reason.REFUSED),
    # Microsoft: learn.microsoft.com, "Non-delivery reports in Exchange Online". There 5.1.10 is an
    # unknown recipient (null MX at IANA), and 5.4.1 the directory's answer to unknown ones.
    Rule(
        _ANY,
        "* ?.1.10",
        r"recipientnotfound|recipient not found|not found by smtp address",
        Reason.INVALID_RECIPIENT,
    ),
    Rule(_MICROSOFT, "* ?.1.10", r"", Reason.INVALID_RECIPIENT),
    Rule(_ANY, "* 5.4.1", r"recipient address rejected: access denied", Reason.INVALID_RECIPIENT),
    Rule(
        _ANY,
        "* *",
        r"resolver\.adr\.\w*recip\w*notfound|resolver\.adr\.exrecipnotfound",
        Reason.INVALID_RECIPIENT,
    ),
    Rule(
        _ANY, "* *", r"resolver\.rst\.\w*size|message too large for this recipient", Reason.CONTENT
    ),
    Rule(_ANY, "* *", r"resolver\.rst\.|notauthorized|restricttorecipients", Reason.POLICY),
    Rule(_ANY, "* *", r"storedrv\.deliver[^ ]*[ ;].{0,60}quota|mailbox is full", Reason.QUOTA),
    Rule(_MICROSOFT, "* ?.2.12[12]", r"", Reason.TRANSIENT),
    Rule(_MICROSOFT, "* ?.4.310", r"", Reason.BAD_DOMAIN),
    Rule(_MICROSOFT, "* 5.7.6[0-4]?", r"", Reason.REPUTATION),
    Rule(_MICROSOFT, "* 5.7.51[13]", r"", Reason.REPUTATION),
    Rule(_MICROSOFT, "* 4.7.[5-8]??", r"", Reason.REPUTATION),
    Rule(_MICROSOFT, "* *", r"\bs(?:3140|3150|775)\b|block list \(", Reason.REPUTATION),
    Rule(_ANY, "* 5.7.1[24]?", r"", Reason.POLICY),
    # Yahoo, AOL: senders.yahooinc.com/smtp-error-codes
    Rule(
        _ANY,
        "* *",
        r"\bdd (?:this user doesn't|not a valid recipient|"
        r"requested mail action aborted, mailbox not found|sorry, your message to)",
        Reason.INVALID_RECIPIENT,
    ),
    Rule(_YAHOO, "* *", r"\[?ts[s]?\d\d\]?|user complaints|unusual traffic", Reason.REPUTATION),
    Rule(_YAHOO, "554 5.7.9", r"", Reason.POLICY),
    # Apple tells its codes at support.apple.com/102198
    Rule(_APPLE, "* *", r"\[?cs01\]?", Reason.CONTENT),
    Rule(_APPLE, "* *", r"\[?hm0[78]\]?", Reason.REPUTATION),
    Rule(_APPLE, "* 5.7.0", r"blocked", Reason.REPUTATION),
    # French providers share a table of codes, told at postmaster.orange.fr and by La Poste.
    Rule(_FRANCE, "* *", r"\b(?:ofr|lpn)\w{0,3}[_ ](?:416|418)\b", Reason.INVALID_RECIPIENT),
    Rule(_FRANCE, "* *", r"\b(?:ofr|lpn)\w{0,3}[_ ](?:417|402)\b", Reason.INACTIVE),
    Rule(_FRANCE, "* *", r"\b(?:ofr|lpn)\w{0,3}[_ ](?:10\d|50\d|51\d)\b|\bspam", Reason.REPUTATION),
    # Tencent, NetEase: their help pages, by code in the text.
    Rule(_CHINA, "* *", r"unavailable or access denied|user suspended", Reason.INACTIVE),
    Rule(
        _CHINA,
        "* *",
        r"\b(?:dt|mi|hl|ct):\w+|mail content denied|frequency limited|ip frequency",
        Reason.REPUTATION,
    ),
    # Japanese carriers answer "unknown user" after DATA when a subscriber's own filter refused;
    # what the transcript says is judged by its stage (judging.py), what their notes say is here.
    Rule(_JAPAN, "* *", r"account is disabled|suspend", Reason.INACTIVE),
    Rule(_JAPAN, "* *", r"mailbox is full", Reason.QUOTA),
    # Comcast and its neighbours: postmaster.comcast.net/smtp-error-codes
    Rule(_COMCAST, "* *", r"\b(?:bl|rl)0{3}\d+\b", Reason.REPUTATION),
    Rule(_COMCAST, "* *", r"ptr record|reverse dns", Reason.POLICY),
    # Amazon SES refuses for addresses it remembers.
    Rule(
        r"amazonses|amazonaws",
        "* *",
        r"suppressed sending|suppression list",
        Reason.INVALID_RECIPIENT,
    ),
)

_COMPILED = tuple(
    (re.compile(rule.where), rule.status, re.compile(rule.words), rule.reason) for rule in RULES
)


def vendor_reason(hosts: str, status: str, words: str) -> Reason | None:
    """What the receiver that says this means by it, when it has words of its own."""
    return next(
        (
            reason
            for where, pattern, said, reason in _COMPILED
            if where.search(hosts) and fnmatchcase(status, pattern) and said.search(words)
        ),
        None,
    )
