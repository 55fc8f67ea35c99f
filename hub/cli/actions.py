"""`hub actions send|list|show|drain|kinds`: what the hub does to the world."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from hub.cli import entering
from hub.cli.action_fields import named_as_options
from hub.cli.action_words import money, reason, told
from hub.cli.opening import opened
from hub.cli.options import ActionArgument, JsonOption, TenantOption
from hub.cli.output import moment, say, show_json, show_table
from hub.errors import HubError
from hub.i18n import N_, _
from hub.messages import text_of

if TYPE_CHECKING:
    from hub.cli.opening import Hub
    from hub.outbox.listing import Listed


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("send", help=N_("Ask for an action: queued, or done at once if it cannot wait."))(send)
    group.command("list", help=N_("List actions, newest first; neither payload nor recipient is shown."))(list_)
    group.command("show", help=N_("Show one action with its attempts."))(show)
    group.command("drain", help=N_("Do what is due now, in this process; the daemon does it by itself."))(drain)
    group.command("kinds", help=N_("List the kinds of action, and how an unclear one is cleared up."))(kinds)


def send(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=N_("Kind of action, such as netgsm.sms."))],
    tenant: TenantOption,
    once: Annotated[
        str, typer.Option("--once", metavar="KEY", help=N_("Your name for it: the same key never does it twice."))
    ],
    from_file: Annotated[
        Path, typer.Option("--from-file", metavar="FILE", help=N_("JSON object to be sent; - reads standard input."))
    ],
    not_before: Annotated[
        datetime | None, typer.Option("--not-before", metavar="TIME", help=N_("Not before this time (Istanbul)."))
    ] = None,
    not_after: Annotated[
        datetime | None, typer.Option("--not-after", metavar="TIME", help=N_("Not at all after this time (Istanbul)."))
    ] = None,
    priority: Annotated[int, typer.Option(min=0, max=9, help=N_("0 is done first, 9 last."))] = 5,
    commercial: Annotated[
        bool, typer.Option("--commercial", help=N_("A commercial message: consent and İYS are asked for it."))
    ] = False,
    purpose: Annotated[
        str | None, typer.Option(metavar="CODE", help=N_("Purpose whose consent must stand when it is sent."))
    ] = None,
    template: Annotated[
        str | None,
        typer.Option(
            "--template", metavar="NAME", help=N_("Words of the message; `variables` stand in the JSON object.")
        ),
    ] = None,
    language: Annotated[str, typer.Option("--language", metavar="tr|en", help=N_("Language of the text."))] = "tr",
    as_json: JsonOption = False,
) -> None:
    """The exit status is 1 when an action that cannot wait was not done."""
    from connectors.istanbul import ISTANBUL
    from hub.kvkk.audit import operator
    from hub.outbox.ask import ask
    from hub.outbox.enqueue import NewAction
    from hub.templates.asking import worded

    payload = entering.document(from_file)
    variables: object = payload.pop("variables", {}) if template else {}
    new = NewAction(
        kind=kind,
        idempotency_key=once,
        payload=payload,
        not_before=not_before and not_before.replace(tzinfo=ISTANBUL),
        not_after=not_after and not_after.replace(tzinfo=ISTANBUL),
        priority=priority,
        commercial=commercial,
        purpose=purpose,
    )
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        if template is not None:
            new = worded(hub.database, tenant_id, new, template=template, variables=variables, language=language)
        with named_as_options():
            (queued,) = ask(hub.database, hub.keyring, tenant_id, [new], created_by=operator().name)
        urgent = _is_urgent(kind)
        if urgent and queued.state == "pending":
            _do_now(hub, tenant_id, queued.action_id)
        found = _read(hub, tenant_id, queued.action_id)
    if as_json:
        show_json(found)
    else:
        say(_("{action}: {state}").format(action=found.action_id, state=told(found)))
    if urgent and found.state not in {"accepted", "delivered"}:
        raise typer.Exit(1)


def list_(
    tenant: TenantOption,
    state: Annotated[
        list[str] | None, typer.Option("--state", metavar="STATE", help=N_("Only these states; may be repeated."))
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help=N_("Also those that are over."))] = False,
    kind: Annotated[str | None, typer.Option("--kind", metavar="KIND", help=N_("Only this kind."))] = None,
    most: Annotated[int, typer.Option("--most", min=1, max=10_000, help=N_("At most so many."))] = 100,
    as_json: JsonOption = False,
) -> None:
    """Open ones unless all are asked for."""
    from hub.outbox import listing
    from hub.outbox.vocabulary import STATES

    unknown = sorted(set(state or []) - set(STATES))
    if unknown:
        raise HubError("action_state_unknown", known=", ".join(STATES))
    states = state or (STATES if everything else listing.OPEN_STATES)
    with opened() as hub:
        found = listing.listed(hub.database, hub.tenant_id(tenant), states=states, kind=kind, most=most)
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Action"), _("Kind"), _("State"), _("Attempts"), _("Due"), _("Asked for"), _("Cost"), _("Why")],
        [
            [
                str(each.action_id),
                each.kind,
                each.state,
                str(each.attempts),
                moment(each.not_before) if each.state == "pending" else "–",
                moment(each.created_at),
                money(each),
                reason(each),
            ]
            for each in found
        ],
    )


def show(action: ActionArgument, tenant: TenantOption, as_json: JsonOption = False) -> None:
    """Codes and counts of every attempt."""
    from hub.outbox.listing import get

    with opened() as hub:
        found, attempts = get(hub.database, hub.tenant_id(tenant), action)
    if as_json:
        show_json({"action": found, "attempts": attempts})
        return
    say(_("{action}: {state}").format(action=found.action_id, state=told(found)))
    if found.state == "pending":
        say(f"  {_('Due')}: {moment(found.not_before)}")
    for name, value in {**found.summary, **found.facts}.items():
        say(f"  {name}: {value}")
    show_table(
        [_("Attempt"), _("Began"), _("Ended"), _("Outcome"), _("Code")],
        [
            [
                str(each.attempt),
                moment(each.started_at),
                moment(each.finished_at),
                each.outcome or "–",
                " ".join(filter(None, (each.code, each.provider_code))) or "–",
            ]
            for each in attempts
        ],
    )


def drain(as_json: JsonOption = False) -> None:
    """For machines without the daemon, and for those who do not want to wait for it."""
    import asyncio
    from datetime import timedelta

    from hub.outbox.drain import Pace
    from hub.outbox.drain import drain as empty
    from hub.outbox.open import open_outbox

    with opened() as hub:
        counts = asyncio.run(empty(open_outbox(hub.database, hub.keyring), pace=Pace(lingers=timedelta(0))))
    if as_json:
        show_json(dict(counts))
        return
    for what, count in sorted(counts.items()):
        say(f"{count} {what}")
    if not counts:
        say(_("Nothing is due."))


def kinds(as_json: JsonOption = False) -> None:
    """What the connectors declare."""
    from connectors.action_registry import kinds as declared

    found = sorted(declared().values(), key=lambda each: each.name)
    if as_json:
        show_json([{"kind": each.name, "provider": each.provider, "asking": each.asking} for each in found])
        return
    show_table(
        [_("Kind"), _("Title"), _("When it is unclear")],
        [[each.name, text_of(f"action_{each.name.replace('.', '_')}"), each.asking] for each in found],
    )


def _is_urgent(kind: str) -> bool:
    from connectors.action_registry import kinds as declared

    return declared()[kind].urgent


def _do_now(hub: Hub, tenant_id: str, action_id: UUID) -> None:
    import asyncio

    from hub.outbox.at_once import at_once
    from hub.outbox.open import open_outbox
    from hub.sync.fetch import http_client

    async def do() -> None:
        async with http_client() as client:
            await at_once(open_outbox(hub.database, hub.keyring), tenant_id, action_id, client)

    asyncio.run(do())


def _read(hub: Hub, tenant_id: str, action_id: UUID) -> Listed:
    from hub.outbox.listing import get

    return get(hub.database, tenant_id, action_id)[0]
