"""Configuration: read whole by every worker each second, written by people."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from models.queries.arrays import array
from models.query import Answer, Query, count, sql
from models.records import (
    Class,
    Digest,
    OnUnsent,
    Step,
    Topic,
    Unless,
    calendar_entry_of,
    read_digest,
    throttle_of,
)

# Postgres knows periods that Python does not, and a date plus one may leave the calendar.
_WINDOW, _LIFETIME, _SAME, _LATENESS, _ATTRIBUTION = (
    f"CASE WHEN t.{name} IS NOT NULL THEN"
    f" least(greatest(t.{name}, interval '0'), interval '400 days') END AS {name}"
    for name in ("dedup_window", "lifetime", "same_content", "max_lateness", "attribution")
)


def _topics(result: Answer) -> dict[str, Topic]:
    return {
        row.topic: Topic(
            key=row.topic,
            title=row.title,
            category=row.category,
            klass=Class(row.klass),
            steps=tuple(_step(step) for step in row.steps),
            schema=row.schema,
            dedup_window=row.dedup_window,
            lifetime=row.lifetime,
            mandatory=row.mandatory,
            sensitive=row.sensitive,
            on_doubt=row.on_doubt,
            same_content=row.same_content,
            max_lateness=row.max_lateness,
            on_late=row.on_late,
            digest=_digest(row.digest),
            cancels=tuple(row.cancels or ()),
            throttle=throttle_of(row.throttle),
            track_opens=row.track_opens,
            track_clicks=row.track_clicks,
            attribution=row.attribution,
            reply_to=row.reply_to,
            calendar=calendar_entry_of(row.calendar),
            attachments=tuple(row.attachments or ()),
        )
        for row in result
    }


def _step(columns: Sequence[Any]) -> Step:
    key, channel, template, seconds, unless, on_unsent, many = columns
    after = None if seconds is None else timedelta(seconds=seconds)
    noticed = None if unless is None else Unless(unless)
    return Step(key, channel, template, after, noticed, OnUnsent(on_unsent), many)


def _digest(document: object) -> Digest | None:
    """A rule nobody can read collects nothing: its news goes as it comes, and none is lost."""
    try:
        return None if document is None else read_digest(document)
    except ValueError:
        return None


def topics() -> Query[dict[str, Topic]]:
    """All sound topics with their steps in order."""
    return sql(
        f"""
        SELECT t.topic, t.title, t.category, t.class AS klass, CAST(t.schema AS text) AS schema,
               {_WINDOW}, {_LIFETIME}, {_SAME}, t.mandatory, t.sensitive, t.on_doubt,
               {_LATENESS}, t.on_late, t.digest, t.cancels, t.throttle, t.track_opens,
               t.track_clicks, {_ATTRIBUTION}, t.reply_to, t.calendar, t.attachments,
               coalesce(jsonb_agg(jsonb_build_array(s.step, s.channel, s.template,
                                                    extract(epoch FROM s.after), s.unless,
                                                    s.on_unsent, coalesce(m.tells_many, false))
                                  ORDER BY s.position) FILTER (WHERE s.step IS NOT NULL),
                        '[]') AS steps
          FROM topics t LEFT JOIN topic_steps s ON s.topic = t.topic
          LEFT JOIN (SELECT m.template, bool_and(x.tells_many) AS tells_many
                       FROM templates m JOIN template_texts x
                         ON x.template = m.template AND x.version = m.live_version
                      GROUP BY m.template) m ON m.template = s.template
         WHERE t.class = ANY(:classes) GROUP BY t.topic
        """,
        _topics,
        classes=list(Class),
    )


def lock_topics() -> Query[int]:
    """Let nobody else write topics until the end; everybody may go on reading them."""
    return sql("LOCK TABLE topics IN SHARE ROW EXCLUSIVE MODE", count)


_AS_IT_IS = (
    "title", "category", "klass", "schema", "dedup_window", "lifetime", "mandatory", "sensitive",
    "on_doubt", "same_content", "max_lateness", "on_late", "track_opens", "track_clicks",
    "attribution", "reply_to",
)  # fmt: skip


def save_topic(topic: Topic, now: datetime) -> list[Query[int]]:
    """Write a topic and its steps, whole."""
    upsert = sql(
        """
        INSERT INTO topics (topic, title, category, class, schema, dedup_window, lifetime,
                            mandatory, sensitive, on_doubt, same_content, max_lateness, on_late,
                            digest, cancels, throttle, track_opens, track_clicks, attribution,
                            reply_to, calendar, attachments, updated_at)
        VALUES (:topic, :title, :category, :klass, CAST(:schema AS jsonb), :dedup_window,
                :lifetime, :mandatory, :sensitive, :on_doubt, :same_content, :max_lateness,
                :on_late, CAST(:digest AS jsonb), CAST(:cancels AS text[]),
                CAST(:throttle AS jsonb), :track_opens, :track_clicks, :attribution,
                :reply_to, CAST(:calendar AS jsonb), CAST(:attachments AS text[]), :now)
        ON CONFLICT (topic) DO UPDATE
           SET title = excluded.title, category = excluded.category, class = excluded.class,
               schema = excluded.schema, dedup_window = excluded.dedup_window,
               lifetime = excluded.lifetime, mandatory = excluded.mandatory,
               sensitive = excluded.sensitive, on_doubt = excluded.on_doubt,
               same_content = excluded.same_content,
               max_lateness = excluded.max_lateness, on_late = excluded.on_late,
               digest = excluded.digest, cancels = excluded.cancels,
               throttle = excluded.throttle, track_opens = excluded.track_opens,
               track_clicks = excluded.track_clicks, attribution = excluded.attribution,
               reply_to = excluded.reply_to, calendar = excluded.calendar,
               attachments = excluded.attachments,
               updated_at = excluded.updated_at
        """,
        count,
        topic=topic.key,
        **{name: getattr(topic, name) for name in _AS_IT_IS},
        digest=None if topic.digest is None else json.dumps(topic.digest.document),
        cancels=array(topic.cancels) if topic.cancels else None,
        attachments=array(topic.attachments) if topic.attachments else None,
        calendar=None if topic.calendar is None else json.dumps(topic.calendar.document),
        throttle=None if topic.throttle is None else json.dumps(topic.throttle.stored()),
        now=now,
    )
    clear = sql("DELETE FROM topic_steps WHERE topic = :topic", count, topic=topic.key)
    return [upsert, clear, *_steps(topic.key, topic.steps)]


def _steps(topic: str, steps: Sequence[Step]) -> list[Query[int]]:
    return [
        sql(
            """
            INSERT INTO topic_steps (topic, step, position, channel, template, after, unless,
                                     on_unsent)
            VALUES (:topic, :step, :position, :channel, :template, :after, :unless, :on_unsent)
            """,
            count,
            topic=topic,
            step=step.key,
            position=position,
            channel=step.channel,
            template=step.template,
            after=step.after,
            unless=step.unless,
            on_unsent=step.on_unsent,
        )
        for position, step in enumerate(steps)
    ]
