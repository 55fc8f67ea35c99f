"""How many calls a second a process may ask its limits, against Postgres and Redis, one at a time and in chunks.

`python -m benchmarks.limits_bench` on a migrated home of its own; Redis where redis-server is installed.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from hub.db import postgres
from hub.db.database import Database
from hub.db.migrate import migrate
from hub.identity.caller import PLATFORM_SCOPE
from hub.limits.bucket import Limiter
from hub.limits.postgres_store import PostgresStore
from hub.limits.redis_store import RedisStore
from hub.limits.store import Store
from hub.models.dbt_process import ensure_manifest
from hub.settings import Settings

SECONDS = 3.0


def calls_a_second(store: Store, *, rate_per_minute: int, burst: int) -> float:
    """Calls that one thread gets through. A burst below eight leaves nothing to spare: each call asks the store."""
    limiter = Limiter(store)
    began, count = time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < SECONDS:
        limiter.take(PLATFORM_SCOPE, f"bench-{burst}", rate_per_minute=rate_per_minute, burst=burst)
        count += 1
    return count / passed


def refusals_a_second(store: Store) -> float:
    """Calls that one thread is refused, beyond the first."""
    limiter = Limiter(store)
    began, count = time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < SECONDS:
        limiter.take(PLATFORM_SCOPE, "bench-refused", rate_per_minute=1, burst=1)
        count += 1
    return count / passed


def report(name: str, store: Store) -> None:
    """One line a store."""
    each = calls_a_second(store, rate_per_minute=60_000_000, burst=7)
    spared = calls_a_second(store, rate_per_minute=12_000, burst=1_000_000)
    refused = refusals_a_second(store)
    print(f"{name:10} {each:>10,.0f} one by one {spared:>12,.0f} in chunks {refused:>12,.0f} refusals")


def main() -> None:
    """Measure both stores."""
    home = Path(tempfile.mkdtemp(prefix="kopru-bench-"))
    settings = Settings.apart(home)
    try:
        with postgres.running(settings):
            ensure_manifest(settings)
            migrate(settings, with_dagster=False)
            database = Database(settings)
            report("postgres", PostgresStore(database))
            database.close()
        program = shutil.which("redis-server")
        if program is not None:
            socket = home / "redis.sock"
            with subprocess.Popen(
                [program, "--port", "0", "--unixsocket", socket, "--save", "", "--dir", home],
                stdout=subprocess.PIPE,
                text=True,
            ) as process:
                assert process.stdout is not None
                next(line for line in process.stdout if "eady to accept connections" in line or "now ready" in line)
                report("redis", RedisStore(f"unix://{socket}", prefix="bench"))
                process.terminate()
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
