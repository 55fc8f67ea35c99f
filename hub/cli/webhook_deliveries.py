"""`hub webhooks deliveries|resend`: what was sent, with which answer, and sending it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.kvkk_breach_options import time_given
from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import moment, say, show_json, show_table
from hub.cli.webhooks import WebhookArgument
from hub.errors import HubError
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.subscriptions.history import Delivery


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("deliveries", help=N_("List what was sent in thirty days, with status and time of each attempt."))(
        deliveries
    )
    group.command("resend", help=N_("Send one event again, or all since a time that were not taken in."))(resend)


def deliveries(
    webhook: WebhookArgument,
    tenant: TenantOption,
    only_open: Annotated[bool, typer.Option("--open", help=N_("Only those that were not taken in."))] = False,
    as_json: JsonOption = False,
) -> None:
    """The newest first. Nothing of an answer is kept but its status."""
    from hub.subscriptions import history

    with opened() as hub:
        found = history.listed(hub.database, hub.keyring, hub.tenant_id(tenant), webhook, only_open=only_open)
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Event"), _("Type"), _("Occurred"), _("State"), _("Attempts"), _("Next try"), _("Last answer")],
        [
            [
                each.event_id,
                each.type,
                moment(each.occurred_at),
                each.state,
                str(each.attempts),
                moment(each.next_try_at),
                _last(each),
            ]
            for each in found
        ],
    )


def resend(
    webhook: WebhookArgument,
    tenant: TenantOption,
    event: Annotated[str | None, typer.Argument(metavar="EVENT", help=N_("The event's id."))] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="TIME", help=N_("Instead of an event: from when on, such as 2026-03-31T09:00+03:00.")
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Receivers know an event that they have by its id."""
    from hub.kvkk.audit import operator
    from hub.subscriptions import history

    begin = time_given("from", since)
    if (event is None) == (begin is None):
        raise HubError("resend_what")
    with opened() as hub:
        tenant_id, count = hub.tenant_id(tenant), 1
        if event is not None:
            history.resend(hub.database, hub.keyring, tenant_id, webhook, event, actor=operator())
        elif begin is not None:
            count = history.resend_since(hub.database, hub.keyring, tenant_id, webhook, begin, actor=operator())
    if as_json:
        show_json({"events": count})
    else:
        say(_("Events that are sent again: {count}").format(count=count))


def _last(delivery: Delivery) -> str:
    from hub.messages import failure_text

    if not delivery.tries:
        return "–"
    last = delivery.tries[-1]
    said = [f"HTTP {last['status']}"] if last["status"] is not None else []
    said += [failure_text(last["code"])] if last["code"] is not None else []
    return " ".join(said)
