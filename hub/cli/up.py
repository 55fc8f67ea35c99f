"""`hub up`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.orchestration.services import Services


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "up",
        help=N_("Serve until Ctrl-C: Postgres unless configured elsewhere, the API, Dagster's webserver and daemon."),
    )(up)


def up(
    admin: Annotated[
        bool,
        typer.Option("--admin", help=N_("Serve Dagster for changes too: launching runs, schedules.")),
    ] = False,
    pg_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help=N_("Open Postgres on this port of 127.0.0.1 as well."))
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65535, help=N_("Port of Dagster's read-only pages on 127.0.0.1, where nobody signs in.")
        ),
    ] = None,
    api_port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help=N_("Port of the API; HUB_API_PORT or 8400 unless given.")),
    ] = None,
) -> None:
    """The address is printed once it answers. One Ctrl-C is enough: everything is told to stop at the first."""
    import gc
    import signal
    import threading
    from contextlib import ExitStack

    from hub.cli.output import note, progress, say
    from hub.dagster_door.paths import PREFIX as DAGSTER
    from hub.front_door import troubles
    from hub.messages import explain, text_of
    from hub.orchestration.up import up as serve
    from hub.settings import Settings

    settings = Settings.load()
    stop = threading.Event()

    def leave(_number: int, _frame: object) -> None:
        stop.set()

    with ExitStack() as starting:
        on_progress = starting.enter_context(progress(_("Starting")))

        def ready(services: Services) -> None:
            # Only now: what is still starting is to be interrupted and not waited for.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, leave)
            starting.close()
            # Through the front door, where one signs in: the webservers' own ports ask nobody who they are.
            door = (settings.public_url or services.api_url).rstrip("/")
            say(_("Dagster: {url}").format(url=f"{door}{DAGSTER}/"))
            if port is not None:
                say(_("Dagster without signing in, read-only: {url}").format(url=services.webserver_url))
            say(_("API: {url}").format(url=services.api_url))
            say(_("What the API can do: {url}").format(url=f"{services.api_url}/api/docs"))
            for trouble in troubles(settings):
                note(_("Look out: {what}").format(what=explain(trouble)))
            note(_("Stop with Ctrl-C.") if admin else _("Read-only. Stop with Ctrl-C."))

        serve(
            settings,
            admin=admin,
            pg_port=pg_port,
            web_port=port,
            api_port=api_port,
            on_progress=lambda step: on_progress(text_of(step)),
            on_ready=ready,
            stop=stop,
        )
    # Python would look for cycles in all that was ever imported before it ends, which takes seconds.
    gc.freeze()
