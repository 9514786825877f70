"""What is said about the sender and the message: rules, checks, standing, content."""

from delivery.bounces.words.nouns import FEW

SENDER = (
    r"sender (?:e-?mail )?(?:address|domain|host|verif|ip|not|id|den|rej|unkn|inv|is )",
    r"sender's",
    r"(?:domain|address) of (?:the )?sender",
    r"(?:bad|invalid|unknown|fake|forged) (?:sender|from|return|reverse)",
    r"(?:envelope|header)[- ](?:from|sender)",
    r"return[- ]path",
    r"mail from(?: command)? (?:is |was |re|den|domain)",
    r"valid from",
    r"\bfrom: (?:domain|address|header)",
    r"you are not (?:a )?(?:member|allowed|permitted|subscribed)",
    r"not (?:a )?(?:member|subscriber)s? of",
    r"(?:members?|subscribers?)[ -]only",
    r"closed (?:list|group)",
    r"relay(?:ing)? (?:\S+ ){0,3}?(?:denied|not|prohibited|disallowed|access|rejected)",
    r"(?:cannot|not|no|unable to|don't|through \S+ \S+) relay",
    r"(?:reverse|inverse) (?:dns|lookup|name)",
    r"\brdns\b",
    r"\bptr\b",
    r"\bhelo\b",
    r"\behlo\b",
    r"forward-confirmed",
    r"\bspf\b",
    r"\bdkim\b",
    r"\bdmarc\b",
    r"sender policy framework",
    r"unauthenticated",
    r"authenticat(?:ion|e) (?:\S+ ){0,2}?(?:require|fail|first|check)",
    r"(?:smtp|turn on|requires?|must|without) (?:\S+ ){0,2}?auth",
    r"starttls",
    r"must issue",
    r"encryption (?:required|needed)",
)

RULES = (
    r"\bpolic(?:y|ies)",
    r"administrat\w+ (?:prohibit|block|den|reject)",
    r"prohibit",
    r"not (?:be )?(?:authori[sz]ed|permitted|allowed|acceptable)",
    r"access denied",
    r"permission",
    r"restricted",
    r"security",
    r"moderat",
    r"unauthori[sz]ed",
    r"disallow",
    r"verboten",
    r"not welcome",
)

STANDING = (
    r"\bspam",
    r"\bube\b",
    r"\buce\b",
    r"\bjunk",
    r"unsolicited",
    r"\bbulk\b",
    r"black-? ?list",
    r"block-? ?list",
    r"deny-? ?list",
    r"\bdnsbl\b",
    r"\brbls?\b",
    r"\bxbl\b",
    r"\bpbl\b",
    r"\bsbl\b",
    r"reputation",
    r"\babus",
    r"complain",
    r"listed (?:in|by|on|at)",
    (
        r"(?:ip|host|client|server|network|address|"
        r"connection) (?:\S+ ){0,4}?(?:is |was |been )?(?:blocked|banned|"
        r"blacklisted|block list)"
    ),
    r"(?:blocked|banned|refused) (?:\S+ ){0,3}?(?:ip|host|using|by|network|address)",
    r"blocked (?:connection|senders?)",
    r"invalid ip",
    r"phish",
    r"malicious",
    r"suspicious",
    r"senderscore",
    r"score",
    (
        r"too many (?:\S+ ){0,2}?(?:connections|messages|mails|e-?mails|"
        r"recipients|errors|invalid|requests|sessions)"
    ),
    r"rate[- ]?limit",
    r"(?:receiv|sen[dt])\w* (?:\S+ ){0,4}?(?:too (?:quick|fast)|rate)",
    r"throttl",
    r"unusual rate",
    r"limit(?:s)? (?:\S+ ){0,2}?exceeded",
    r"frequency",
)

TOO_LARGE = (
    (
        rf"(?:message|mail|data|file)(?:'s)? {FEW}(?:too (?:large|big)|"
        rf"size (?:exceed|limit|is))"
    ),
    r"(?:size|length) {0,1}(?:of )?(?:the )?(?:message|mail) ",
    r"message (?:size|length) (?:exceed|limit|of|too|larger)",
    r"exceed\w* {0,1}(?:\S+ ){0,4}message size",
    r"(?:big|large|long) message",
    r"maximum (?:message|mail) size",
    r"attachments? (?:too|exceed)",
)

CONTENT = (
    r"\bvirus",
    r"infected",
    r"malware",
    r"trojan",
    r"banned (?:content|file|attach)",
    r"attachment",
    r"(?:content|body|subject) (?:\S+ ){0,3}?(?:reject|block|den|not|filter|error)",
    r"(?:rejected|blocked|denied) (?:\S+ ){0,3}?(?:content|body)",
    r"because its content",
    r"\brfc ?-?\d+",
    r"8-?bit",
    r"malformed",
    r"badly formed",
    r"(?:bad|invalid|missing|duplicate|multiple|improper) (?:\S+ ){0,3}?header",
    r"header (?:\S+ ){0,3}?(?:missing|invalid|error|long)",
    r"\bmime\b",
    r"bare (?:lf|cr|line)",
    r"multiple addresses in",
    r"conversion",
    r"poison",
)
