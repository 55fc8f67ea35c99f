"""`hub integrations set|test|list|pause|resume|reset-cursor`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connectors.secret import Secret
from hub.cli import entering
from hub.cli.opening import opened
from hub.cli.options import FromFile, JsonOption, ProviderArgument, TenantOption
from hub.cli.output import moment, say, show_json, show_table
from hub.errors import HubError
from hub.i18n import N_, _
from hub.messages import failure_text

if TYPE_CHECKING:
    from connectors.contract import Provider
    from hub.control.integrations import Integration


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command(
        "set", help=N_("Store an account's credentials: asked for without echo, or JSON from a file or standard input.")
    )(set_)
    group.command(
        "test", help=N_("Ask the provider whether it accepts the credentials; needed before the first sync.")
    )(try_)
    group.command("list", help=N_("List a tenant's accounts. Credentials are never shown."))(list_)
    group.command("pause", help=N_("Stop syncing one account."))(pause)
    group.command("resume", help=N_("Sync a paused account again, at once."))(resume)
    group.command("reset-cursor", help=N_("Forget how far streams were read: the next sync fetches them again."))(
        reset_cursor
    )


def set_(
    provider: ProviderArgument,
    tenant: TenantOption,
    environment: Annotated[str, typer.Option(help=N_("live or sandbox."))] = "live",
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help=N_("Own address: of a sandbox, or of a server the tenant runs."))
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help=N_("Setting of the provider; may be repeated. What is stored and not given stays."),
        ),
    ] = None,
    clear: Annotated[
        list[str] | None,
        typer.Option("--clear", metavar="NAME", help=N_("Setting that goes back to its default; may be repeated.")),
    ] = None,
    every_minutes: Annotated[
        int | None, typer.Option(metavar="MINUTES", help=N_("Time between two syncs; the plan sets the shortest."))
    ] = None,
    from_file: FromFile = None,
    as_json: JsonOption = False,
) -> None:
    """New credentials wait for a test."""
    from hub.control import integrations
    from hub.kvkk.audit import operator

    declared = integrations.provider_named(provider)
    settings = dict(_setting(text) for text in setting or [])
    with opened() as hub:
        account = integrations.Account(
            environment=environment,
            base_url=base_url,
            credentials=_credentials(declared, from_file),
            settings=settings,
            cleared=tuple(clear or ()),
            interval_seconds=None if every_minutes is None else every_minutes * 60,
        )
        after = integrations.connect(
            hub.database, hub.keyring, declared, hub.tenant_id(tenant), account, actor=operator()
        )
    next_step = _("{provider} is stored. Next: hub integrations test {provider} --tenant {tenant}")
    _show(after, next_step.format(provider=provider, tenant=tenant), as_json=as_json)


def try_(provider: ProviderArgument, tenant: TenantOption, as_json: JsonOption = False) -> None:
    """A failure says why, and leaves the account as it was."""
    import asyncio

    from hub.control import integrations
    from hub.control.trial_connection import run_test
    from hub.kvkk.audit import operator
    from hub.sync.fetch import http_client

    declared = integrations.provider_named(provider)
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)

        async def ask() -> Integration:
            async with http_client() as client:
                return await run_test(hub.database, hub.keyring, declared, tenant_id, client, actor=operator())

        after = asyncio.run(ask())
    _show(after, _("{provider} accepts the credentials.").format(provider=provider), as_json=as_json)


def list_(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """State and next sync of each account."""
    from hub.control import integrations

    with opened() as hub:
        found = integrations.listed(hub.database, hub.tenant_id(tenant))
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Provider"), _("Environment"), _("State"), _("Why"), _("Tested"), _("Last attempt"), _("Next try")],
        [
            [
                each.provider,
                each.environment,
                state_text(each.state),
                failure_text(each.paused_reason) if each.paused_reason else "",
                moment(each.tested_at),
                moment(each.last_attempt_at),
                moment(each.next_due_at if each.state == "active" else None),
            ]
            for each in found
        ],
    )


def pause(provider: ProviderArgument, tenant: TenantOption, as_json: JsonOption = False) -> None:
    """Until somebody resumes it."""
    from hub.control import integrations
    from hub.kvkk.audit import operator

    integrations.provider_named(provider)
    with opened() as hub:
        after = integrations.pause(hub.database, hub.tenant_id(tenant), provider, actor=operator())
    _show(after, _("{provider} is paused.").format(provider=provider), as_json=as_json)


def resume(provider: ProviderArgument, tenant: TenantOption, as_json: JsonOption = False) -> None:
    """An account that never passed a test still needs one."""
    from hub.control import integrations
    from hub.kvkk.audit import operator

    integrations.provider_named(provider)
    with opened() as hub:
        after = integrations.resume(hub.database, hub.tenant_id(tenant), provider, actor=operator())
    waits = _("{provider} waits for a test: hub integrations test {provider} --tenant {tenant}")
    text = _("{provider} syncs again.") if after.state == "active" else waits
    _show(after, text.format(provider=provider, tenant=tenant), as_json=as_json)


def reset_cursor(
    provider: ProviderArgument,
    tenant: TenantOption,
    stream: Annotated[str | None, typer.Option(help=N_("One stream; all of them unless given."))] = None,
    as_json: JsonOption = False,
) -> None:
    """Nothing is deleted: rows that come again replace themselves."""
    from hub.control import cursors, integrations
    from hub.kvkk.audit import operator

    declared = integrations.provider_named(provider)
    with opened() as hub:
        streams = cursors.reset(hub.database, declared, hub.tenant_id(tenant), stream, actor=operator())
    if as_json:
        show_json({"reset": streams})
    else:
        say(_("Reset: {streams}").format(streams=", ".join(streams) or "–"))


def state_text(state: str) -> str:
    """An account's or a stream's state as a word."""
    words = {
        "new": N_("untested"),
        "active": N_("active"),
        "paused": N_("paused"),
        "suspended": N_("suspended"),
        "ok": N_("fine"),
        "failed": N_("failing"),
        "waiting": N_("waiting"),
        "never": N_("not yet"),
    }
    return _(words.get(state, state))


def _credentials(provider: Provider, from_file: Any) -> dict[str, Secret]:
    if from_file is None and sys.stdin.isatty():
        typed: dict[str, Secret] = {}
        for field in provider.credential_fields:
            title = field.title if field.required else _("{title} (may stay empty)").format(title=field.title)
            value = entering.optional_hidden_value(title) if field.secret else Secret(entering.shown_value(title))
            if value:
                typed[field.name] = value
        return typed
    values = entering.document(from_file or entering.STANDARD_INPUT)
    return {name: Secret(value if isinstance(value, str) else json.dumps(value)) for name, value in values.items()}


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise HubError("setting_malformed")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _show(integration: Integration, text: str, *, as_json: bool) -> None:
    if as_json:
        show_json(integration)
    else:
        say(text)
