"""The drawer of one delivery: its life, why it was decided so, its attempts, what it said."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard import data, page, settings
from dashboard.access import Permission
from dashboard.components.deliveries import digest, engagement, line, orders, said
from dashboard.components.drawer import Drawer
from dashboard.door import identity
from dashboard.reading.reports import Report
from dashboard.showing.safe import code, plain
from dashboard.showing.words import STATE_COLOURS, label, masked, moment
from delivery.envelopes import domain_of, message_id
from delivery.explain import STAGES, Outcome, findings
from models.readings.deliveries import Delivery, Reaction
from models.reasons import sentence
from models.records import Tried
from models.states import DeliveryState as D

_MARKS = {
    Outcome.KEPT: ":green[:material/check:]",
    Outcome.HELD: ":orange[:material/schedule:]",
    Outcome.SKIPPED: ":red[:material/block:]",
    Outcome.EXPIRED: ":red[:material/timer_off:]",
    Outcome.COLLECTED: ":blue[:material/inbox:]",
    Outcome.CANCELLED: ":red[:material/cancel:]",
    Outcome.AGAIN: ":blue[:material/replay:]",
    Outcome.SENT: ":green[:material/send:]",
    Outcome.IN_DOUBT: ":orange[:material/help:]",
    Outcome.FAILED: ":red[:material/error:]",
}


def drawer(chosen: str | None, table: str) -> None:
    """Open the drawer of the chosen delivery, or of the one that the URL names.

    Args:
        chosen: Id of the delivery somebody clicked.
        table: Key of the table it was clicked in, which forgets it when the drawer closes.
    """
    Drawer("Delivery", "delivery", clicked=(table,)).show(show, chosen)


def show(identifier: str) -> None:
    """Draw the drawer's inside.

    Args:
        identifier: As it stands in the URL.
    """
    identity.demand(Permission.SEE)
    personal, report = identity.may(Permission.SEE_PERSONAL), _report(identifier)
    if report is None:
        st.error(f"Nothing is known of a delivery {plain(identifier)}. It may be too old.")
        return
    zone, now = page.zone(), data.now()
    _state(report)
    orders.of_one(report.delivery)
    _facts(report, personal=personal)
    st.subheader("Life", anchor=False)
    line.show(_life(report), zone, now)
    st.caption(f"Times in {zone}")
    st.subheader("Why", anchor=False)
    _why(report, zone)
    digest.show(report, zone)
    if report.attempts:
        st.subheader("Attempts", anchor=False)
        _attempts(report, zone, personal=personal)
    _came_back(report, zone, now)
    st.subheader("Content as sent", anchor=False)
    said.show(report, key="as_sent")


def _came_back(report: Report, zone: ZoneInfo, now: datetime) -> None:
    """What vendors and readers told, and what their readers did then."""
    if report.reactions:
        st.subheader("What came back", anchor=False)
        told = [(_said(each, report), each.occurred_at) for each in report.reactions]
        line.show(told, zone, now)
        for why in engagement.reasons(report.reactions):
            st.caption(plain(why))
    if report.conversions:
        st.subheader("What followed", anchor=False)
        followed = [(engagement.followed(one), one.occurred_at) for one in report.conversions]
        line.show(followed, zone, now)


def _said(each: Reaction, report: Report) -> str:
    """What came back, why, and who told."""
    if (noticed := engagement.told(each, report.version)) is not None:
        return noticed
    why = each.detail.get("bounce")
    told = f"{label(each.kind)}: {label(str(why)).lower()}" if why else label(each.kind)
    return f"{told} ({each.vendor})"


def _report(identifier: str) -> Report | None:
    try:
        report = data.report(UUID(identifier))
    except ValueError:
        return None
    if report is None or identity.may(Permission.SEE_CONTENT):
        return report
    return report.without_content()


def _state(report: Report) -> None:
    delivery = report.delivery
    badges = [f":{STATE_COLOURS.get(delivery.state, 'gray')}-badge[{label(delivery.state)}]"]
    badges += [f":gray-badge[{label(each)}]" for each in (delivery.channel, delivery.klass)]
    if delivery.test:
        badges.append(":violet-badge[Test]")
    st.markdown(" ".join(badges))
    if delivery.why:
        st.markdown(f"**{plain(sentence(delivery.why))}**")
    if delivery.detail:
        st.code(delivery.detail, language=None, wrap_lines=True)


def _facts(report: Report, *, personal: bool) -> None:
    delivery = report.delivery
    facts = {
        "Delivery": f"`{delivery.delivery_id}`",
        "Message-ID": _message_id(delivery),
        "Topic": plain(f"{delivery.topic} · step {delivery.step}"),
        "Address": delivery.address and code(_seen(delivery.address, report, personal=personal)),
        "Account": delivery.account and plain(f"{delivery.account} ({delivery.provider})"),
        "Template": delivery.template and _template(delivery.template, delivery.template_version),
        "Answer": delivery.response and code(_seen(delivery.response, report, personal=personal)),
    }
    st.table({name: fact for name, fact in facts.items() if fact}, border="horizontal")
    with st.container(horizontal=True, gap="medium"):
        recipient = {"id": [delivery.recipient_id]}
        page.link("recipient", f"Recipient {delivery.recipient_id}", recipient, ":material/person:")
        page.link("outbox", "Event", {"event": [str(delivery.event_id)]}, ":material/input:")


def _message_id(delivery: Delivery) -> str | None:
    """The Message-ID; of a mail whose worker was lost before it wrote it down, the one it has."""
    if delivery.message_id:
        return code(delivery.message_id)
    if delivery.state == D.IN_DOUBT and delivery.channel == "email":
        return code(message_id(delivery.delivery_id, domain_of(settings.delivery().mail_from)))
    return None


def _seen(text: str, report: Report, *, personal: bool) -> str:
    """What a server said often names the address: it is masked wherever it stands."""
    address = report.delivery.address
    return text if personal or address is None else text.replace(address, masked(address))


def _template(template: str, version: int | None) -> str:
    return plain(template if version is None else f"{template}, version {version}")


def _life(report: Report) -> list[tuple[str, datetime | None]]:
    delivery, event = report.delivery, report.event
    begun = [attempt.begun_at for attempt in report.attempts if attempt.begun_at]
    return [
        ("Created", delivery.created_at),
        ("Planned", event.planned_at if event else None),
        ("Due", delivery.due_at),
        ("Begun", begun[-1] if begun else delivery.begun_at),
        ("Sent", delivery.sent_at),
        ("In doubt" if delivery.state == D.IN_DOUBT else "Settled", delivery.settled_at),
    ]


def _why(report: Report, zone: ZoneInfo) -> None:
    found = findings(report.delivery.trace)
    if not found:
        st.caption("No check was made yet.")
    for stage in dict.fromkeys(finding.stage for finding in found):
        st.caption(STAGES.get(stage, stage))
        lines = [
            f"{_MARKS[each.outcome]} {plain(each.sentence)}{_note(each.note, each.until, zone)}"
            for each in found
            if each.stage == stage
        ]
        st.markdown("  \n".join(lines))


def _note(note: str, until: datetime | None, zone: ZoneInfo) -> str:
    again = "" if until is None else f"Looked at again: {moment(until, zone)}"
    said = " · ".join(filter(None, (plain(note), again)))
    return f" :small[:gray[{said}]]" if said else ""


def _attempts(report: Report, zone: ZoneInfo, *, personal: bool) -> None:
    frame = pd.DataFrame(
        {
            "Number": [attempt.attempt for attempt in report.attempts],
            "Ended": [moment(attempt.ended_at, zone) for attempt in report.attempts],
            "Came to": [
                f":{STATE_COLOURS.get(attempt.outcome, 'gray')}-badge[{label(attempt.outcome)}]"
                for attempt in report.attempts
            ],
            "Answer": [
                plain(_seen(_answer(each), report, personal=personal)) for each in report.attempts
            ],
        }
    )
    st.table(frame, border="horizontal", hide_index=True, alt="Attempts to hand the message over")


def _answer(attempt: Tried) -> str:
    said = (attempt.code, attempt.enhanced, attempt.response)
    return " ".join(str(part) for part in said if part)
