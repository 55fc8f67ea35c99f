"""`hub kvkk reveal` and who may: `hub kvkk revealers permit|revoke|list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import note, say, show_json, show_table
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.kvkk.reveal import Permission

PurposeOption = Annotated[
    str,
    typer.Option(
        "--purpose",
        metavar="CODE",
        help=N_("customer_contact, dispute, subject_request, authority_request, security_incident or correction."),
    ),
]
ReferenceOption = Annotated[
    str,
    typer.Option(
        "--reference", metavar="ID", help=N_("What it belongs to: a ticket, a file, a request; an id, no name.")
    ),
]
UserArgument = Annotated[str, typer.Argument(metavar="USER", help=N_("User of the hub's machine."))]
ByOption = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help=N_("Who decided it; kept with the decision."))
]


def register(group: typer.Typer) -> None:
    """Add the command to its group."""
    group.command(
        "reveal",
        help=N_("Show the original behind one pseudonym. Needs permission and a purpose; every attempt is on record."),
    )(reveal)


def register_revealers(group: typer.Typer) -> None:
    """Add the commands that say who may."""
    group.command("permit", help=N_("Let a user of the hub's machine reveal single values of a tenant."))(permit)
    group.command("revoke", help=N_("Take the permission back."))(revoke)
    group.command("list", help=N_("List who may reveal values of a tenant."))(list_)


def reveal(
    pseudonym: Annotated[str, typer.Argument(metavar="PSEUDONYM", help=N_("Pseudonym as the warehouse shows it."))],
    tenant: TenantOption,
    purpose: PurposeOption,
    reference: ReferenceOption,
    as_json: JsonOption = False,
) -> None:
    """The user is the operating system's: no option states another."""
    from hub.kvkk.audit import operator
    from hub.kvkk.reveal import reveal as open_one

    with opened() as hub:
        found = open_one(
            hub.database,
            hub.keyring,
            hub.tenant_id(tenant),
            pseudonym,
            why=purpose,
            reference=reference,
            actor=operator(),
        )
    if as_json:
        show_json([{"kind": each.kind, "value": each.value, "destroyed": each.value is None} for each in found])
        return
    for value in dict.fromkeys(each.value for each in found if each.value is not None):
        say(value)
    if any(each.value is None for each in found):
        note(_("The key of a data subject has been destroyed: this original cannot be read any more."))


def permit(
    user: UserArgument,
    tenant: TenantOption,
    per_hour: Annotated[int | None, typer.Option(metavar="N", help=N_("Most values an hour; 20 unless given."))] = None,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Permitting somebody again changes the limit."""
    from hub.kvkk import reveal as revealing
    from hub.kvkk.audit import operator

    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        _shown(revealing.permit(hub.database, tenant_id, user, actor=operator(by), per_hour=per_hour), as_json)


def revoke(user: UserArgument, tenant: TenantOption, by: ByOption = None, as_json: JsonOption = False) -> None:
    """What the user has seen stays in the audit log."""
    from hub.kvkk import reveal as revealing
    from hub.kvkk.audit import operator

    with opened() as hub:
        _shown(revealing.revoke(hub.database, hub.tenant_id(tenant), user, actor=operator(by)), as_json)


def list_(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """Nobody, unless the tenant said so."""
    from hub.kvkk import reveal as revealing

    with opened() as hub:
        _shown(revealing.permission(hub.database, hub.tenant_id(tenant)), as_json)


def _shown(permission: Permission, as_json: bool) -> None:
    if as_json:
        show_json(permission)
    else:
        show_table([_("User"), _("Most an hour")], [[user, str(permission.per_hour)] for user in permission.users])
