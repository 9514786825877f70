"""What a topic does, in sentences that people read: its steps as a chain, and its own rules."""

from collections.abc import Mapping
from datetime import timedelta

from delivery.limits.sameness import WINDOW
from delivery.planning import LIFETIMES
from delivery.policies.lateness import MOST_LATE, SEND
from delivery.rulebook.sentences import joined, often, sentence
from delivery.rulebook.spans import spelled
from models.records import CalendarEntry, Digest, DigestKind, OnDoubt, OnUnsent, Step, Topic, Unless

_WAYS: Mapping[str, str] = {"in_app": "in the feed", "email": "by e-mail", "sms": "by SMS"}
_NOTICED = {Unless.SEEN: " unless seen", Unless.READ: " unless read"}
_UNSENT = {
    OnUnsent.WAIT: "",
    OnUnsent.GO: "; at once when nothing was sent before",
    OnUnsent.STOP: "; not at all when nothing was sent before",
}


def way(channel: str) -> str:
    """How a channel tells somebody: `by e-mail`."""
    return _WAYS.get(channel, f"by {channel.replace('_', ' ')}")


def chain(topic: Topic) -> str:
    """The steps in their order: `in the feed, then by e-mail after 15 minutes unless read`."""
    if not topic.steps:
        return "nowhere: it only takes back" if topic.cancels else "nowhere: it has no steps"
    said = way(topic.steps[0].channel)
    for step in topic.steps[1:]:
        said += f" and {way(step.channel)}" if step.after is None else f", then {waiting(step)}"
    return said


def waiting(step: Step) -> str:
    """What a step does, and what it waits for."""
    if step.after is None:
        return f"{way(step.channel)}, at once"
    pause = f"after {spelled(step.after)}" if step.after else "after the step before it"
    noticed = _NOTICED[step.unless] if step.unless else ""
    return f"{way(step.channel)} {pause}{noticed}{_UNSENT[step.on_unsent]}"


def sentences(topic: Topic) -> list[str]:
    """Its own rules, a sentence each, also those it leaves to its class."""
    return [
        f"Goes {chain(topic)}.",
        _repeats(topic),
        _same(topic.same_content),
        *([sentence(topic.throttle)] if topic.throttle else []),
        _late(topic),
        f"Is useless {spelled(topic.lifetime or LIFETIMES[topic.klass])} after it was due.",
        _doubt(topic),
        *([_collects(topic.digest)] if topic.digest else []),
        *([_takes_back(topic.cancels)] if topic.cancels else []),
        *_noticed(topic),
        *([f"Answers to its mails go to {topic.reply_to}."] if topic.reply_to else []),
        *([f"Its mails carry {joined(topic.attachments)}."] if topic.attachments else []),
        *([_calendar(topic.calendar)] if topic.calendar else []),
        *(["People cannot turn it off: it is mandatory."] if topic.mandatory else []),
        *(["Is secret: what it said is not kept and not shown."] if topic.sensitive else []),
    ]


def _noticed(topic: Topic) -> list[str]:
    """What it says itself of opens and clicks; what it leaves to the installation is not told."""
    said = {"Opens of its mails": topic.track_opens, "Clicks in its mails": topic.track_clicks}
    return [
        f"{what} are {'noticed' if on else 'not noticed'}."
        for what, on in said.items()
        if on is not None
    ]


def _calendar(entry: CalendarEntry) -> str:
    return f"Its mails put {entry.summary} into calendars, as {entry.organizer} says it."


def _takes_back(topics: tuple[str, ...]) -> str:
    return f"Takes back what waits of {joined(topics)} for the same thread."


def _collects(rule: Digest) -> str:
    """Its digest rule; the time of a recurring one is each recipient's own."""
    together = f", apart by {joined(rule.by)}" if rule.by else ""
    return f"Collects {joined(rule.steps)} into digests{together}: {_closing(rule)}."


def _closing(rule: Digest) -> str:
    if rule.rhythm is not None:
        return f"one {often(rule.rhythm)}, unless the recipient chose another time"
    wait = spelled(rule.wait)
    match rule.kind:
        case DigestKind.DEBOUNCE:
            return f"when nothing came for {wait}, after {spelled(rule.at_most)} at the latest"
        case DigestKind.FIRST_THEN:
            return f"the first at once, what follows within {wait} together"
        case _:
            return f"{wait} after the first"


def _repeats(topic: Topic) -> str:
    return f"The same dedup key is one event for {spelled(topic.dedup_window)}."


def _same(window: timedelta | None) -> str:
    if window is None:
        return f"The same content is said once within {spelled(WINDOW)}, unless it has a dedup key."
    if not window:
        return "The same content may be said again at once."
    return f"The same content is said once within {spelled(window)}."


def _late(topic: Topic) -> str:
    most = topic.max_lateness if topic.max_lateness is not None else MOST_LATE[topic.klass]
    if most is None or topic.on_late == SEND:
        return "Is sent however late it is."
    return f"Is not sent when an outage made it more than {spelled(most)} late."


def _doubt(topic: Topic) -> str:
    if topic.doubt_rule is OnDoubt.RESEND:
        return "Goes again when nobody knows whether it arrived: rather twice than not at all."
    return "Waits for a person when nobody knows whether it arrived: rather not at all than twice."
