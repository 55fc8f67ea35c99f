"""`hub status`: last success, last failure with its reason, next try."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.integrations import state_text
from hub.cli.opening import opened
from hub.cli.options import JsonOption
from hub.cli.output import moment, note, show_json, show_table
from hub.i18n import N_, _
from hub.messages import explain, failure_text, text_of

if TYPE_CHECKING:
    from hub.control.status import IntegrationStatus, StreamStatus


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status", help=N_("Each tenant and provider: last success, last failure and its reason, next try."))(
        status
    )


def status(
    tenant: Annotated[str | None, typer.Option(metavar="TENANT", help=N_("Only this tenant: id or subdomain."))] = None,
    streams: Annotated[bool, typer.Option("--streams", help=N_("A line for each stream."))] = False,
    as_json: JsonOption = False,
) -> None:
    """Ids, times, counts and codes; no tenant's data."""
    from hub.control import status as hub_status
    from hub.doctor import loading_troubles

    with opened() as hub:
        found = hub_status.read(hub.database, tenant_id=hub.tenant_id(tenant) if tenant else None)
        troubles = loading_troubles(hub.settings)
    show_status(found, streams=streams, as_json=as_json)
    for trouble in troubles:
        note(_("Nothing loads: {reason}").format(reason=explain(trouble)))


def show_status(found: Sequence[IntegrationStatus], *, streams: bool, as_json: bool) -> None:
    """Integrations' states as a table, a line for each or for each stream, or as JSON."""
    if as_json:
        show_json([_as_object(each) for each in found])
        return
    headings = [_("Tenant"), _("Name"), _("Provider"), _("State"), _("Last success"), _("Why"), _("Next try")]
    rows = [row for each in found for row in _rows(each, streams=streams)]
    show_table(headings if not streams else [*headings[:3], _("Stream"), *headings[3:]], rows)


def _rows(each: IntegrationStatus, *, streams: bool) -> list[list[str]]:
    who = [each.tenant_id, each.tenant_name, each.provider]
    if streams:
        return [
            [
                *who,
                stream.stream,
                state_text(stream.state),
                moment(stream.last_success_at),
                _why(stream),
                _next(each, stream),
            ]
            for stream in each.streams
        ]
    return [[*who, state_text(each.health), moment(each.last_success_at), _reason(each), moment(each.next_try)]]


def _next(each: IntegrationStatus, stream: StreamStatus) -> str:
    return moment((stream.retry_at or each.next_try) if each.next_try else None)


def _reason(each: IntegrationStatus) -> str:
    """What a person must know first: why it is paused, why it fails, which columns wait for a policy."""
    if each.active and each.state == "paused" and each.paused_reason:
        return failure_text(each.paused_reason)
    if each.active and each.state == "new":
        return text_of("integration_untested")
    if each.failure is not None:
        return f"{each.failure.stream}: {_why(each.failure)}"
    waiting = [f"{stream.stream}.{column}" for stream in each.streams for column in stream.undeclared]
    refused = sum(stream.awaiting_basis for stream in each.streams)
    return _waits_for(columns=waiting, refused=refused)


def _why(stream: StreamStatus) -> str:
    if stream.state == "failed" and stream.failure_code:
        text = failure_text(
            stream.failure_code,
            status=stream.failure_status,
            provider_code=stream.failure_provider_code,
            field=stream.failure_field,
        )
        return f"{text} ({moment(stream.last_failure_at)})"
    return _waits_for(columns=stream.undeclared, refused=stream.awaiting_basis)


def _waits_for(*, columns: Sequence[str], refused: int) -> str:
    """What a healthy stream leaves out until a person decides."""
    texts = [text_of("columns_undeclared", columns=", ".join(columns))] if columns else []
    return " ".join([*texts, *([text_of("awaiting_basis", count=refused)] if refused else [])])


def _as_object(each: IntegrationStatus) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(each) | {
        "health": each.health,
        "reason": _reason(each) or None,
        "last_success_at": each.last_success_at,
        "next_try": each.next_try,
        "streams": [asdict(stream) | {"reason": _why(stream) or None} for stream in each.streams],
    }
