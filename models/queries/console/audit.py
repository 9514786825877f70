"""Reading the audit: by who, what, whom it was done to, any words of it, and when."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from models.query import Query, records, sql
from models.readings.audit import AuditLine, AuditWanted

_LOCAL_PART = r"""([^\s"'<>()@,;:])[^\s"'<>()@,;:]*@"""
_MASKED, _AS_IT_IS = r"\1•••@", r"\&"
"""What it is replaced by: addresses are looked for as who searches reads them."""
_FIELDS = "audit_id, at, actor, action, subject, why, before, after, detail, redacted_at"
_WHAT = """
    (CAST(:actor AS text) IS NULL OR actor = :actor)
    AND (CAST(:action AS text) IS NULL OR action = :action)
    AND (CAST(:subject AS text) IS NULL OR subject = :subject)
    AND (CAST(:words AS text) IS NULL OR strpos(lower(concat_ws(' ', actor, regexp_replace(
        concat_ws(' ', action, subject, why, CAST(before AS text), CAST(after AS text),
                  CAST(detail AS text)), :local, :shown, 'g'))), lower(:words)) > 0)
    AND (CAST(:since AS timestamptz) IS NULL OR at >= :since)
    AND (CAST(:until AS timestamptz) IS NULL OR at < :until)
    AND (CAST(:below AS timestamptz) IS NULL
         OR (at, audit_id) < (CAST(:below AS timestamptz), CAST(:below_id AS uuid)))
"""


def audit_lines(wanted: AuditWanted) -> Query[list[AuditLine]]:
    """Entries, newest first."""
    below, below_id = wanted.below or (None, None)
    return sql(
        f"SELECT {_FIELDS} FROM audit WHERE {_WHAT} ORDER BY at DESC, audit_id DESC LIMIT :limit",
        records(AuditLine),
        actor=wanted.actor,
        action=wanted.action,
        subject=wanted.subject,
        words=wanted.words,
        local=_LOCAL_PART,
        shown=_MASKED if wanted.veiled else _AS_IT_IS,
        since=wanted.since,
        until=wanted.until,
        below=below,
        below_id=below_id,
        limit=wanted.limit,
    )


def audit_line(audit_id: UUID) -> Query[list[AuditLine]]:
    """One entry, if there is such a one."""
    return sql(
        f"SELECT {_FIELDS} FROM audit WHERE audit_id = :audit_id",
        records(AuditLine),
        audit_id=audit_id,
    )


def older(wanted: AuditWanted, page: Sequence[AuditLine]) -> AuditWanted | None:
    """What is wanted after a page; `None` when that was the last one."""
    if len(page) < wanted.limit:
        return None
    return replace(wanted, below=(page[-1].at, page[-1].audit_id))


def audit_choices() -> Query[tuple[list[str], list[str]]]:
    """Who did something, and what was done."""
    return sql(
        """
        SELECT array(SELECT DISTINCT actor FROM audit ORDER BY 1) AS actors,
               array(SELECT DISTINCT action FROM audit ORDER BY 1) AS actions
        """,
        lambda result: (list(result.rows[0].actors), list(result.rows[0].actions)),
    )


def is_in_own_hands() -> Query[bool]:
    """Whether the role that asks could take the trigger off: it owns the audit, or may as owner."""
    return sql(
        """
        SELECT pg_has_role(current_user, relowner, 'MEMBER') FROM pg_class
         WHERE oid = CAST('audit' AS regclass)
        """,
        lambda result: bool(result.scalar_one()),
    )


RIGHTS = """
-- Run once, as a superuser. Afterwards the role of the services adds to the audit and reads it,
-- and nothing else: neither it nor whoever takes over its connections can change or remove an
-- entry, or the trigger that watches. Migrations are then run by a superuser.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tidings_audit') THEN
        CREATE ROLE tidings_audit NOLOGIN;
    END IF;
END $$;
GRANT USAGE, CREATE ON SCHEMA public TO tidings_audit;
ALTER TABLE audit OWNER TO tidings_audit;
ALTER FUNCTION audit_stays() OWNER TO tidings_audit;
REVOKE CREATE ON SCHEMA public FROM tidings_audit;
REVOKE ALL ON audit FROM PUBLIC, {role};
GRANT SELECT, INSERT ON audit TO {role};
-- An erasure takes people out of entries; the trigger lets nothing else be changed, and notes it.
GRANT UPDATE (subject, detail, before, after, why, redacted_at) ON audit TO {role};
"""


def rights(role: str) -> str:
    """The SQL that takes the audit out of the hands of the services' role."""
    quoted = '"' + role.replace('"', '""') + '"'
    return RIGHTS.strip().format(role=quoted) + "\n"
