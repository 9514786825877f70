"""Templates, partials and layouts: what uses them, and what they may be filled with."""

from typing import Any

from dashboard.data import LOOKED_AT, database, read
from dashboard.reading.reports import TemplateReport
from delivery.templates.translations import Lack, Lag, lacks, lags
from models.database import SyncTransaction
from models.queries.configuring import catalog, templates as stored, translations
from models.queries.console import incoming, templates
from models.queries.folding import engagements
from models.readings.templates import TemplateLine
from models.records import Live, Topic


def template_lines() -> list[TemplateLine]:
    """All templates, partials and layouts with what uses them."""
    return read(templates.template_lines())


def template_report(template: str) -> TemplateReport | None:
    """One template with its versions and what it may be filled with; `None` when unknown."""
    with database().begin() as tx:
        lines = {line.template: line for line in tx.run(templates.template_lines())}
        if template not in lines:
            return None
        line, known = lines[template], tx.run(catalog.topics())
        users = [line, *(lines[user] for user in line.users)]
        keys = dict.fromkeys(topic for user in users for topic in user.topics)
        used = [known[key] for key in keys if key in known]
        return TemplateReport(
            line=line,
            versions=tuple(tx.run(stored.versions_of(template))),
            saved=tuple(tx.run(templates.version_lines(template))),
            topics=tuple(used),
            last_data=_last_data(tx, used),
            links=tuple(tx.run(engagements.links_of(template))),
            texts=tuple(tx.run(stored.texts(template, line.live_version or 0))),
            partials=tuple(tx.run(stored.live_partials())),
            behind={lag.locale: lag.since for lag in _lags(tx, template)},
        )


def lacking(template: str) -> list[Lack]:
    """The languages of recipients that a template does not speak; reads every recipient."""
    with database().begin() as tx:
        return lacks(_live(tx, template), tx.run(translations.readers()))


def _lags(tx: SyncTransaction, template: str) -> list[Lag]:
    return lags(_live(tx, template), tx.run(translations.wordings(template)))


def _live(tx: SyncTransaction, template: str) -> dict[str, Live]:
    return {key: one for key, one in tx.run(stored.live()).items() if key == template}


def _last_data(tx: SyncTransaction, used: list[Topic]) -> dict[str, Any]:
    found = {}
    for topic in used:
        if not topic.sensitive and (data := tx.run(incoming.last_data(topic.key, LOOKED_AT))):
            found[topic.key] = data[0]
    return found
