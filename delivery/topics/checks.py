"""What no form of a field can say: whether a topic fits itself, and what else there is. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from delivery.blame import Said, unknown
from delivery.classes import Gate, passes
from models.records import EVERY, Class, OnUnsent, Step, Topic


@dataclass(frozen=True, slots=True)
class Known:
    """What a topic may name.

    Attributes:
        channels: Those there are.
        templates: Template to the channel it is written for.
        topics: Those there are, or will be at the same moment.
    """

    channels: frozenset[str]
    templates: Mapping[str, str]
    topics: frozenset[str] = frozenset()


def contradictions(topic: Topic, known: Known) -> Iterator[Said]:
    """Everything that does not fit."""
    if topic.mandatory and topic.klass is Class.PROMOTIONAL:
        yield ("mandatory",), "promotional news is never mandatory: change its class, or leave it"
    if topic.category == EVERY:
        yield ("category",), "* stands for every category: give it a name of its own"
    if topic.on_late == "send" and topic.max_lateness is not None:
        yield ("max_lateness",), "on_late = 'send' sends it however late: leave one of them out"
    for name in ("track_opens", "track_clicks"):
        if topic.sensitive and getattr(topic, name):
            yield (name,), "of sensitive news nothing is noticed: who read a secret is one, too"
    yield from _carried(topic)
    yield from _rules(topic)
    yield from _steps(topic, known)


def _carried(topic: Topic) -> Iterator[Said]:
    if topic.attachments and topic.sensitive:
        yield ("attachments",), "files are kept, and its news is secret: leave them out"
    if topic.attachments and topic.digest is not None:
        yield ("attachments",), "what is collected carries no files: leave digest out"
    if topic.calendar is None:
        return
    if topic.digest is not None:
        yield ("calendar",), "news that is collected has no time of its own: leave digest out"
    if not any(step.channel == "email" for step in topic.steps):
        yield ("calendar",), "only mails reach calendars: add a step of e-mail, or leave it out"


def _steps(topic: Topic, known: Known) -> Iterator[Said]:
    if not (topic.steps or topic.cancels):
        yield ("steps",), "give it a step, or say which topics it cancels: it would do nothing"
    for number, key in enumerate(topic.cancels):
        if key not in known.topics | {topic.key}:
            yield ("cancels", number), unknown("topic", key, known.topics)
    for number, step in enumerate(topic.steps):
        yield from ((("steps", number, *loc), said) for loc, said in _step(topic, number, known))
        if step.key in {one.key for one in topic.steps[:number]}:
            yield ("steps", number, "key"), f"an earlier step is called {step.key} too: rename one"


def _rules(topic: Topic) -> Iterator[Said]:
    if topic.throttle and passes(topic.klass, Gate.THROTTLE, mandatory=topic.mandatory):
        yield ("throttle",), f"{topic.klass} news passes it: leave it out"
    if topic.digest is None:
        return
    if passes(topic.klass, Gate.DIGEST, mandatory=topic.mandatory):
        yield ("digest",), f"{topic.klass} news is never collected: leave it out"
    keys = frozenset(step.key for step in topic.steps)
    for key in topic.digest.steps:
        if key not in keys:
            yield ("digest", "steps"), unknown("step", key, keys)


def _step(topic: Topic, number: int, known: Known) -> Iterator[Said]:
    step = topic.steps[number]
    if step.channel not in known.channels:
        yield ("channel",), unknown("channel", step.channel, known.channels)
    yield from _template(step, known)
    if step.after is None:
        if step.unless is not None:
            yield ("unless",), "a step that does not wait cannot know: add after = '0 min' or more"
        if step.on_unsent is not OnUnsent.WAIT:
            yield ("on_unsent",), "only a step that waits has one before it: add after = '0 min'"
    elif number == 0:
        yield ("after",), "the first step has none before it to wait for: leave after out"
    elif step.unless and not any(one.channel == "in_app" for one in topic.steps[:number]):
        yield ("unless",), "only an in-app step is seen or read, and there is none before this one"


def _template(step: Step, known: Known) -> Iterator[Said]:
    if step.template is None:
        return
    channel = known.templates.get(step.template)
    if channel is None:
        yield ("template",), unknown("template", step.template, known.templates)
    elif channel != step.channel:
        yield (
            ("template",),
            f"template {step.template} is written for {channel}: name one for {step.channel}",
        )
