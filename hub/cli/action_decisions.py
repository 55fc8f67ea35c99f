"""`hub actions retry|settle|withdraw|reconcile`: what a person decides of one action."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import typer

from hub.cli.action_words import told
from hub.cli.kvkk_request_options import ByOption
from hub.cli.opening import opened
from hub.cli.options import ActionArgument, JsonOption, TenantOption
from hub.cli.output import say, show_json
from hub.errors import HubError
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.kvkk.audit import Actor
    from hub.outbox.listing import Listed


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("retry", help=N_("Try again what failed, is dead, or of which nobody knows whether it was done."))(
        retry
    )
    group.command("settle", help=N_("Say what became of an action of unknown fate; it is not done again."))(settle)
    group.command("withdraw", help=N_("Take back an action that still waits."))(withdraw)
    group.command("reconcile", help=N_("Ask the provider now what became of an action."))(reconcile)


def retry(action: ActionArgument, tenant: TenantOption, by: ByOption = None, as_json: JsonOption = False) -> None:
    """Whoever retries an action of unknown fate accepts that it may be done twice."""
    from hub.outbox import decide

    _decide(action, tenant, by, decide.retry, as_json=as_json)


def settle(
    action: ActionArgument,
    tenant: TenantOption,
    as_state: Annotated[str, typer.Option("--as", metavar="delivered|failed", help=N_("What became of it."))],
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """The provider's own pages tell."""
    from hub.outbox import decide

    if as_state not in {"delivered", "failed"}:
        raise HubError("action_state_unknown", known="delivered, failed")
    became: Literal["delivered", "failed"] = "delivered" if as_state == "delivered" else "failed"

    def said(database: Any, tenant_id: str, action_id: UUID, actor: Actor) -> Listed:
        return decide.settle(database, tenant_id, action_id, became, actor)

    _decide(action, tenant, by, said, as_json=as_json)


def withdraw(action: ActionArgument, tenant: TenantOption, by: ByOption = None, as_json: JsonOption = False) -> None:
    """What is on its way cannot be taken back."""
    from hub.outbox import decide

    _decide(action, tenant, by, decide.withdraw, as_json=as_json)


def reconcile(action: ActionArgument, tenant: TenantOption, by: ByOption = None, as_json: JsonOption = False) -> None:
    """Asked in the next round of a drain."""
    from hub.outbox import decide

    _decide(action, tenant, by, decide.look_now, as_json=as_json)


def _decide(
    action: UUID,
    tenant: str,
    by: str | None,
    decision: Callable[[Any, str, UUID, Actor], Listed],
    *,
    as_json: bool,
) -> None:
    from hub.kvkk.audit import operator

    with opened() as hub:
        done = decision(hub.database, hub.tenant_id(tenant), action, operator(by))
    if as_json:
        show_json(done)
    else:
        say(_("{action}: {state}").format(action=done.action_id, state=told(done)))
