"""`hub demo`."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli.options import JsonOption
from hub.i18n import N_


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "demo", help=N_("The whole story on embedded Postgres and the sandbox; exit 0 only if all of it happened.")
    )(demo)


def demo(
    serve: Annotated[bool, typer.Option("--serve", help=N_("Leave it running and print the addresses."))] = False,
    as_json: JsonOption = False,
) -> None:
    """Works in a directory of its own and heeds no other setting."""
    from hub.demo import demo as play

    raise typer.Exit(0 if play(serve=serve, as_json=as_json) else 1)
