"""How long each phase of a session may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds without the answer that is due (RFC 5321, section 4.5.3.2, mostly shorter).

    The wait after the final dot is not here: it comes with each message, as
    `Handover.answer_within`.

    Attributes:
        connect: Name look-up, TCP and TLS handshakes, each.
        greeting: The server's first words.
        command: The answer to any command.
        block: One block of a large message taken by the server.
        idle: How long a connection without work is kept.
        farewell: The answer to QUIT.
        reopening: Pause before another connection is tried while others still work.
    """

    connect: float = 10.0
    greeting: float = 60.0
    command: float = 60.0
    block: float = 180.0
    idle: float = 60.0
    farewell: float = 5.0
    reopening: float = 5.0
