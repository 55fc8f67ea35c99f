"""The metrics page: what this installation's processes counted and what its database knows, in Prometheus' text form.

Served apart from the API (a port of its own on loopback) or with a token. Workers that count together need the variable
of `multiprocess_environment` when they start, since prometheus_client looks for it when it is imported.
"""

from __future__ import annotations

import hashlib
import hmac
import shutil
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.observe.counters import counters
from hub.observe.database_metrics import DatabaseMetrics

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.settings import Settings

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SHORTEST_TOKEN = 24
_MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"


class Metrics:
    """The page of one process. Threads may share it.

    `shared` is for workers that were started with `multiprocess_environment`: each shows what all of them counted.
    """

    def __init__(self, database: Database, *, shared: bool = False) -> None:
        self._shared = shared
        self._of_database = DatabaseMetrics(database, worst=database.settings.metrics_worst_tenants)

    def exposition(self) -> bytes:
        """The whole page. A database that does not answer is said on it and fails nothing."""
        from prometheus_client import CollectorRegistry, generate_latest

        registry = CollectorRegistry()
        registry.register(self._of_database)
        if not self._shared:
            return generate_latest(counters().registry) + generate_latest(registry)
        from prometheus_client.multiprocess import MultiProcessCollector

        MultiProcessCollector(registry)
        return generate_latest(registry)


def multiprocess_environment(settings: Settings) -> dict[str, str]:
    """What to add to the environment of workers that count together. Makes their directory anew: counts begin at 0."""
    directory = settings.home / "metrics"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(mode=0o700)
    return {_MULTIPROCESS: str(directory)}


def may_read(settings: Settings, *, authorization: str | None, from_this_machine: bool) -> bool:
    """Whether a caller may read the page: by the token where one is set, from this machine where none is.

    `authorization` is the header. HubError `metrics_token_unfit` for a file that is missing, that others may read or
    that holds too short a token: nobody reads the page then.
    """
    if settings.metrics_token_file is None:
        return from_this_machine
    expected = _token(settings)
    scheme, _, given = (authorization or "").partition(" ")
    # Of equal length whatever is given, so that the comparison tells nothing of the token's.
    marks = [hashlib.sha256(each.strip().encode()).digest() for each in (given, expected)]
    return hmac.compare_digest(*marks) and scheme.lower() == "bearer"


def _token(settings: Settings) -> str:
    path = settings.metrics_token_file
    assert path is not None  # noqa: S101 - the caller has asked
    try:
        mode, text = path.stat().st_mode & 0o077, path.read_text().strip()
    except OSError:
        mode, text = 0, ""
    if mode or len(text) < SHORTEST_TOKEN:
        raise HubError("metrics_token_unfit", path=str(path), least=SHORTEST_TOKEN)
    return text
