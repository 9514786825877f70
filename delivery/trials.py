"""Trying words out: a message to one of ours, as it would be, that counts nowhere. Pure.

The words are filled where they are written, and travel as the data of an event of a topic of their
own, whose template writes them down as they are. So all that follows is the ordinary way.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from delivery.messages import Content
from models.records import Class, Step, TemplateVersion, Topic

_SOURCE = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>{{ data.text }}</mj-text></mj-column>"
    "</mj-section></mj-body></mjml>"
)
CHANNELS = frozenset({"email", "in_app"})
"""Channels on which words can be tried out."""


def topic_of(channel: str) -> Topic:
    """The topic of trials: nobody can turn it off, and nothing of it is noticed."""
    return Topic(
        f"tidings.trial.{channel}",
        "Words that are tried out",
        "tidings",
        Class.TRANSACTIONAL,
        (Step(channel, channel, _template(channel)),),
        mandatory=True,
        track_opens=False,
        track_clicks=False,
    )


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


def data_of(content: Content) -> Mapping[str, Any]:
    """What was filled, as the data of an event."""
    said = asdict(content)
    return {name: said[name] for name in ("subject", "text", "html", "url")}
