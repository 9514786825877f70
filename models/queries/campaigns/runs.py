"""Runs of campaigns and their stages: launched, frozen, opened, ended."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from models.query import Answer, Query, count, sql
from models.records import Run, RunKind, RunState, Stage, StageState

_COLUMNS = (
    "run, campaign, number, kind, parent, state, document, versions, launched_at, launched_by,"
    " starts_at, shift, occasion, winner, eligible, ended_at, audiences"
)


def _runs(result: Answer) -> list[Run]:
    return [_run(*row) for row in result]


def _run(*values: Any) -> Run:
    run, campaign, number, kind, parent, state, *rest = values
    return Run(run, campaign, number, RunKind(kind), parent, RunState(state), *rest)


def add(run: Run) -> Query[int]:
    """Write a run down; 0 when it is there already."""
    return sql(
        """
        INSERT INTO campaign_runs (run, campaign, number, kind, parent, document, versions,
                                   launched_at, launched_by, starts_at, occasion,
                                   audiences)
        VALUES (:run, :campaign, :number, :kind, :parent, CAST(:document AS jsonb),
                CAST(:versions AS jsonb), :at, :by, :starts_at, :occasion,
                CAST(:audiences AS jsonb))
        ON CONFLICT DO NOTHING
        """,
        count,
        run=run.run,
        campaign=run.campaign,
        number=run.number,
        kind=run.kind,
        parent=run.parent,
        document=json.dumps(run.document),
        versions=json.dumps(run.versions),
        at=run.launched_at,
        by=run.launched_by,
        starts_at=run.starts_at,
        occasion=run.occasion,
        audiences=json.dumps(dict(run.audiences)),
    )


def of_campaign(campaign: str) -> Query[list[Run]]:
    """All runs of a campaign, the first one first."""
    return of_campaigns([campaign])


def of_campaigns(campaigns: Collection[str]) -> Query[list[Run]]:
    """All runs of some campaigns, the first one of each first."""
    return sql(
        f"""
        SELECT {_COLUMNS} FROM campaign_runs
         WHERE campaign = ANY(CAST(:campaigns AS text[])) ORDER BY campaign, number
        """,
        _runs,
        campaigns=sorted(campaigns),
    )


def at_work(now: datetime) -> Query[list[Run]]:
    """Runs on which there may be something to do: of campaigns that nobody paused."""
    return sql(
        f"""
        SELECT {", ".join(f"r.{name.strip()}" for name in _COLUMNS.split(","))}
          FROM campaign_runs r JOIN campaigns c ON c.campaign = r.campaign
         WHERE r.ended_at IS NULL AND c.state <> 'paused'
           AND (r.state IN ('freezing', 'cancelling') OR r.starts_at <= :now)
         ORDER BY r.starts_at, r.run
        """,
        _runs,
        now=now,
    )


def lock(run: UUID) -> Query[Run | None]:
    """A run that is not ended, locked unless somebody else has it."""
    return sql(
        f"""
        SELECT {_COLUMNS} FROM campaign_runs
         WHERE run = :run AND ended_at IS NULL FOR UPDATE SKIP LOCKED
        """,
        lambda result: next(iter(_runs(result)), None),
        run=run,
    )


def await_lock(run: UUID) -> Query[Run | None]:
    """The same for who waits for somebody else."""
    return sql(
        f"SELECT {_COLUMNS} FROM campaign_runs WHERE run = :run FOR UPDATE",
        lambda result: next(iter(_runs(result)), None),
        run=run,
    )


def becomes(run: UUID, state: RunState, eligible: int | None = None) -> Query[int]:
    """How far a run has come; with `eligible`, for how many."""
    return sql(
        """
        UPDATE campaign_runs SET state = :state, eligible = coalesce(:eligible, eligible)
         WHERE run = :run AND ended_at IS NULL
        """,
        count,
        run=run,
        state=state,
        eligible=eligible,
    )


def end(run: UUID, state: RunState, now: datetime) -> Query[int]:
    """Nothing more happens with a run."""
    return sql(
        "UPDATE campaign_runs SET state = :state, ended_at = :now"
        " WHERE run = :run AND ended_at IS NULL",
        count,
        run=run,
        state=state,
        now=now,
    )


def shift(run: UUID, by: timedelta) -> Query[int]:
    """What is spread or throttled goes later, by the time its campaign was paused."""
    return sql(
        "UPDATE campaign_runs SET shift = shift + :by WHERE run = :run AND ended_at IS NULL",
        count,
        run=run,
        by=by,
    )


def choose(run: UUID, winner: str) -> Query[int]:
    """Say which variant won, once."""
    return sql(
        "UPDATE campaign_runs SET winner = :winner WHERE run = :run AND winner IS NULL",
        count,
        run=run,
        winner=winner,
    )


def aged(before: datetime, limit: int) -> Query[list[UUID]]:
    """Runs that ended before, and of which more is kept than that."""
    return sql(
        """
        SELECT r.run FROM campaign_runs r
         WHERE r.ended_at < :before
           AND EXISTS (SELECT FROM campaign_stages s WHERE s.run = r.run)
         ORDER BY r.ended_at LIMIT :limit
        """,
        lambda result: list(result.scalars()),
        before=before,
        limit=limit,
    )


def forget_stages(run: UUID) -> Query[int]:
    """Forget the stages of a run, after all else of it."""
    return sql("DELETE FROM campaign_stages WHERE run = :run", count, run=run)


_STAGE = "run, step, stage, opens_at, state, members"


def _stages(result: Answer) -> list[Stage]:
    return [Stage(r[0], r[1], r[2], r[3], StageState(r[4]), r[5]) for r in result]


def add_stages(stages: Sequence[Stage]) -> Query[int]:
    """Write down the stages of a frozen run; those that are there stay."""
    return sql(
        """
        INSERT INTO campaign_stages (run, step, stage, opens_at)
        SELECT * FROM unnest(CAST(:runs AS uuid[]), CAST(:steps AS text[]),
                             CAST(:stages AS smallint[]), CAST(:opens AS timestamptz[]))
        ON CONFLICT DO NOTHING
        """,
        count,
        runs=[one.run for one in stages],
        steps=[one.step for one in stages],
        stages=[one.stage for one in stages],
        opens=[one.opens_at for one in stages],
    )


def stages(run: UUID) -> Query[list[Stage]]:
    """The stages of a run."""
    return sql(
        f"SELECT {_STAGE} FROM campaign_stages WHERE run = :run ORDER BY stage, opens_at, step",
        _stages,
        run=run,
    )


def lock_stage(stage: Stage) -> Query[Stage | None]:
    """A stage as it is now, locked unless somebody else has it."""
    return sql(
        f"""
        SELECT {_STAGE} FROM campaign_stages
         WHERE run = :run AND step = :step AND stage = :stage FOR UPDATE SKIP LOCKED
        """,
        lambda result: next(iter(_stages(result)), None),
        run=stage.run,
        step=stage.step,
        stage=stage.stage,
    )


def stage_becomes(stage: Stage, state: StageState, members: int | None = None) -> Query[int]:
    """How far a stage has come."""
    return sql(
        """
        UPDATE campaign_stages SET state = :state, members = coalesce(:members, members)
         WHERE run = :run AND step = :step AND stage = :stage
        """,
        count,
        run=stage.run,
        step=stage.step,
        stage=stage.stage,
        state=state,
        members=members,
    )


def plan_stage(run: UUID, stage: int, step: str, at: datetime) -> Query[int]:
    """Say when a step of a stage opens, unless that is said already."""
    return sql(
        """
        UPDATE campaign_stages SET opens_at = :at
         WHERE run = :run AND stage = :stage AND step = :step AND opens_at IS NULL
        """,
        count,
        run=run,
        stage=stage,
        step=step,
        at=at,
    )
