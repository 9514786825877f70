"""Trying words out: a message to one of ours, as it would be, that counts nowhere. Pure.

The words are filled where they are written, and travel as the data of an event of a topic of their
own, whose template writes them down as they are. So all that follows is the ordinary way.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any

from delivery.files import ATTACHMENTS, MOST_FILES
from delivery.messages import Content
from delivery.rendering.mailboxes import REPLY_TO
from models.records import CalendarEntry, Class, Step, TemplateVersion, Topic

_SOURCE = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>{{ data.text }}</mj-text></mj-column>"
    "</mj-section></mj-body></mjml>"
)
CHANNELS = frozenset({"email", "in_app"})
"""Channels on which words can be tried out."""


_CALENDAR = {field.name: f"calendar.{field.name}" for field in fields(CalendarEntry)}
_FILES = tuple(f"{ATTACHMENTS}.{place}" for place in range(MOST_FILES))


def topic_of(channel: str) -> Topic:
    """The topic of trials: nobody can turn it off, and nothing of it is noticed."""
    mails = channel == "email"
    return Topic(
        "tidings.trial.mail" if mails else f"tidings.trial.{channel}",
        "Words that are tried out",
        "tidings",
        Class.TRANSACTIONAL,
        (Step(channel, channel, _template(channel)),),
        mandatory=True,
        track_opens=False,
        track_clicks=False,
        reply_to=_added(REPLY_TO) if mails else None,
        calendar=CalendarEntry(**{k: _added(v) for k, v in _CALENDAR.items()}) if mails else None,
        attachments=tuple(map(_added, _FILES)) if mails else (),
    )


def _added(name: str) -> str:
    """Writes down what the topic of a real message would add under a name."""
    return f"{{{{ data.added['{name}'] | default('') }}}}"


def added(topic: Topic, fill: Callable[[str, str], str], trial: str) -> dict[str, str]:
    """What a topic's mails carry besides their words, filled, by name.

    Args:
        topic: Of the real message.
        fill: Fills a line of a document, given its name and its Jinja.
        trial: Stands for what a calendar entry is about, so that it touches nobody's real one.
    """
    said = {REPLY_TO: topic.reply_to, **dict(zip(_FILES, topic.attachments, strict=False))}
    if topic.calendar is not None:
        said |= {name: getattr(topic.calendar, field) for field, name in _CALENDAR.items()}
    filled = {name: fill(name, source) for name, source in said.items() if source}
    uid = _CALENDAR["uid"]
    return filled | {uid: trial} if filled.get(uid) else filled


def template_of(channel: str) -> TemplateVersion:
    """Writes down what it is given."""
    key, said = _template(channel), "{{ data.text }}"
    if channel != "email":
        url = "{{ data.url or '' }}"
        return TemplateVersion(key, 1, channel, "{{ data.subject }}", said, url=url)
    html = "{{ data.html | safe }}"
    return TemplateVersion(key, 1, channel, "{{ data.subject }}", _SOURCE, text=said, compiled=html)


def _template(channel: str) -> str:
    return f"tidings-trial-{channel.replace('_', '-')}"


def data_of(content: Content, added: Mapping[str, str]) -> Mapping[str, Any]:
    """What was filled, as the data of an event."""
    said = asdict(content)
    return {**{name: said[name] for name in ("subject", "text", "html", "url")}, "added": added}
