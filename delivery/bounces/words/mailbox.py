"""What is said about the mailbox: full, gone, closed, unknown, unwilling."""

from delivery.bounces.words.nouns import BOX, NOT

FULL = (
    (
        r"(?:over|exceed\w*|out of|beyond|reached) (?:\S+ ){0,4}?(?:quota|storage|"
        r"allocat\w+|disk)"
    ),
    r"(?:over|disk) ?-?quota",
    r"quota (?:\S+ ){0,3}?(?:exceed|full|reach|overflow|limit|violat)",
    rf"{BOX} (?:\S+ ){{0,6}}?(?:full\b|over ?flow|overloaded|over limit|over ?quota)",
    r"(?:full|overfull) (?:mail ?box|inbox|account)",
    r"mail ?box_?full",
    r"mail ?box (?:size|limit) ",
    r"insufficient (?:\S+ ){0,2}?(?:storage|space|disk)",
    r"no space left",
    r"too many messages (?:in|on|stored)",
    r"not enough (?:\S+ ){0,2}?(?:storage|space|disk|room)",
    r"(?:storage|space) (?:\S+ ){0,3}?(?:full|exceeded)",
    r"exceeded (?:\S+ ){0,3}?(?:mailbox|inbox)",
    r"mail file size",
    r"(?:mail ?box|inbox|account) (?:\S+ ){0,2}?exceed",
    r"postfach (?:\S+ ){0,3}?voll",
    r"bo.te (?:\S+ ){0,5}?pleine",
    r"buz.n (?:\S+ ){0,5}?llen",
    r"cuota",
    r"casella (?:\S+ ){0,5}?piena",
    r"caixa (?:\S+ ){0,5}?chei",
    r"ящик \w* ?(?:переполнен|заполнен)",
    r"переполнен",
    r"メールボックス.{0,20}(?:一杯|いっぱい|満|容量|超)",
    r"容量.{0,10}超",
    r"邮箱.{0,4}满",
    r"空间不足",
    r"已满",
)

MOVED = (
    r"(?:has|have|is) (?:\S+ ){0,2}?(?:moved|relocated) (?:to|away|;)",
    r"has been replaced by",
    r"new (?:e-?mail )?address(?: is|:)",
    r"user not local; please try",
    r"please (?:use|update) (?:\S+ ){0,4}?(?:new|following) address",
    r"address (?:has )?(?:been )?changed",
    r"no longer (?:at|with) this (?:company|organi|address)",
)

INACTIVE = (
    (
        rf"{BOX}(?:\(?s\)?)? (?:\S+ ){{0,5}}?(?:disabled|suspend|inactive|"
        rf"in-active|deactivat|de-activat|locked|blocked by admin|expired|closed|"
        rf"cancel+ed|terminated|discontinued|frozen|dormant|abandoned|archived|"
        rf"not (?:been )?activ)"
    ),
    (
        r"\b(?:disabled|suspended|inactive|deactivated|expired|closed|locked|"
        r"terminated|discontinued|dormant|archived) (?:\S+ ){0,2}?(?:user|"
        r"recipient|mail ?box|account|address|e-?mail)"
    ),
    r"disableduser",
    r"(?:account|mailbox|user) (?:is )?(?:on hold|unavailable or access denied)",
    r"has not logged in",
    r"vacation deactivated",
    r"(?:заблокирован|отключен|неактив)\w*",
    r"帐号.{0,6}(?:停|禁|冻)",
    r"停止",
    r"無効",
)

NOBODY = (
    (
        rf"(?:unknown|no such|invalid|non-?existent|bad|undefined|unrecognized|"
        rf"unresolvable|illegal|wrong|incorrect|not a (?:valid|known|local)|"
        rf"not an active) (?:\S+ ){{0,2}}?{BOX}"
    ),
    (
        rf"{BOX}(?:\(?s\)?)?(?: name)? (?:\S+ ){{0,6}}?(?:unknown|"
        rf"{NOT} (?:be )?(?:a )?(?:found|known|exist\w*|recogni[sz]ed|listed|"
        rf"local|valid|here|present|registered|ok\b)|(?:does|do|did|doesn't|"
        rf"don't)(?: not)? (?:exist|have)|doesn't|wasn't found|couldn't be found|"
        rf"no longer (?:\S+ )?(?:exist|valid|avail|accept|in use|active|on)|"
        rf"was not found|is invalid|invalid)"
    ),
    r"mail ?box (?:is )?(?:unavailable|not available)",
    r"(?:user|recipient|account|address) (?:is )?(?:unavailable|undeliverable)",
    (
        r"no (?:one|account|mail ?box|mailhost|user|recipient|"
        r"person)\b (?:\S+ ){0,4}?(?:by that|with that|here|at this|at that|"
        r"available|found|named)"
    ),
    r"no mail ?box\b",
    r"bad ?rcpt ?to",
    r"badrecip",
    r"nosuchuser",
    r"recip\w*notfound",
    r"not our customer",
    r"not listed in",
    r"not in (?:\S+ ){0,4}?(?:directory|table|database)",
    r"no valid (?:recipient|address)",
    r"recipient address rejected: access denied",
    r"(?:recipient|user) (?:\S+ ){0,3}?not (?:be )?(?:unique|resolved)",
    r"can't accept user",
    r"name directory",
    r"unbekannt",
    r"existiert nicht",
    r"nicht gefunden",
    r"n'existe pas",
    r"inconnu",
    r"introuvable",
    r"destinataire\w* (?:\S+ ){0,2}?invalide",
    r"no existe",
    r"desconocid",
    r"inexist",
    r"n.o (?:existe|encontrad)",
    r"non esiste",
    r"sconosciut",
    r"не существует",
    r"не найден",
    r"не зарегистрирован",
    r"несуществующ",
    r"(?:宛先|アドレス|ユーザ).{0,20}(?:不明|見つかり|存在し|ありません|みつかり|確認)",
    r"(?:用户|收件人|邮箱|地址|帐号).{0,8}(?:不存在|无效|未找到)",
    r"无此用户",
)

REFUSED = (
    r"unavailable to take delivery",
    (
        r"(?:user|recipient|customer|addressee)(?:'s)? (?:\S+ ){0,3}?(?:rejects|"
        r"refus|prefer|filter|rules?\b|declin|only accept)"
    ),
    (
        r"(?:blocked|refused|rejected|filtered) (?:\S+ ){0,2}?by (?:the )?(?:user|"
        r"recipient|customer|owner)"
    ),
    r"not accepting (?:any )?(?:mail|messages)",
    r"not (?:\S+ ){0,3}?accept(?:ing)? (?:\S+ ){0,3}?from you",
    r"message filtered",
    r"protected by",
    r"受信拒否",
    r"拒否",
)
