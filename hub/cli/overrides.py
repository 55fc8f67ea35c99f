"""`hub kvkk overrides set|list|remove`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.opening import Hub, opened
from hub.cli.options import JsonOption, ProviderArgument, TenantOption
from hub.cli.output import moment, note, say, show_json, show_table
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.policies.place import Place
    from hub.policies.remask import Rewritten
    from kvkk_policies.tightening import Tightening

StreamArgument = Annotated[str, typer.Argument(metavar="STREAM", help=N_("Stream of the provider."))]
ColumnArgument = Annotated[str, typer.Argument(metavar="COLUMN", help=N_("Column of the stream."))]
ByOption = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help=N_("Who decided it; kept with the decision."))
]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command(
        "set",
        help=N_("Choose another action for a column. What is loaded is rewritten at once if it is the stricter one."),
    )(set_)
    group.command("list", help=N_("List a tenant's choices; with --history every decision there was."))(list_)
    group.command("remove", help=N_("Take a choice back: the policy's own action is in force again."))(remove)


def set_(
    provider: ProviderArgument,
    stream: StreamArgument,
    column: ColumnArgument,
    tenant: TenantOption,
    action: Annotated[
        str | None,
        typer.Option(help=N_("keep, drop, pseudonymise, vault, partial, generalise or scan, as far as allowed.")),
    ] = None,
    legal_basis: Annotated[
        str | None, typer.Option(help=N_("The tenant's own legal basis, such as contract or legal_obligation."))
    ] = None,
    retention: Annotated[str | None, typer.Option(metavar="PERIOD", help=N_("How long, as P1Y or P90D."))] = None,
    params: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE", help=N_("What the action needs to know; may be repeated, or one JSON object.")
        ),
    ] = None,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """The decision stands even if rewriting is cut short: the next one, or `hub migrate`, goes on with it."""
    from hub.policies import overrides
    from hub.policies.new_override import NewOverride
    from hub.validation import checked

    given = {"action": action, "legal_basis": legal_basis, "retention": retention, "params": params or [], "by": by}
    new = checked(NewOverride, {name: value for name, value in given.items() if value is not None})
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        where = _place(hub, provider, stream, column)
        change = overrides.choose(hub.database, tenant_id, where, new.override, decided_by=new.by)
        done = _settled(hub, tenant_id)
    said = _("{stream}.{column} is now {action} for this tenant.")
    _tell(tenant_id, where, change, done, said.format(stream=stream, column=column, action=new.action), as_json=as_json)


def list_(
    tenant: TenantOption,
    history: Annotated[bool, typer.Option("--history", help=N_("Every decision, newest first."))] = False,
    as_json: JsonOption = False,
) -> None:
    """Who decided what, and when."""
    from hub.policies import overrides

    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        found = overrides.history(hub.database, tenant_id) if history else overrides.listed(hub.database, tenant_id)
    if as_json:
        show_json(found)
        return
    decided = {"set": _("chosen"), "removed": _("taken back"), "withdrawn": _("withdrawn by the policy")}
    headings = [_("Column"), _("Action"), _("Legal basis"), _("Retention"), _("Decided by"), _("Decided at")]
    rows = [
        [
            f"{each.provider}.{each.stream}.{each.column}",
            _shown(each.action, each.params),
            each.legal_basis,
            each.retention,
            each.decided_by,
            moment(each.decided_at),
        ]
        for each in found
    ]
    if history:
        headings.append(_("Decision"))
        for row, each in zip(rows, found, strict=True):
            row.append(decided[getattr(each, "decision", "set")])
    show_table(headings, rows)


def remove(
    provider: ProviderArgument,
    stream: StreamArgument,
    column: ColumnArgument,
    tenant: TenantOption,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """What the choice left in clear is masked at once."""
    from hub.policies import overrides
    from hub.policies.new_override import named

    decided_by = named(by)
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        where = _place(hub, provider, stream, column)
        change = overrides.take_back(hub.database, tenant_id, where, decided_by=decided_by)
        done = _settled(hub, tenant_id)
    said = _("{stream}.{column} follows the policy again: {action}.")
    text = said.format(stream=stream, column=column, action=where.base.action)
    _tell(tenant_id, where, change, done, text, as_json=as_json)


def _place(hub: Hub, provider: str, stream: str, column: str) -> Place:
    from connectors.registry import PROVIDERS
    from hub.policies.place import place_of

    return place_of(PROVIDERS, hub.policies, provider=provider, stream=stream, column=column)


def _settled(hub: Hub, tenant_id: str) -> list[Rewritten]:
    from connectors.registry import PROVIDERS
    from hub.policies.remask import open_remasker

    remasker = open_remasker(hub.database, hub.keyring, providers=PROVIDERS, policies=hub.policies)
    return remasker.settle(tenant_id)


def _tell(tenant_id: str, where: Place, change: Tightening, done: list[Rewritten], said: str, *, as_json: bool) -> None:
    command = f"hub sync {where.provider.name} --tenant {tenant_id} --stream {where.stream} --full"
    if as_json:
        shown = {
            "provider": where.provider.name,
            "stream": where.stream,
            "column": where.column,
            "rows_rewritten": sum(each.rows for each in done),
            "originals_removed": sum(each.retired for each in done),
            "needs_sync": command if change.needs_sync else None,
        }
        show_json(shown)
        return
    say(said)
    for each in done:
        say(
            _("{column}: {rows} loaded rows rewritten, {originals} originals removed from the vault.").format(
                column=f"{each.provider}.{each.stream}.{each.column}", rows=each.rows, originals=each.retired
            )
        )
    if any(each.rows for each in done):
        note(_("The old values leave the table's files with the next hub migrate."))
    if change.needs_sync:
        note(_("What is loaded already changes with a new sync: {command}").format(command=command))


def _shown(action: str, params: Mapping[str, Any]) -> str:
    return f"{action} {json.dumps(dict(params), ensure_ascii=False)}" if params else action
