"""What is said about the way: domains, connections, servers, times."""

LATER = (
    r"gr[ea]y-?_? ?list",
    r"unverified address",
    r"could not be verified",
    r"verification (?:in progress|pending)",
    (
        r"(?:mailbox|user|account|recipient|"
        r"address) (?:\S+ ){0,4}?(?:temporar\w+ (?:un|not|reject)|busy|in use|"
        r"locked by)"
    ),
    r"name server (?:error|timeout|failure)",
    r"malformed or unexpected name server",
    r"\bserver failure",
    r"servfail",
    r"(?:temporary|transient) (?:\S+ ){0,3}?(?:lookup|resolution|dns|failure in name)",
    r"host not found, try again",
    r"no relevant answers",
    r"domain (?:\S+ ){0,3}?temporarily",
)

NO_DOMAIN = (
    r"nxdomain",
    (
        r"(?:no such|unknown|invalid|bad|nonexistent|non-existent|illegal|"
        r"unresolvable|unrouteable|unroutable) (?:\S+ )?(?:domain|host|fqdn|"
        r"mail domain)"
    ),
    (
        r"(?:domain|"
        r"host)(?: name)?(?: or domain)?(?: name)? (?:\S+ ){0,4}?(?:not (?:be "
        r")?(?:found|"
        r"exist|known|resolv)|unknown|(?:does|do)(?: not|n't) exist|isn't|invalid|"
        r"is not reachable|must exist|lookup failed|couldn't be found)"
    ),
    r"unrouteable address",
    r"unroutable (?:mail )?(?:domain|address)",
    r"all (?:relevant )?(?:mx|host)\S* (?:\S+ ){0,6}?(?:non-existent|permanently)",
    r"name or service not known",
    (
        r"(?:couldn't|could not|cannot|can't|unable to) (?:find|resolve|"
        r"locate) (?:\S+ ){0,3}?(?:mail exchanger|host|domain|mx)"
    ),
    r"no (?:valid )?(?:mx|mail exchanger|mail server|mail host)(?: record)?s?\b",
    r"null ?mx",
    r"(?:not|never) (?:\S+ ){0,2}?accepts? (?:any )?(?:e-?mail|mail) (?:for|at all|here)",
    (
        r"(?:domain|host|server|system) (?:\S+ ){0,2}?(?:does(?: not|n't)|"
        r"will not|never) accepts? (?:any )?(?:e-?mail|mail|messages)"
    ),
    r"(?:recipient|email|mail) domain (?:\S+ ){0,3}?(?:unknown|not|invalid)",
    r"домен \S* ?не",
    r"域名.{0,4}(?:不存在|无效)",
)

PROTOCOL = (
    r"syntax error",
    r"command (?:\S+ ){0,3}?(?:not|unrecogni|unknown|reject|out of)",
    (
        r"(?:bad|unrecogni[sz]ed|unknown|invalid) (?:\S+ )?(?:command|sequence|"
        r"argument|parameter)"
    ),
    r"protocol error",
    r"out of sequence",
    r"smtputf8",
    r"not implemented",
)

ROAD = (
    r"time[ds]?[- ]?out",
    r"expired",
    r"too long",
    r"connect(?:ion)? (?:\S+ ){0,3}?(?:refused|reset|lost|dropped|fail|closed|aborted)",
    r"connection",
    r"unreachable",
    r"no route to",
    r"network (?:error|is|problem)",
    r"giving up",
    r"max\w* (?:time|retr|hop)",
    r"retr(?:y|ies)",
    r"loop",
    r"too many hops",
    r"hop count",
    r"temporar",
    r"try again",
    r"try later",
    r"later",
    r"defer",
    r"resources",
    r"system (?:error|fail|not|problem|busy)",
    r"internal (?:server )?error",
    r"i/o error",
    r"service (?:\S+ ){0,2}?(?:unavail|not avail)",
    r"queue file",
    r"local error",
    r"configuration",
    r"unable to (?:connect|deliver)",
    r"did not accept our requests",
    r"server (?:busy|error|down|unavail|not)",
    r"dns",
)
