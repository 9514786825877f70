"""What a test send carries besides its words. Pure."""

from models.records import Topic


def carried(topic: Topic | None) -> str:
    """What a topic adds to its mails, in one sentence."""
    found = [] if topic is None else _of(topic)
    if not found:
        return "It carries the words alone; campaigns may add to them."
    *most, last = found
    what = f"{', '.join(most)} and {last}" if most else last
    return f"It carries what {topic.key if topic else ''} adds: {what}."


def _of(topic: Topic) -> list[str]:
    found = [f"Reply-To {topic.reply_to}"] if topic.reply_to else []
    found += ["a calendar entry of its own"] if topic.calendar else []
    files = ", ".join(topic.attachments)
    return [*found, f"the files {files}"] if files else found
