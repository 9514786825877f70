"""Promotional mails in which one cannot unsubscribe, as law and receivers ask."""

from collections.abc import Iterator
from dataclasses import replace

from delivery.publishing.cases import PREFERENCES, UNSUBSCRIBE
from delivery.publishing.findings import Remark, error
from delivery.publishing.material import Words
from models.records import Class


def check(words: Words) -> Iterator[Remark]:
    """The first case of a promotional topic whose HTML or text has no such link."""
    if not words.is_mail:
        return
    for case, content in words.told:
        if case.use.klass is not Class.PROMOTIONAL:
            continue
        for part, said in (("source", content.html or ""), ("text", content.text)):
            if UNSUBSCRIBE not in said and PREFERENCES not in said:
                remark = error(
                    f"{case.use.key} is promotional, so people must be able to unsubscribe:"
                    " link to links.unsubscribe.",
                    part,
                )
                yield replace(remark, case=case.name)
                return
