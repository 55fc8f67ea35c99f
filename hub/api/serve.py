"""Serves the front door until it is told to stop: a process of its own, of which several may share one port.

TLS is the reverse proxy's unless `HUB_TLS_CERT_FILE` and `HUB_TLS_KEY_FILE` are set. No log of addresses: webhooks'
secrets stand in paths.
"""

from __future__ import annotations

import gc
import socket
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from hub.errors import HubError

if TYPE_CHECKING:
    import uvicorn
    from dagster import DagsterInstance
    from starlette.types import ASGIApp

    from hub.api.services import Services
    from hub.settings import Settings

_BACKLOG = 1_024
_KEEP_ALIVE_SECONDS = 15
_MOST_CONNECTIONS = 1_000


@contextmanager
def services_of(settings: Settings, *, shares_counts: bool = False) -> Generator[Services]:
    """What a process needs for as long as it serves. `shares_counts`: it is one of several workers."""
    from hub.api.attempts import Attempts
    from hub.api.limiting import Limiting
    from hub.api.services import Services
    from hub.db.database import Database
    from hub.identity.sign_in import SignIn
    from hub.keys.daily import DailyKeys
    from hub.keys.keyring import Keyring
    from hub.keys.master_key import read_master_key
    from hub.limits.open import open_limiter
    from hub.observe import counters

    database = Database(settings)

    @contextmanager
    def instance() -> Generator[DagsterInstance]:
        from hub.orchestration.dagster_home import open_instance

        with open_instance(settings) as opened:
            yield opened

    try:
        keyring = Keyring(database, read_master_key(settings.master_key_file))
        yield Services(
            settings,
            database,
            keyring,
            DailyKeys(database, keyring),
            SignIn(database, keyring),
            Attempts(database),
            Limiting(database, keyring, open_limiter(database, on_store_down=counters.limit_store_down)),
            instance,
            shares_counts=shares_counts,
        )
    finally:
        database.close()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. HubError `port_taken`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError:
        listening.close()
        raise HubError("port_taken", port=port) from None
    return listening


def server_of(settings: Settings, app: ASGIApp) -> uvicorn.Server:
    """The HTTP server, with the bounds that keep slow or many connections from holding it."""
    import uvicorn

    from hub.serving import LIMITS, configuration

    config = configuration(
        app,
        limits=replace(LIMITS, connections=_MOST_CONNECTIONS, idle_seconds=_KEEP_ALIVE_SECONDS),
        websockets=settings.dagster_url is not None,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        ssl_certfile=settings.tls_cert_file,
        ssl_keyfile=settings.tls_key_file,
    )
    return uvicorn.Server(config)


def serve(
    settings: Settings,
    listening: socket.socket,
    on_ready: Callable[[str], None] = lambda _url: None,
    *,
    shares_counts: bool = False,
) -> None:
    """Take calls on the socket until the process is interrupted."""
    from hub.api.app import front_door
    from hub.api.asking import warm
    from hub.api.readiness import look_ahead
    from hub.observe.errors import configure_error_reports
    from hub.observe.logs import configure_logs
    from hub.observe.tracing import configure_tracing

    configure_logs(settings, process="api")
    configure_tracing(settings, process="api")
    configure_error_reports(settings, process="api")
    with services_of(settings, shares_counts=shares_counts) as services:
        server = server_of(settings, front_door(services))
        warm(services)
        look_ahead(services)
        on_ready(url_of(settings, listening))
        server.run(sockets=[listening])


def url_of(settings: Settings, listening: socket.socket) -> str:
    """The address as a person on this machine reaches it."""
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if settings.tls_cert_file else 'http'}://{shown}:{port}"


def main(arguments: list[str]) -> None:
    """A worker that `hub up` starts, with the number of a listening socket that it inherits."""
    from hub.settings import Settings

    # uvicorn has ended in order when it raises once more what interrupted it.
    with socket.socket(fileno=int(arguments[0])) as listening, suppress(KeyboardInterrupt):
        serve(Settings.load(), listening, shares_counts=True)
    # Python would look for cycles in all that was ever imported before it ends, which takes seconds.
    gc.freeze()


if __name__ == "__main__":
    main(sys.argv[1:])
