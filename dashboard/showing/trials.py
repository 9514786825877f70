"""What a test send carries besides its words. Pure."""

from dashboard.showing.safe import code
from models.records import Topic


def carried(topic: Topic | None) -> str:
    """What a topic adds to its mails, in one sentence of Markdown."""
    if topic is None or not (found := _of(topic)):
        return "It carries the words alone; campaigns may add to them."
    *most, last = found
    what = f"{', '.join(most)} and {last}" if most else last
    return f"It carries what {code(topic.key)} adds: {what}."


def _of(topic: Topic) -> list[str]:
    found = [f"Reply-To {code(topic.reply_to)}"] if topic.reply_to else []
    found += ["a calendar entry of its own"] if topic.calendar else []
    files = ", ".join(map(code, topic.attachments))
    return [*found, f"the files {files}"] if files else found
