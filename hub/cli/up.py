"""`hub up`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.services import Services


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "up", help=N_("Serve until Ctrl-C: Postgres unless configured elsewhere, Dagster's webserver and daemon.")
    )(up)


def up(
    admin: Annotated[
        bool,
        typer.Option("--admin", help=N_("Let the webserver launch runs and change schedules; read-only without it.")),
    ] = False,
    pg_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help=N_("Open Postgres on this port of 127.0.0.1 as well."))
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help=N_("Port of the webserver on 127.0.0.1; a free one unless given.")),
    ] = None,
) -> None:
    """The address is printed once it answers. One Ctrl-C is enough: everything is told to stop at the first."""
    import signal
    import threading

    from hub.cli.output import note, say
    from hub.settings import Settings
    from hub.up import up as serve

    stop = threading.Event()

    def leave(_number: int, _frame: object) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)

    def ready(services: Services) -> None:
        say(_("Dagster: {url}").format(url=services.webserver_url))
        note(_("Read and write.") if admin else _("Read-only. Stop with Ctrl-C."))

    note(_("Starting …"))
    serve(Settings.load(), admin=admin, pg_port=pg_port, web_port=port, on_ready=ready, stop=stop)
