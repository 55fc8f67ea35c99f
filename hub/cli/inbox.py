"""`hub inbox list|replay|serve`, and `hub integrations webhook`: what providers told us, and where they call."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, cast

import typer

from hub.cli.kvkk_breach_options import time_given
from hub.cli.opening import opened
from hub.cli.options import JsonOption, ProviderArgument, TenantOption
from hub.cli.output import moment, note, say, show_json, show_table
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.inbox.endpoints import Issued

DEFAULT_PORT = 8079

OnlyProvider = Annotated[str | None, typer.Option("--provider", metavar="PROVIDER", help=N_("Only this provider's."))]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("list", help=N_("List events that wait or were set aside. Nothing that they say is shown."))(list_)
    group.command("replay", help=N_("Have the events of a time handled again, as far back as their keys reach."))(
        replay
    )
    group.command("serve", help=N_("Take the providers' calls on 127.0.0.1 until Ctrl-C."))(serve)


def register_webhook(group: typer.Typer) -> None:
    """Add the command that gives a provider an address to call."""
    group.command("webhook", help=N_("Make the address that a provider calls. Its secret is shown once."))(webhook)


def list_(
    tenant: TenantOption,
    provider: OnlyProvider = None,
    everything: Annotated[bool, typer.Option("--all", help=N_("Also those that were handled."))] = False,
    as_json: JsonOption = False,
) -> None:
    """Newest first."""
    from hub.inbox.listing import listed
    from hub.messages import failure_text

    with opened() as hub:
        found = listed(hub.database, hub.tenant_id(tenant), provider=provider, only_open=not everything)
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Event"), _("Provider"), _("Kind"), _("Received"), _("State"), _("Attempts"), _("Next try"), _("Why")],
        [
            [
                each.event_id,
                each.provider,
                each.kind,
                moment(each.received_at),
                each.state,
                str(each.attempts),
                moment(each.next_try_at) if each.state == "received" else "–",
                failure_text(each.reason) if each.reason else "–",
            ]
            for each in found
        ],
    )


def replay(
    tenant: TenantOption,
    since: Annotated[
        str, typer.Option("--from", metavar="TIME", help=N_("From when on, such as 2026-03-31T09:00+03:00."))
    ],
    until: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help=N_("Until when, excluded; now unless given."))
    ] = None,
    provider: OnlyProvider = None,
    only_aside: Annotated[bool, typer.Option("--aside", help=N_("Only those that were set aside."))] = False,
    as_json: JsonOption = False,
) -> None:
    """Doing so twice changes nothing: what took effect before is recognised."""
    from datetime import UTC

    from hub.control.integrations import provider_named
    from hub.inbox import replay as replaying
    from hub.kvkk.audit import operator

    begin = cast("datetime", time_given("from", since))
    end = time_given("to", until) or datetime.now(UTC)
    with opened() as hub:
        done = replaying.replay(
            hub.database,
            hub.tenant_id(tenant),
            since=begin,
            until=end,
            provider=provider_named(provider).name if provider is not None else None,
            only_aside=only_aside,
            actor=operator(),
        )
    if as_json:
        show_json(done)
        return
    say(_("Events that wait again: {count}").format(count=done.events))
    if done.unreadable:
        note(_("Too old to be opened: {count}").format(count=done.unreadable))


def serve(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help=N_("Port on 127.0.0.1; 0 takes a free one."))
    ] = DEFAULT_PORT,
) -> None:
    """No log of addresses is written: a secret stands in the path. TLS is the reverse proxy's."""
    from hub.inbox.serve import serve as take

    with opened() as hub:
        take(hub.database, hub.keyring, port, lambda url: say(_("Inbox: {url}").format(url=url)))


def webhook(
    provider: ProviderArgument,
    tenant: TenantOption,
    rotate: Annotated[
        bool, typer.Option("--rotate", help=N_("Make another address; the present one works for another week."))
    ] = False,
    at_once: Annotated[
        bool, typer.Option("--at-once", help=N_("Make another address and end the present one now."))
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Only a hash of the secret is kept."""
    from hub.control.integrations import provider_named
    from hub.inbox import endpoints
    from hub.kvkk.audit import operator

    provider_named(provider)
    with opened() as hub:
        issued = endpoints.issue(
            hub.database,
            hub.tenant_id(tenant),
            provider,
            rotate=rotate or at_once,
            at_once=at_once,
            actor=operator(),
        )
    _show(issued, as_json=as_json)


def _show(issued: Issued, *, as_json: bool) -> None:
    if as_json:
        show_json({"provider": issued.provider, "path": issued.path, "others_until": issued.others_until})
        return
    say(issued.path)
    note(_("It stands behind the address under which your reverse proxy serves the inbox, and is not shown again."))
    if issued.others_until is not None:
        note(_("The address before it works until {time}.").format(time=moment(issued.others_until)))
