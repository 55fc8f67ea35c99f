"""A line for each call of the front door: which route, whose, how it ended, how long it took; nothing of what it said.

The route is its template, so no value of a path stands there, and no query. Where the call came from is left to the
audit log, which is kept and read by rules. At worst there are thousands of lines a second: they are written straight
and pass none of the processors that other lines do, for there is nothing in them that needs masking.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from hub.settings import Settings

logger = logging.getLogger("hub.calls")


class CallLog:
    """Writes the lines of one process."""

    def __init__(self, log_format: Literal["json", "console"], *, process: str = "api") -> None:
        self._fixed = {"event": "call", "level": "info", "logger": logger.name, "process": process}
        self._json = log_format == "json"

    def tell(
        self,
        *,
        request_id: str,
        tenant_id: str | None,
        trace_id: str | None,
        route: str,
        method: str,
        status: int,
        seconds: float,
    ) -> None:
        """Write one, unless the level that is set leaves it out. `tenant_id` is of the tenant that it is about."""
        if not logger.isEnabledFor(logging.INFO):
            return
        named = {"request_id": request_id, "tenant_id": tenant_id, "trace_id": trace_id}
        line = {
            **self._fixed,
            **{name: value for name, value in named.items() if value is not None},
            "route": route,
            "method": method,
            "status": status,
            "ms": round(seconds * 1_000, 2),
            "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        }
        logger.info("%s", json.dumps(line) if self._json else " ".join(f"{name}={line[name]}" for name in line))


def configure_calls(settings: Settings, stream: TextIO) -> None:
    """Send the lines to `stream` as they are, from the level that is set."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.handlers[:], logger.propagate = [handler], False
    logger.setLevel(settings.log_level.upper())
