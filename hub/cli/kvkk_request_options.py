"""What the commands of `hub kvkk requests` share: their options, who acts, and how a request is told."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from hub.cli import entering
from hub.cli.output import moment, say, show_json
from hub.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub.cli.opening import Hub
    from hub.kvkk.audit import Actor
    from hub.kvkk.requests.record import Request

RequestArgument = Annotated[UUID, typer.Argument(metavar="REQUEST", help=N_("The request's id."))]
ByOption = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help=N_("Who acts; the user of the system unless given."))
]
KindsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--identifier-kind",
        metavar="KIND",
        help=N_("tckn, vkn, phone, email or plate; the value is asked for. May be repeated."),
    ),
]


def actor(hub: Hub, tenant: str, by: str | None) -> Actor:
    """Who acts at the desk: the name given, else the user of the system; a user's id where it is theirs."""
    from hub.kvkk.audit import Actor
    from hub.kvkk.requests.transitions import DESK

    return Actor(desk_name(hub, tenant, by or getpass.getuser()), DESK)


def desk_name(hub: Hub, tenant: str, stated: str) -> str:
    """How the desk knows whoever is named. `InvalidInput` when nobody is."""
    from hub.identity.naming import known_as
    from hub.policies.new_override import named

    return known_as(hub.database, hub.keyring, hub.tenant_id(tenant), named(stated))


def identifiers_asked_for(hub: Hub, tenant_id: str, kinds: Sequence[str]) -> list[tuple[str, str]]:
    """Pseudonyms of identifiers that are typed without echo, or read from standard input, a line each."""
    from hub.kvkk.requests.opening import pseudonyms

    asked = [(kind, entering.hidden_value(_("The person's {kind}").format(kind=kind))) for kind in kinds]
    return pseudonyms(hub.keyring, tenant_id, asked)


def tell(request: Request, said: str, *, as_json: bool) -> None:
    """A request after a step: as JSON, or in one sentence with its id and what it is due."""
    if as_json:
        show_json(request)
    else:
        say(said.format(request=request.request_id, due=moment(request.due_at), state=request.state))
