"""What a campaign does, in sentences that people read before they launch it."""

from collections.abc import Iterator

from delivery.campaigns.body import CampaignBody, Schedule
from delivery.rulebook.sentences import joined
from delivery.rulebook.spans import spelled


def sentences(body: CampaignBody) -> list[str]:
    """Who gets what and when, a sentence each."""
    return [_who(body), _when(body.schedule), *_pace(body.schedule), *_extras(body), *_rules(body)]


def _who(body: CampaignBody) -> str:
    listed = f"{len(body.recipients)} recipients" if body.recipients else "nobody yet"
    who = f"audience {body.audience}" if body.audience else listed
    return f"Goes to {who} as news of {body.topic}."


def _when(schedule: Schedule) -> str:
    if schedule.cron is not None:
        until = f", until {schedule.until:%Y-%m-%d %H:%M} UTC" if schedule.until else ""
        return f"Runs at {schedule.cron!r} in {schedule.zone}{until}."
    if schedule.local_at is not None:
        late = {"tomorrow": "get it the next day", "skip": "do not get it"}[schedule.late]
        return (
            f"Goes at {schedule.local_at:%Y-%m-%d %H:%M} of each recipient's own time;"
            f" those for whom that has passed {late}."
        )
    if schedule.at is not None:
        return f"Goes at {schedule.at:%Y-%m-%d %H:%M} UTC."
    return "Goes a minute after its launch."


def _pace(schedule: Schedule) -> Iterator[str]:
    if schedule.over is not None:
        yield f"Is spread over {spelled(schedule.over)}."
    if schedule.per_minute is not None:
        yield f"Goes to no more than {schedule.per_minute} people a minute."


def _extras(body: CampaignBody) -> Iterator[str]:
    if body.reply_to is not None:
        yield f"Answers to its mails go to {body.reply_to}."
    if body.attachments:
        yield f"Its mails carry {joined(body.attachments)}."


def _rules(body: CampaignBody) -> Iterator[str]:
    if len(body.steps) > 1:
        steps = [f"{one.key} after {spelled(one.after)}" for one in body.steps[1:]]
        yield f"Begins with {body.steps[0].key}; then {joined(steps)}."
    if body.goal is not None:
        ends = "; whoever did it gets no further step" if body.goal.stop else ""
        yield f"Is for the conversion {body.goal.conversion}{ends}."
    if body.variants:
        whole = sum(one.share for one in body.variants)
        shares = [f"{one.key} ({one.share / whole:.0%})" for one in body.variants]
        yield f"Says it in {len(body.variants)} ways: {joined(shares)}."
    if body.winner is not None:
        yield (
            f"{body.winner.share:g} % test them; {spelled(body.winner.after)} later the others get"
            f" the one that was {body.winner.by} most."
        )
    if body.canary is not None:
        yield (
            f"{body.canary.share:g} % go first; the others {spelled(body.canary.after)} later,"
            f" unless more than {body.canary.bounced:g} % bounce,"
            f" {body.canary.complained:g} % complain or {body.canary.failed:g} % fail."
        )
    if body.holdout is not None:
        yield f"{body.holdout:g} % get nothing, to measure it by them."
