"""The audit says before, after and why, and is only added to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.schema import local, single

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

# An erasure may take a person out of an entry. It touches nothing else, and cannot do it unseen:
# the trigger itself writes down that it happened, and who was connected.
STAYS = """
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.redacted_at IS NOT NULL
       AND NEW.redacted_at IS DISTINCT FROM OLD.redacted_at
       AND (NEW.audit_id, NEW.at, NEW.actor, NEW.action)
           = (OLD.audit_id, OLD.at, OLD.actor, OLD.action)
    THEN
        INSERT INTO audit (audit_id, at, actor, action, subject, detail, why)
        VALUES (gen_random_uuid(), clock_timestamp(), 'database user ' || session_user,
                'redacted an entry', OLD.audit_id::text, '{}', '');
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit is only added to' USING ERRCODE = 'insufficient_privilege';
END
$$
"""
ROWS = """
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION audit_stays()
"""
WHOLE = """
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()
"""


def upgrade() -> None:
    local("audit")  # Citus knows no triggers on the tables it spreads
    for name in ("before", "after"):
        op.add_column("audit", sa.Column(name, postgresql.JSONB(), nullable=True))
    why = sa.Column("why", sa.Text(), nullable=False, server_default=sa.text("''"))
    op.add_column("audit", why)
    redacted = sa.Column("redacted_at", postgresql.TIMESTAMP(timezone=True), nullable=True)
    op.add_column("audit", redacted)
    for statement in (STAYS, ROWS, WHOLE):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER audit_stays ON audit")
    op.execute("DROP TRIGGER audit_is_not_emptied ON audit")
    op.execute("DROP FUNCTION audit_stays()")
    for name in ("before", "after", "why", "redacted_at"):
        op.drop_column("audit", name)
    single("audit")
