"""`hub api-keys create|list|revoke|rotate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import moment, note, say, show_json, show_table
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.identity.api_keys import Made

KeyArgument = Annotated[UUID, typer.Argument(metavar="KEY", help=N_("The key's id, which is also its client id."))]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("create", help=N_("Make an API key; it is shown once."))(create)
    group.command("list", help=N_("List a tenant's API keys, without the keys themselves."))(list_)
    group.command("rotate", help=N_("Make a new secret for a key; the old one works for a week more."))(rotate)
    group.command("revoke", help=N_("Let a key work no more, nor what was got with it."))(revoke)


def create(
    tenant: TenantOption,
    label: Annotated[str, typer.Option(help=N_("What the key is for."))],
    scope: Annotated[
        list[str], typer.Option("--scope", metavar="SCOPE", help=N_("What it may do, such as data.read; repeatable."))
    ],
    days: Annotated[int | None, typer.Option(help=N_("Days that it lives; 365 unless given."))] = None,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """No key may see what only people with a second factor see."""
    from hub.identity import api_keys
    from hub.identity.api_keys import NewKey
    from hub.validation import checked

    actor = acting(by)
    values = {"label": label, "scopes": scope} | ({"days": days} if days is not None else {})
    new = checked(NewKey, values)
    with opened() as hub:
        made = api_keys.create(hub.database, hub.tenant_id(tenant), new, actor=actor)
    _show(made, as_json=as_json)


def list_(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """Revoked and expired ones too."""
    from hub.identity import api_keys

    with opened() as hub:
        found = api_keys.listed(hub.database, hub.tenant_id(tenant))
    if as_json:
        show_json([{**vars(key), "scopes": sorted(key.scopes)} for key in found])
        return
    show_table(
        [_("Key"), _("Label"), _("Begins with"), _("Scopes"), _("Last used"), _("Expires"), _("Revoked")],
        [
            [
                str(key.key_id),
                key.label,
                key.prefix,
                " ".join(sorted(key.scopes)),
                moment(key.last_used_at),
                moment(key.expires_at),
                moment(key.revoked_at),
            ]
            for key in found
        ],
    )


def rotate(
    client: KeyArgument,
    tenant: TenantOption,
    at_once: Annotated[
        bool, typer.Option("--at-once", help=N_("Let the old one end now: somebody else has it."))
    ] = False,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """The id stays."""
    from hub.identity import api_keys

    actor = acting(by)
    with opened() as hub:
        made = api_keys.rotate(hub.database, hub.tenant_id(tenant), client, actor=actor, at_once=at_once)
    _show(made, as_json=as_json)


def revoke(client: KeyArgument, tenant: TenantOption, by: ActingOption = None, as_json: JsonOption = False) -> None:
    """It stays on the list."""
    from hub.identity import api_keys

    actor = acting(by)
    with opened() as hub:
        after = api_keys.revoke(hub.database, hub.tenant_id(tenant), client, actor=actor)
    if as_json:
        show_json({"key_id": after.key_id, "revoked_at": after.revoked_at})
    else:
        say(_("The API key {key} works no more.").format(key=after.key_id))


def _show(made: Made, *, as_json: bool) -> None:
    if as_json:
        show_json({"key_id": made.key.key_id, "key": made.secret, "expires_at": made.key.expires_at})
        return
    note(
        _("API key {key}, until {expires}. It is shown this once:").format(
            key=made.key.key_id, expires=moment(made.key.expires_at)
        )
    )
    say(made.secret)
