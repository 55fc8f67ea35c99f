"""`hub webhooks add|list|show|test|pause|resume|remove|rotate-secret`: telling a tenant's own programs what happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import moment, note, say, show_json, show_table
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.subscriptions.managing import Shown
    from hub.subscriptions.record import Subscription

WebhookArgument = Annotated[UUID, typer.Argument(metavar="WEBHOOK", help=N_("The webhook's id."))]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("add", help=N_("Have an address told of events. Its secret is shown once."))(add)
    group.command("list", help=N_("List a tenant's webhooks."))(list_)
    group.command("show", help=N_("Show one webhook with its address."))(show)
    group.command("test", help=N_("Send subscription.test now, and show what the receiver answers."))(try_out)
    group.command("pause", help=N_("Send nothing for a while; what happens meanwhile waits."))(pause)
    group.command("resume", help=N_("Send again, first what waited."))(resume)
    group.command("remove", help=N_("End a webhook, with all that waits for it."))(remove)
    group.command("rotate-secret", help=N_("Make another secret; both sign for a day. It is shown once."))(
        rotate_secret
    )


def add(
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help=N_("Where to, such as https://ornek.com.tr/kopru."))
    ],
    tenant: TenantOption,
    types: Annotated[
        list[str] | None,
        typer.Option(
            "--type", metavar="TYPE", help=N_("What to tell, such as sync.failed. May be repeated; all unless given.")
        ),
    ] = None,
    notify: Annotated[
        str | None, typer.Option("--notify", metavar="MAIL", help=N_("Who is told by mail when it is disabled."))
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """The address is checked now, and again each time that something is sent."""
    import asyncio

    from hub.kvkk.audit import operator
    from hub.subscriptions import managing
    from hub.subscriptions.reach import reach_of
    from hub.subscriptions.vocabulary import SUBSCRIBABLE

    with opened() as hub:
        made = asyncio.run(
            managing.add(
                hub.database,
                hub.keyring,
                reach_of(hub.settings),
                hub.tenant_id(tenant),
                address=address,
                types=types or SUBSCRIBABLE,
                contact=notify,
                actor=operator(),
            )
        )
    _show_secret(made, as_json=as_json)


def list_(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """The oldest first."""
    from hub.subscriptions import managing

    with opened() as hub:
        found = managing.listed(hub.database, hub.tenant_id(tenant))
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Webhook"), _("Host"), _("Events"), _("State"), _("Failing since"), _("Why")],
        [
            [
                str(each.subscription_id),
                each.host,
                " ".join(each.types),
                each.state,
                moment(each.failing_since),
                _why(each),
            ]
            for each in found
        ],
    )


def show(webhook: WebhookArgument, tenant: TenantOption, as_json: JsonOption = False) -> None:
    """The secret is not shown: whoever lost it rotates it."""
    from hub.subscriptions import managing

    with opened() as hub:
        found = managing.get(hub.database, hub.keyring, hub.tenant_id(tenant), webhook)
    if as_json:
        show_json(found)
        return
    one = found.subscription
    show_table(
        ["", ""],
        [
            [_("Webhook"), str(one.subscription_id)],
            [_("Sent to"), found.address],
            [_("Events"), " ".join(one.types)],
            [_("State"), one.state],
            [_("Why"), _why(one)],
            [_("Failing since"), moment(one.failing_since)],
            [_("Rests until"), moment(one.rests_until)],
            [_("Both secrets sign until"), moment(one.previous_until)],
            [_("Who is told"), found.contact or "–"],
        ],
    )


def try_out(webhook: WebhookArgument, tenant: TenantOption, as_json: JsonOption = False) -> None:
    """Exit status 1 unless the receiver took it in (2xx)."""
    import asyncio

    from hub.kvkk.audit import operator
    from hub.messages import failure_text
    from hub.subscriptions import at_once
    from hub.subscriptions.reach import reach_of
    from hub.subscriptions.telling import Outgoing

    with opened() as hub:
        outgoing = Outgoing(hub.database, hub.keyring, reach_of(hub.settings))
        tested = asyncio.run(at_once.test(outgoing, hub.tenant_id(tenant), webhook, actor=operator()))
    if as_json:
        show_json(tested)
    elif tested.status is not None:
        say(
            _("HTTP {status} after {ms} ms ({event})").format(
                status=tested.status, ms=tested.milliseconds, event=tested.event_id
            )
        )
    if tested.code is not None and not as_json:
        note(failure_text(tested.code))
    if not tested.delivered:
        raise typer.Exit(1)


def pause(webhook: WebhookArgument, tenant: TenantOption, as_json: JsonOption = False) -> None:
    """Events are kept for thirty days."""
    from hub.kvkk.audit import operator
    from hub.subscriptions import managing

    with opened() as hub:
        done = managing.pause(hub.database, hub.keyring, hub.tenant_id(tenant), webhook, actor=operator())
    _tell(done, _("{webhook} is paused."), as_json=as_json)


def resume(webhook: WebhookArgument, tenant: TenantOption, as_json: JsonOption = False) -> None:
    """For one that was paused or disabled."""
    from hub.kvkk.audit import operator
    from hub.subscriptions import managing

    with opened() as hub:
        done = managing.resume(hub.database, hub.keyring, hub.tenant_id(tenant), webhook, actor=operator())
    _tell(done, _("{webhook} is active."), as_json=as_json)


def remove(webhook: WebhookArgument, tenant: TenantOption) -> None:
    """What happened stays in the audit log."""
    from hub.kvkk.audit import operator
    from hub.subscriptions import managing

    with opened() as hub:
        managing.remove(hub.database, hub.keyring, hub.tenant_id(tenant), webhook, actor=operator())
    say(_("{webhook} is removed.").format(webhook=webhook))


def rotate_secret(
    webhook: WebhookArgument,
    tenant: TenantOption,
    at_once: Annotated[
        bool, typer.Option("--at-once", help=N_("The present secret signs no more: somebody else knows it."))
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Receivers accept a call that either secret signed."""
    from hub.kvkk.audit import operator
    from hub.subscriptions import managing

    with opened() as hub:
        made = managing.rotate_secret(
            hub.database, hub.keyring, hub.tenant_id(tenant), webhook, at_once=at_once, actor=operator()
        )
    _show_secret(made, as_json=as_json)


def _why(subscription: Subscription) -> str:
    from hub.messages import failure_text

    return failure_text(subscription.reason) if subscription.reason else "–"


def _tell(subscription: Subscription, said: str, *, as_json: bool) -> None:
    if as_json:
        show_json(subscription)
    else:
        say(said.format(webhook=subscription.subscription_id))


def _show_secret(made: Shown, *, as_json: bool) -> None:
    one = made.subscription
    if as_json:
        show_json({"webhook": one, "secret": made.secret.reveal()})
        return
    say(str(one.subscription_id))
    say(made.secret.reveal())
    note(_("The secret is not shown again. Receivers verify with it, by the Standard Webhooks scheme."))
    if one.previous_until is not None:
        note(_("The secret before it signs too, until {time}.").format(time=moment(one.previous_until)))
