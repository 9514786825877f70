"""By what a program's mail is known: senders, subjects, openings, marks. Extend the patterns."""

import re

DAEMON = re.compile(
    r"mailer[-_.]?daemon|mail[-_ ]?deliver|postmaster|mail (?:system|administrator|"
    r"transport|router)"
    r"|delivery (?:subsystem|system|agent|status)|mdaemon|\bmta\b|\bbounces?@|mail ?gate"
    r"|system administrator|content[- ]filter|no-?reply@\S*dion\.ne",
    re.IGNORECASE,
)
"""Who writes bounces, in From. Lists write as `name-bounces@` in Sender: no sign."""

ANSWER_SUBJECT = re.compile(r"\s*(?:re|aw|sv|antw|fwd?|wg|tr|rv)\s*:", re.IGNORECASE)
"""With which a person's mail about a bounce begins."""

BOUNCE_SUBJECT = re.compile(
    r"undeliver|un-?deliverable|returned (?:mail|message|to sender)|(?:delivery|"
    r"failure|failed) (?:status|notice|"
    r"notification|report|failure|error|delivery|mail|problem)|mail (?:delivery|"
    r"failure|system error|could not)"
    r"|(?:mail|message|delivery|sending) (?:\S+ ){0,3}?(?:failed|failure|delayed|"
    r"problem|blocked|rejected)"
    r"|non[- ]?(?:recapitabile|remis|delivery)|unzustellbar|nicht zustellbar|zustell|rejected mail|"
    r"could ?n[o']t (?:be )?deliver|not delivered|nondeliverable|"
    r"warning: (?:could not|message)|bounced?\b"
    r"|配信|不達|送信できません|エラーメール|未送達|не доставлено|退信|無法傳遞"
    r"|no se puede entregar|échec|"
    r"mancata consegna|considered unsolicited|you are not member|not (?:a )?member|"
    r"message you sent blocked",
    re.IGNORECASE,
)

OPENING = re.compile(
    r"(?:message was )?created automatically by mail delivery software|"
    r"this is the (?:qmail-\w+|mail system"
    r"|mail delivery agent|dragonfly|mailer-daemon|postfix|mail server)|"
    r"this is a delivery status notification"
    r"|(?:could not|cannot|couldn't|can't|was not able to|unable to|"
    r"not) (?:be )?deliver(?:ed|able)? (?:\S+ ){0,3}?to"
    r"|unable to deliver|delivery (?:\S+ ){0,3}?(?:has )?(?:failed|been delayed|"
    r"was aborted)|did not reach the following"
    r"|(?:had|have) (?:\S+ ){0,2}?(?:delivery (?:errors|problems)|fatal errors|"
    r"transient non-fatal)|transcript of session"
    r"|error occurred while (?:trying|attempting) to deliver|error delivering|"
    r"returned to sender|undeliverable"
    r"|automatically generated (?:delivery status|message from)|unknown user:|"
    r"your message could not be sent"
    r"|(?:message|mail|e-?mail) (?:\S+ ){0,4}?(?:was|were|"
    r"been) (?:\S+ ){0,3}?(?:returned|rejected|blocked|bounced|not delivered)"
    r"|you are not a member of this mailing list|the following address\S* (?:failed|"
    r"had)|配信できません|送信できません"
    r"|konnte nicht zugestellt|n'a pas pu être|no se ha podido entregar|не может быть доставлено",
    re.IGNORECASE,
)
"""A sentence with which mail systems begin."""

INTRODUCTION = re.compile(
    r"\W*(?:hi\. |hello, )?(?:this (?:message was created automatically by mail|"
    r"is the (?:mail system at|qmail|"
    r"james mail|mail delivery|dragonfly|mailer)|is (?:a delivery status|"
    r"an automatically generated delivery))"
    r"|this is a multi-?part message in mime|-+ ?(?:the following addresses had|"
    r"transcript of session)"
    r"|your (?:mail sent on:|message to the following recipients))",
    re.IGNORECASE,
)
"""The first words of mail systems that need no sender's name to be known."""

DELAYED = re.compile(
    r"warning message only|has been delayed|will be retried|(?:do not|"
    r"don't) need to resend|not yet been"
    r"|still (?:being retried|trying|undelivered)|delivery (?:\S+ )?delayed|\(delay|"
    r"delivery delay|warning: could not send"
    r"|will (?:continue|keep) (?:to )?try|transient non-fatal errors|nicht sofort|"
    r"temporarily delayed",
    re.IGNORECASE,
)
"""That they go on trying."""

ENDED = re.compile(
    r"permanent(?: fatal)? error|failed permanently|permanent failure|giving up|given up"
    r"|not going to try again|message expired|could not be delivered within",
    re.IGNORECASE,
)
"""That they do not, whatever else is said."""

COPY = re.compile(
    r"^[ \t>*#=_.-]*(?:"
    r"(?:below|included|enclosed|attached|here|following|this)(?: this line)? (?:is|"
    r"follows) (?:a|the) (?:copy|header|first|original|unsent|message|returned)"
    r"|(?:the )?(?:original|unsent|undelivered|returned|rejected|failed|"
    r"your) (?:message|mail|e-?mail)(?: headers?| text| body)?"
    r"(?: (?:follows|is attached|below|appears below|was as follows)[^\n]{0,40}|"
    r"[ \t]*:?[ \t]*[-=_*#]{2,}[^\n]{0,20}|[ \t]*:)"
    r"|message headers? follows?|message header follow|the header of the original|"
    r"(?:start|begin)\w* of (?:returned|original|forwarded|message)"
    r"|(?:a )?copy of (?:the|your) (?:original |returned )?(?:message|mail)|"
    r"headers? of (?:the )?(?:original|returned)"
    r"|message text follows|original message headers|ursprüngliche nachricht|en-têtes|intestazioni"
    r"|--- undelivered|returned message)"
    r"|^(?:received|return-path|dkim-signature|domainkey-signature|arc-seal|"
    r"x-google-\S+|x-received|message-id)[ \t]*:[ \t]*\S",
    re.IGNORECASE | re.MULTILINE,
)
"""Where a report ends and what it returns begins; real header lines are the surest mark."""

STAGES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (stage, re.compile(pattern, re.IGNORECASE))
    for stage, pattern in (
        # What the other side was answering. Rows are asked in this order.
        ("LOCAL", r"\b(?:mail\.local|procmail|maildrop|vdeliver\w*|vpopmail|deliver|local):"),
        (
            "RCPT",
            (
                r"(?:reply to|after|response to|in) ?(?:pipelined )?rcpt|"
                r"not like (?:our )?(?:recipient|rcpt)|\[rcpt_to\]|>>> ?rcpt"
                r"|rcpt to:[^\n]{1,400}\n[^\n]{0,60}(?:<<<|<--|replied|responded|received)"
            ),
        ),
        (
            "MAIL",
            (
                r"(?:reply to|after|response to) ?(?:pipelined )?mail\b|"
                r"not like (?:our )?(?:sender|mail)\b|\[mail_from\]|>>> ?mail from"
            ),
        ),
        (
            "OPEN",
            (
                r"(?:reply to|after|response to) ?(?:initial|ehlo|helo|connect|greeting|"
                r"starttls|auth)|not like (?:our )?(?:greeting|helo|ehlo)|>>> ?(?:ehlo|"
                r"helo)"
            ),
        ),
        (
            "DATA",
            (
                r"(?:reply to|after|response to) ?(?:pipelined )?(?:end of|final|message|"
                r"data|sending|header)|not like (?:our )?(?:final )?(?:data|message)|"
                r"failed after i sent the message|\[(?:data|body|eod)\]|>>> ?data"
            ),
        ),
    )
)

AUTO_SUBJECT = re.compile(
    r"^\s*(?:(?:re|aw|sv|fwd?)\s*:\s*)*(?:\[?auto(?:matic|matische|matisk|"
    r"mated)?[-_ ]?(?:reply|response|responder|antwort|svar|re)\b|"
    r"autosvar|autoreply|out of (?:the )?office|ooo\b|on vacation|vacation\b|"
    r"away from|i am (?:away|out)|abwesen|"
    r"automatische? (?:antwort|abwesenheit|antwoord|svar)|réponse automatique|"
    r"absence du bureau|message d'absence|respuesta automática|fuera de la oficina|"
    r"risposta automatica|fuori sede|resposta automática|fora do escrit|автоответ|"
    r"автоматический ответ|自動応答|自動返信|不在|自动回复|otomatik)",
    re.IGNORECASE,
)

AUTO_HEADERS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        # Header and what it says when a program answered (RFC 3834 and its forerunners).
        ("auto-submitted", r"auto[- ]?(?:replied|reply)|auto-response"),
        ("x-autoreply", r"\S"),
        ("x-auto-reply", r"\S"),
        ("x-autorespond", r"\S"),
        ("x-auto-response-reply", r"\S"),
        ("x-autogenerated", r"reply"),
        ("x-mail-autoreply", r"\S"),
        ("x-apple-action", r"vacation"),
        ("x-facebook-autoreply", r"\S"),
        ("x-ms-exchange-generated-message-source", r"mailbox rules agent|oof"),
        ("precedence", r"auto[-_ ]?reply"),
        ("x-precedence", r"auto[-_ ]?reply"),
        ("x-mailer", r"autorespond|vacation"),
        ("delivered-to", r"^autoresponder"),
    )
)

CHALLENGE = re.compile(
    r"(?:please|must|need to|to) (?:\S+ ){0,3}?(?:confirm|verify|authenticate|"
    r"validate) (?:\S+ ){0,4}?(?:your (?:e-?mail|message|address|request to send|"
    r"mail)|you are (?:a )?(?:human|person|not))"
    r"|(?:sender|challenge[- ]response|human) (?:verification|confirmation|"
    r"authentication)|verify (?:that )?you(?:'re| are) (?:human|a person|not a)|"
    r"spam ?arrest|boxbe|\btmda\b|"
    r"(?:message|mail) (?:is|was|has been) (?:being )?held (?:\S+ ){0,4}?(?:until|"
    r"pending)|whitelist request|captcha",
    re.IGNORECASE,
)
"""That a person's mail waits until the sender answers; asked of automatic mail only."""
