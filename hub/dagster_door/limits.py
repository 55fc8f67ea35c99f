"""How much, how long and how many at once: a door that waits for ever is closed by whoever stands in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes, times in seconds. The defaults are far above what Dagster's own pages need."""

    body_bytes: int = 1_000_000
    """Of a GraphQL request: a launch's configuration is the largest, and ours holds ids."""
    body_seconds: float = 10.0
    """For a body to arrive whole."""
    answer_bytes: int = 1_000_000_000
    """Of an answer: a run's debug file is the longest."""
    connect_seconds: float = 5.0
    answer_seconds: float = 120.0
    """Between two pieces of an answer, the first included."""
    connections: int = 64
    """To one webserver at once; more wait, for `pool_seconds` at most."""
    pool_seconds: float = 10.0
    idle_seconds: float = 2.0
    """A connection to the webserver is kept. It ends them itself after five, and Dagster's pages ask every five: a
    question must not meet the end on its way."""
    sockets: int = 256
    """Open websockets; a page of Dagster's has one."""
    socket_text_bytes: int = 1_000_000
    """Of a message from a client."""
    socket_answer_bytes: int = 64_000_000
    """Of a message from Dagster."""

    def timeout(self) -> dict[str, float]:
        """As httpx's transport takes it."""
        return {
            "connect": self.connect_seconds,
            "read": self.answer_seconds,
            "write": self.answer_seconds,
            "pool": self.pool_seconds,
        }
