"""What RFC 3463 codes (IANA's registry) and bare reply codes mean. Extend the tables."""

from delivery.bounces.reports import Reason

FIRM: tuple[tuple[str, Reason], ...] = (
    # Shell pattern and reason; these codes say it better than most texts do.
    ("?.1.1", Reason.INVALID_RECIPIENT),
    ("?.1.2", Reason.BAD_DOMAIN),
    ("?.1.3", Reason.INVALID_RECIPIENT),
    ("?.1.4", Reason.INVALID_RECIPIENT),
    ("?.1.6", Reason.MOVED),
    ("?.1.[78]", Reason.POLICY),  # about the sender's address
    ("?.1.10", Reason.BAD_DOMAIN),  # null MX, RFC 7505
    ("?.2.2", Reason.QUOTA),
    ("?.2.3", Reason.CONTENT),
    ("?.3.1", Reason.QUOTA),
    ("?.3.4", Reason.CONTENT),
    ("?.4.[1257]", Reason.TRANSIENT),
    ("?.4.6", Reason.TRANSIENT),
    ("?.6.*", Reason.CONTENT),
    ("?.7.13", Reason.INACTIVE),
    ("?.7.17", Reason.INACTIVE),  # the mailbox has another owner now, RFC 7293
    ("?.7.18", Reason.INACTIVE),  # the domain has
    ("?.7.28", Reason.REPUTATION),
    ("?.7.*", Reason.POLICY),
)

OVERRULED: dict[Reason, frozenset[Reason]] = {
    # A firm code yields to words that say these: many servers write 5.1.1 or 5.7.1 for everything.
    Reason.INVALID_RECIPIENT: frozenset(
        {Reason.QUOTA, Reason.POLICY, Reason.REPUTATION, Reason.MOVED}
    ),
    Reason.BAD_DOMAIN: frozenset({Reason.TRANSIENT, Reason.POLICY}),
    Reason.POLICY: frozenset({Reason.REPUTATION, Reason.CONTENT, Reason.INACTIVE, Reason.QUOTA}),
    Reason.TRANSIENT: frozenset({Reason.QUOTA, Reason.REPUTATION, Reason.BAD_DOMAIN}),
    Reason.CONTENT: frozenset({Reason.REPUTATION}),
}

WEAK: tuple[tuple[str, Reason], ...] = (
    # Asked when neither a firm code nor the words said anything.
    ("?.1.0", Reason.INVALID_RECIPIENT),
    ("?.1.9", Reason.TRANSIENT),
    ("?.2.1", Reason.INACTIVE),
    ("?.2.*", Reason.REFUSED),
    ("?.3.*", Reason.TRANSIENT),
    ("5.4.4", Reason.BAD_DOMAIN),
    ("?.4.*", Reason.TRANSIENT),
    ("?.5.*", Reason.PROTOCOL),
)

REPLIES: tuple[tuple[str, Reason], ...] = (
    # Reply codes alone, RFC 5321 4.2.2; the last resort.
    ("452", Reason.QUOTA),
    ("552", Reason.QUOTA),
    ("4??", Reason.TRANSIENT),
    ("50?", Reason.PROTOCOL),
    ("521", Reason.BAD_DOMAIN),
    ("556", Reason.BAD_DOMAIN),
    ("53?", Reason.POLICY),
    ("551", Reason.MOVED),
)

DERIVED: dict[Reason, str] = {
    # The code a reason would have had, behind its class.
    Reason.INVALID_RECIPIENT: "1.1",
    Reason.BAD_DOMAIN: "1.2",
    Reason.MOVED: "1.6",
    Reason.INACTIVE: "2.1",
    Reason.QUOTA: "2.2",
    Reason.REFUSED: "2.0",
    Reason.TRANSIENT: "4.0",
    Reason.POLICY: "7.1",
    Reason.REPUTATION: "7.28",
    Reason.CONTENT: "6.0",
    Reason.PROTOCOL: "5.0",
}

SYSEXITS: dict[str, str] = {
    # What a local program exits with (sysexits.h), as sendmail reports it: `x-unix; 67`.
    "65": "5.6.0",
    "67": "5.1.1",
    "68": "5.1.2",
    "69": "5.3.0",
    "71": "4.3.0",
    "73": "5.2.0",
    "74": "4.3.0",
    "75": "4.3.0",
    "77": "5.7.0",
}
