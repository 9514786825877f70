"""Whom a run was frozen for: written once by who locks their bucket, read bucket by bucket."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from models.ids import BUCKETS, bucket_of
from models.queries.routing import EVERYWHERE, Slice, routed, slice_of
from models.queries.sending.dispatch import DUE, due_row
from models.query import Answer, Copy, Query, count
from models.records import CampaignMember, DueRow, Profile

_COLUMNS = ("bucket", "run", "recipient_id", "stage", "variant", "excluded")


def write(run: UUID, members: Sequence[CampaignMember]) -> Copy:
    """Freeze these members: only who locked their parts may."""
    rows = [
        (bucket_of(m.recipient_id), run, m.recipient_id, m.stage, m.variant, m.excluded)
        for m in members
    ]
    return Copy("campaign_members", _COLUMNS, rows)


def take_addresses(run: UUID, held: Mapping[bytes, str]) -> Query[int]:
    """Give addresses to those who have them, unless somebody was given one before.

    In key order, so that two who freeze at once wait for each other and neither for ever.
    """
    ordered = sorted(held, key=lambda address: (_bucket(address), address))
    return routed(
        """
        INSERT INTO campaign_addresses (bucket, run, address, recipient_id)
        SELECT u.bucket, CAST(:run AS uuid), u.address, u.recipient
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:addresses AS bytea[]),
                      CAST(:recipients AS text[])) u (bucket, address, recipient)
         WHERE u.bucket = ANY(:slice)
        ON CONFLICT (bucket, run, address) DO NOTHING
        """,
        slice_of(map(_bucket, ordered)),
        count,
        run=run,
        buckets=[_bucket(address) for address in ordered],
        addresses=ordered,
        recipients=[held[address] for address in ordered],
    )


def _bucket(address: bytes) -> int:
    """Where a hashed address lies."""
    return int.from_bytes(address[:2], "big") & (BUCKETS - 1)


def holders(runs: Collection[UUID], addresses: Collection[bytes]) -> Query[dict[bytes, set[str]]]:
    """Whom these addresses were given to in these runs."""
    buckets = [_bucket(address) for address in addresses]
    return routed(
        """
        SELECT a.address, array_agg(a.recipient_id) AS recipients
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:addresses AS bytea[])) u (bucket, address)
          JOIN campaign_addresses a ON a.bucket = u.bucket AND a.address = u.address
         WHERE a.bucket = ANY(:slice) AND a.run = ANY(CAST(:runs AS uuid[]))
         GROUP BY a.address
        """,
        slice_of(buckets),
        lambda result: {bytes(row.address): set(row.recipients) for row in result},
        runs=list(runs),
        buckets=buckets,
        addresses=list(addresses),
    )


def hashed(address: str) -> bytes:
    """What stands for an address: letters' case makes no other mailbox."""
    return sha256(address.casefold().encode()).digest()


def forget_addresses(addresses: Collection[str]) -> Query[int]:
    """Forget to whom addresses were given that are nobody's any more."""
    hashes = [hashed(address) for address in addresses]
    return routed(
        """
        DELETE FROM campaign_addresses
         WHERE bucket = ANY(:slice) AND address = ANY(CAST(:addresses AS bytea[]))
        """,
        slice_of(map(_bucket, hashes)),
        count,
        addresses=hashes,
    )


Zoned = tuple[CampaignMember, Profile | None]
"""A member, and who that is."""


def of_stage(run: UUID, stage: int, slice_: Slice) -> Query[dict[int, list[Zoned]]]:
    """Bucket to the members who get a stage, in the order in which they have their places."""

    def found(result: Answer) -> dict[int, list[Zoned]]:
        by_bucket: dict[int, list[Zoned]] = {}
        for bucket, recipient, variant, *known in result:
            member = CampaignMember(recipient, stage, variant)
            profile = Profile(recipient, None, None, *known)
            by_bucket.setdefault(bucket, []).append((member, profile))
        return by_bucket

    return routed(
        """
        SELECT m.bucket, m.recipient_id, m.variant, r.timezone, r.org,
               CAST('{}' AS jsonb), r.quiet_hours
          FROM campaign_members m
          LEFT JOIN recipients r ON r.bucket = m.bucket AND r.recipient_id = m.recipient_id
                                AND r.bucket = ANY(:slice)
         WHERE m.bucket = ANY(:slice) AND m.run = :run AND m.stage = :stage
           AND m.excluded IS NULL
         ORDER BY m.bucket, m.recipient_id
        """,
        slice_,
        found,
        run=run,
        stage=stage,
    )


def sizes(run: UUID, stage: int) -> Query[dict[int, int]]:
    """Bucket to how many of it get a stage."""
    return routed(
        """
        SELECT bucket, count(*) AS members FROM campaign_members
         WHERE bucket = ANY(:slice) AND run = :run AND stage = :stage AND excluded IS NULL
         GROUP BY bucket ORDER BY bucket
        """,
        EVERYWHERE,
        lambda result: {row.bucket: row.members for row in result},
        run=run,
        stage=stage,
    )


def outcomes(run: UUID) -> Query[dict[str | None, int]]:
    """Why how many of a run's audience get nothing; `None`: they get it."""
    return routed(
        """
        SELECT excluded, count(*) AS members FROM campaign_members
         WHERE bucket = ANY(:slice) AND run = :run GROUP BY excluded
        """,
        EVERYWHERE,
        lambda result: {row.excluded: row.members for row in result},
        run=run,
    )


def known(runs: Collection[UUID], slice_: Slice) -> Query[dict[UUID, list[str]]]:
    """Run to all of these buckets who were frozen for it, also those who get nothing."""

    def found(result: Answer) -> dict[UUID, list[str]]:
        of: dict[UUID, list[str]] = {}
        for run, recipient in result:
            of.setdefault(run, []).append(recipient)
        return of

    return routed(
        """
        SELECT run, recipient_id FROM campaign_members
         WHERE bucket = ANY(:slice) AND run = ANY(CAST(:runs AS uuid[]))
        """,
        slice_,
        found,
        runs=list(runs),
    )


def reached(recipients: Collection[str], goal: str, since: datetime) -> Query[set[str]]:
    """Those of these who did since then what a campaign is for."""
    return routed(
        """
        SELECT DISTINCT recipient_id FROM conversions
         WHERE bucket = ANY(:slice) AND recipient_id = ANY(CAST(:recipients AS text[]))
           AND name = :goal AND occurred_at >= :since
        """,
        slice_of(map(bucket_of, recipients)),
        lambda result: set(result.scalars()),
        recipients=sorted(recipients),
        goal=goal,
        since=since,
    )


def is_waiting(campaign: str, cohorts: Collection[str], slice_: Slice) -> Query[bool]:
    """Whether any delivery of these cohorts of a campaign is still in the queue."""
    return routed(
        f"SELECT EXISTS (SELECT FROM queue q WHERE q.bucket = ANY(:slice) AND {_OF_COHORTS})",
        slice_,
        lambda result: bool(result.scalar_one()),
        campaign=campaign,
        cohorts=list(cohorts),
    )


_OF_COHORTS = "q.campaign = :campaign AND q.cohort = ANY(CAST(:cohorts AS text[]))"


def lock_waiting(
    campaign: str, cohorts: Collection[str], slice_: Slice, limit: int
) -> Query[list[DueRow]]:
    """Lock what waits of these cohorts; what somebody works on is left to them."""
    return routed(
        f"""
        SELECT {DUE} FROM queue q
         WHERE q.bucket = ANY(:slice) AND {_OF_COHORTS} AND q.token IS NULL
         ORDER BY q.bucket, q.delivery_id LIMIT :limit FOR UPDATE SKIP LOCKED
        """,
        slice_,
        lambda result: [due_row(row) for row in result],
        campaign=campaign,
        cohorts=list(cohorts),
        limit=limit,
    )
