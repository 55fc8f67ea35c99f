"""`python -m connectors.sandbox`: prints its address on a line of its own and serves until it is told to stop."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

from connectors.sandbox.server import HOST, Certificate, listening_socket, serve
from connectors.sandbox.world import Pace, World


def main() -> None:
    """Parse the arguments and serve."""
    defaults = Pace()
    parser = argparse.ArgumentParser(prog="python -m connectors.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--behind-hours", type=float, default=0, help="start so far before the present")
    parser.add_argument("--rows-per-day", type=int, default=defaults.rows_per_day)
    parser.add_argument("--history-days", type=int, default=defaults.history_days)
    parser.add_argument("--page-size", type=int, default=defaults.page_size)
    parser.add_argument("--subscribers", type=int, default=defaults.subscribers)
    parser.add_argument("--points-per-day", type=int, default=defaults.points_per_day)
    parser.add_argument("--calls-per-day", type=int, default=defaults.calls_per_day)
    parser.add_argument("--steady", action="store_true", help="every day alike, nothing late: for benchmarks")
    parser.add_argument("--tls-certificate", type=Path)
    parser.add_argument("--tls-key", type=Path)
    parser.add_argument("--leash", action="store_true", help="stop when standard input closes")
    given = parser.parse_args()
    if (given.tls_certificate is None) != (given.tls_key is None):
        parser.error("--tls-certificate and --tls-key go together")
    tls = None if given.tls_certificate is None else Certificate(given.tls_certificate, given.tls_key)
    pace = Pace(
        rows_per_day=given.rows_per_day,
        history_days=given.history_days,
        steady=given.steady,
        page_size=given.page_size,
        subscribers=given.subscribers,
        points_per_day=given.points_per_day,
        calls_per_day=given.calls_per_day,
    )
    world = World(seed=given.seed, pace=pace, start=datetime.now(UTC) - timedelta(hours=given.behind_hours))
    listener = listening_socket(given.port)
    print(f"{'https' if tls else 'http'}://{HOST}:{listener.getsockname()[1]}", flush=True)  # noqa: T201
    if given.leash:
        Thread(target=_stop_with_parent, daemon=True).start()
    serve(world, listener, tls=tls)


def _stop_with_parent() -> None:
    """A parent that was killed could not stop us; its end of the pipe closes all the same."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
