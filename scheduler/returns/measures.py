"""What `/metrics` of this service shows."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class Measures:
    """Counters of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.mails = Counter(
            "tidings_returned_mails",
            "Mails by the way they came and what became of them: taken, known, or put off.",
            ["way", "outcome"],
            registry=self.registry,
        )
        self.refused = Counter(
            "tidings_returned_refused_recipients",
            "Recipients that were refused: not ours, or a wrong MAC.",
            ["way"],
            registry=self.registry,
        )
        self.sessions = Gauge(
            "tidings_returned_sessions", "SMTP and LMTP sessions.", registry=self.registry
        )
        self.reachable = Gauge(
            "tidings_returned_mailbox_reachable",
            "1 when the mailbox could be looked into the last time.",
            ["way"],
            registry=self.registry,
        )
