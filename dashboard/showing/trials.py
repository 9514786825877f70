"""What a test send leaves out of what a real mail would carry. Pure."""

from collections.abc import Iterable

from models.records import Topic


def left_out(topics: Iterable[Topic]) -> str:
    """What topics add to their mails besides words, in one sentence."""
    named = [f"{topic.key} adds {' and '.join(found)}" for topic in topics if (found := _of(topic))]
    said = "A test carries the words alone, without what campaigns add"
    return f"{said}; {'; '.join(named)}." if named else f"{said}."


def _of(topic: Topic) -> list[str]:
    found = [f"Reply-To {topic.reply_to}"] if topic.reply_to else []
    found += ["a calendar invitation"] if topic.calendar else []
    files = ", ".join(topic.attachments)
    return [*found, f"the files {files}"] if files else found
