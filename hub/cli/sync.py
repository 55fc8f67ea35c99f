"""`hub sync`."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from hub.cli.opening import opened
from hub.cli.options import JsonOption, ProviderArgument
from hub.cli.output import note, progress
from hub.cli.status import show_status
from hub.errors import HubError
from hub.i18n import N_, _


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sync", help=N_("Sync now, due or not, as a Dagster run; with dates it fetches a past period again."))(
        sync
    )


def sync(
    provider: ProviderArgument,
    tenant: Annotated[
        list[str] | None,
        typer.Option(metavar="TENANT", help=N_("Tenant: id or subdomain; may be repeated. All unless given.")),
    ] = None,
    stream: Annotated[str | None, typer.Option(help=N_("One stream; all of them unless given."))] = None,
    date_from: Annotated[str | None, typer.Option("--from", metavar="DATE", help=N_("First day, YYYY-MM-DD."))] = None,
    date_to: Annotated[str | None, typer.Option("--to", metavar="DATE", help=N_("Last day, YYYY-MM-DD."))] = None,
    full: Annotated[bool, typer.Option("--full", help=N_("Fetch the whole declared depth again."))] = False,
    as_json: JsonOption = False,
) -> None:
    """Exit 1 when any tenant failed, or one that was named was left out; the others are synced all the same."""
    from hub.control import integrations
    from hub.control import status as hub_status
    from hub.orchestration.sync_command import launch
    from hub.sync.windows import Asked

    declared = integrations.provider_named(provider)
    streams = [each.name for each in declared.streams]
    if stream is not None and stream not in streams:
        raise HubError("stream_unknown", provider=provider, stream=stream, known=", ".join(sorted(streams)))
    first, last = _day(date_from, "--from"), _day(date_to, "--to")
    if full and (first or last):
        raise HubError("full_with_dates")
    Asked(first, last, full)
    with opened() as hub:
        tenants = [hub.tenant_id(each) for each in tenant or []]
        with progress(_("Syncing {provider}").format(provider=provider)) as on_progress:
            run = launch(
                hub.settings,
                provider,
                tenants,
                stream=stream,
                date_from=first,
                date_to=last,
                full=full,
                on_progress=on_progress,
            )
        after = [
            each
            for each in hub_status.read(hub.database)
            if each.provider == provider and (not tenants or each.tenant_id in tenants)
        ]
    show_status(after, streams=True, as_json=as_json)
    note(
        _("Dagster run {run}. Tenants: {count}, failed: {failed}, left out: {skipped}.").format(
            run=run.run_id, count=run.tenants, failed=run.failed, skipped=run.skipped
        )
    )
    if run.skipped:
        note(_("Left out are tenants that are suspended, paused or waiting for a test: hub status"))
    # The run's own outcome and not the state after it: a third failure pauses, and another stream may fail since long.
    healthy = run.succeeded and run.models_succeeded is not False and not run.failed
    asked_for_in_vain = bool(tenants) and run.skipped > 0
    raise typer.Exit(0 if healthy and not asked_for_in_vain else 1)


def _day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise HubError("date_malformed", option=option) from None
