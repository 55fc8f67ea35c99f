"""`hub up`: the database, Dagster's processes and nothing else to think of, until Ctrl-C."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import IO, TYPE_CHECKING

from hub.errors import HubError

if TYPE_CHECKING:
    from hub.orchestration.services import Services
    from hub.settings import Settings

LOOK_SECONDS = 1.0


def up(
    settings: Settings,
    *,
    admin: bool = False,
    pg_port: int | None = None,
    web_port: int | None = None,
    api_port: int | None = None,
    on_progress: Callable[[str], None] = lambda step: None,
    on_ready: Callable[[Services], None],
    stop: threading.Event,
) -> None:
    """Serve until `stop` is set; build dbt's manifest and migrate first. `on_progress` gets a step's code.

    Raises HubError `already_up` when somebody serves this home, `port_taken`, `pg_port_elsewhere` or `pg_port_not_open`
    for a port that cannot be had, and `service_died` when one of the processes ends.
    """
    from hub.db import postgres
    from hub.db.migrate import migrate
    from hub.models.dbt_process import ensure_manifest
    from hub.orchestration.ports import require_free
    from hub.orchestration.services import alone

    if pg_port is not None and not settings.is_embedded("data"):
        raise HubError("pg_port_elsewhere")
    with alone(settings) as lock:
        for port in (web_port, api_port):
            if port:
                require_free(port)
        with postgres.running(settings, tcp_port=pg_port):
            on_progress("migrate_manifest")
            # The marts' tables follow from it, and the code server reads it.
            ensure_manifest(settings)
            migrate(settings, on_progress=on_progress)
            on_progress("up_services")
            _serve(
                settings,
                lock,
                admin=admin,
                web_port=web_port,
                api_port=api_port,
                on_ready=on_ready,
                stop=stop,
            )


def serve(
    settings: Settings,
    *,
    admin: bool,
    web_port: int | None,
    on_ready: Callable[[Services], None],
    stop: threading.Event,
) -> None:
    """The same on a database that is up and migrated."""
    from hub.orchestration.services import alone

    with alone(settings) as lock:
        _serve(settings, lock, admin=admin, web_port=web_port, api_port=0, on_ready=on_ready, stop=stop)


def _serve(
    settings: Settings,
    lock: IO[bytes],
    *,
    admin: bool,
    web_port: int | None,
    api_port: int | None,
    on_ready: Callable[[Services], None],
    stop: threading.Event,
) -> None:
    from hub.db.database import Database
    from hub.orchestration.dagster_home import open_instance
    from hub.orchestration.partitions import reconcile_partitions
    from hub.orchestration.service_logs import bound_all
    from hub.orchestration.services import dagster_services, logs_of

    database = Database(settings)
    try:
        with open_instance(settings) as instance:
            reconcile_partitions(instance, database)
    finally:
        database.close()
    with dagster_services(settings, lock, admin=admin, web_port=web_port, api_port=api_port) as services:
        on_ready(services)
        while not stop.wait(LOOK_SECONDS):
            if (name := services.dead()) is not None:
                raise HubError("service_died", service=name)
            bound_all(logs_of(settings))
