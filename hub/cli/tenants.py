"""`hub tenants add|list|suspend|resume|forget`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli import entering
from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.opening import Hub, opened
from hub.cli.options import FromFile, JsonOption
from hub.cli.output import moment, note, say, show_json, show_table
from hub.errors import HubError
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.control.tenants import Tenant

TenantArgument = Annotated[str, typer.Argument(metavar="TENANT", help=N_("Tenant: its id or its subdomain."))]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("add", help=N_("Add a tenant. The tax number is asked for, or read from standard input or a file."))(
        add
    )
    group.command("list", help=N_("List the tenants in the order in which they came."))(list_)
    group.command("change", help=N_("Change a tenant's plan, limits or profile; what is not given stays."))(change)
    group.command("suspend", help=N_("Stop a tenant's syncs. Its data stays."))(suspend)
    group.command("resume", help=N_("Let a suspended tenant sync again."))(resume)
    group.command("forget", help=N_("Remove everything of a tenant, for good, and write a receipt."))(forget)


def add(
    name: Annotated[str | None, typer.Option(help=N_("The company's name."))] = None,
    subdomain: Annotated[str | None, typer.Option(help=N_("Unique DNS label: a-z, 0-9 and hyphens."))] = None,
    tax_office: Annotated[str | None, typer.Option(help=N_("Tax office."))] = None,
    kvkk_consent_date: Annotated[
        str | None,
        typer.Option(metavar="DATE", help=N_("Day on which the company agreed to the KVKK terms: YYYY-MM-DD.")),
    ] = None,
    verbis_registration: Annotated[str | None, typer.Option(help=N_("VERBIS registration, if there is one."))] = None,
    plan: Annotated[str | None, typer.Option(help=N_("trial, starter, professional or enterprise."))] = None,
    language: Annotated[str | None, typer.Option(help=N_("Language, tr-TR unless given."))] = None,
    time_zone: Annotated[str | None, typer.Option(help=N_("Time zone, Europe/Istanbul unless given."))] = None,
    currency: Annotated[str | None, typer.Option(help=N_("Currency, TRY unless given."))] = None,
    from_file: FromFile = None,
    as_json: JsonOption = False,
) -> None:
    """Options stand above the file's fields; the tax number comes from the file or is asked for."""
    from hub.control import tenants
    from hub.control.new_tenant import NewTenant
    from hub.kvkk.audit import operator
    from hub.validation import checked

    given = {
        "name": name,
        "subdomain": subdomain,
        "tax_office": tax_office,
        "kvkk_consent_date": kvkk_consent_date,
        "verbis_registration": verbis_registration,
        "plan": plan,
        "language": language,
        "time_zone": time_zone,
        "currency": currency,
    }
    values: dict[str, Any] = entering.document(from_file) if from_file else {}
    values |= {field: value for field, value in given.items() if value is not None}
    if "tax_number" not in values:
        values["tax_number"] = entering.hidden_value(_("Tax number (VKN or TCKN)"))
    new = checked(NewTenant, values)
    with opened() as hub:
        tenant = tenants.add(
            hub.database, hub.keyring, new, add_partition=lambda _tenant_id: _partition(hub), actor=operator()
        )
    _show(tenant, _("Tenant {tenant} is added: {name}"), as_json=as_json)


def list_(as_json: JsonOption = False) -> None:
    """Ids, names and plans; tax numbers are not listed."""
    from hub.control import tenants

    with opened() as hub:
        found = tenants.directory(hub.database)
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Tenant"), _("Name"), _("Subdomain"), _("Plan"), _("State"), _("Added")],
        [
            [
                tenant.tenant_id,
                tenant.name,
                tenant.subdomain,
                tenant.plan,
                _("active") if tenant.active else _("suspended"),
                moment(tenant.created_at),
            ]
            for tenant in found
        ],
    )


def change(
    tenant: TenantArgument,
    name: Annotated[str | None, typer.Option(help=N_("The company's name."))] = None,
    tax_office: Annotated[str | None, typer.Option(help=N_("Tax office."))] = None,
    verbis_registration: Annotated[str | None, typer.Option(help=N_("VERBIS registration, if there is one."))] = None,
    plan: Annotated[str | None, typer.Option(help=N_("trial, starter, professional or enterprise."))] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=NUMBER",
            help=N_("The tenant's own number above its plan's; may be repeated. NAME= goes back to the plan's."),
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """`hub tenants usage` shows the limits by name."""
    from hub.control import tenant_profile
    from hub.kvkk.audit import operator

    given = {"name": name, "tax_office": tax_office, "verbis_registration": verbis_registration, "plan": plan}
    changes: dict[str, Any] = {field: value for field, value in given.items() if value is not None}
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        if limit:
            changes["limits"] = _limits(tenant_profile.fields_of(hub.database, tenant_id)["limits"], limit)
        after = tenant_profile.change(hub.database, tenant_id, changes, actor=operator())
    _show(after, _("Tenant {tenant} is changed: {name}"), as_json=as_json)


def _limits(before: dict[str, Any], given: list[str]) -> dict[str, Any]:
    after = dict(before)
    for text in given:
        name, equals, number = text.partition("=")
        if not equals:
            raise HubError("setting_malformed")
        if number:
            after[name] = number
        else:
            after.pop(name, None)
    return after


def suspend(tenant: TenantArgument, as_json: JsonOption = False) -> None:
    """What is due leaves suspended tenants out."""
    from hub.control import tenants
    from hub.kvkk.audit import operator

    with opened() as hub:
        after = tenants.suspend(hub.database, hub.tenant_id(tenant), actor=operator())
    _show(after, _("Tenant {tenant} is suspended: {name}"), as_json=as_json)


def resume(tenant: TenantArgument, as_json: JsonOption = False) -> None:
    """The next tick takes it up."""
    from hub.control import tenants
    from hub.kvkk.audit import operator

    with opened() as hub:
        after = tenants.resume(hub.database, hub.tenant_id(tenant), actor=operator())
    _show(after, _("Tenant {tenant} syncs again: {name}"), as_json=as_json)


def forget(
    tenant: TenantArgument,
    handed_over: Annotated[
        list[str] | None,
        typer.Option(
            "--handed-over",
            metavar="ARTICLE",
            help=N_("Statute under which records were handed over to the tenant to keep; may be repeated."),
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help=N_("Do not ask for the subdomain, for machines."))] = False,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Asks to type the subdomain. What was begun is gone on with by the same command."""
    from hub.control import tenants
    from hub.kvkk.forget import progress
    from hub.kvkk.forget.run import Forgetting
    from hub.orchestration.dagster_home import open_instance

    actor = acting(by)
    with opened() as hub, open_instance(hub.settings) as instance:
        begun = progress.begun(hub.settings, tenant)
        if begun is None:
            found = tenants.get(hub.database, hub.tenant_id(tenant))
            tenant_id, subdomain = found.tenant_id, found.subdomain
        else:
            tenant_id, subdomain = begun.tenant_id, begun.subdomain
        if not yes and entering.shown_value(_("Type {subdomain} to go on").format(subdomain=subdomain)) != subdomain:
            raise HubError("tenant_not_confirmed", subdomain=subdomain)
        forgetting = Forgetting(hub.settings, hub.database, lambda: instance, on_wait=_tell_of_a_wait)
        done = forgetting.forget(tenant_id, actor=actor, handed_over=handed_over or [])
    if as_json:
        show_json(done)
        return
    show_table(
        [_("Store"), _("Dataset"), _("Records")],
        [
            [store, table, str(count)]
            for store, tables in sorted(done.removed.items())
            for table, count in sorted(tables.items())
        ],
    )
    say(_("Receipt: {path} (SHA-256 {sha256})").format(path=done.receipt.path, sha256=done.receipt.sha256))


def _tell_of_a_wait(attempts: int, seconds: int) -> None:
    note(
        _(
            "Actions that may be on their way to a provider: {count}."
            " Waiting until they cannot be: {seconds} s at most."
        ).format(count=attempts, seconds=seconds)
    )


def _partition(hub: Hub) -> None:
    """Reconciling adds the new tenant's partition, and whichever an earlier crash left out, in the tenants' order."""
    from hub.orchestration.dagster_home import open_instance
    from hub.orchestration.partitions import reconcile_partitions

    with open_instance(hub.settings) as instance:
        reconcile_partitions(instance, hub.database)


def _show(tenant: Tenant, text: str, *, as_json: bool) -> None:
    if as_json:
        show_json(tenant)
    else:
        say(text.format(tenant=tenant.tenant_id, name=tenant.name))
