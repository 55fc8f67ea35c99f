"""`hub einvoice series add|confirm|list` and `hub einvoice seal set|remove`: numbers and seals of invoices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from hub.cli import entering
from hub.cli.kvkk_request_options import ByOption
from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import say, show_json, show_table
from hub.errors import HubError
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.einvoice.issue.series import Kind, Owner, Series


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    series = typer.Typer(help=N_("Series of invoice numbers."), no_args_is_help=True, rich_markup_mode=None)
    series.command("add", help=N_("Open a series; one that is used for the first time opens by itself."))(add)
    series.command("confirm", help=N_("After a restore, say with which number a series goes on."))(confirm)
    series.command("list", help=N_("List the series with their next numbers."))(list_)
    group.add_typer(series, name="series")
    seal = typer.Typer(help=N_("The tenant's own seal."), no_args_is_help=True, rich_markup_mode=None)
    seal.command(
        "set", help=N_("Store the seal that signs this tenant's invoices: a key in a file, or one on a token.")
    )(set_)
    seal.command("remove", help=N_("Leave signing to the integrator."))(remove)
    group.add_typer(seal, name="seal")


def add(
    series: Annotated[str, typer.Argument(metavar="SERIES", help=N_("Three characters, A-Z and 0-9."))],
    year: Annotated[int, typer.Argument(metavar="YEAR", min=2005, max=2099, help=N_("Year of issue."))],
    tenant: TenantOption,
    kind: Annotated[str, typer.Option(metavar="einvoice|earchive", help=N_("What is numbered in it."))],
    first: Annotated[
        int, typer.Option(metavar="N", min=1, help=N_("First number here, behind those of another program."))
    ] = 1,
    integrators: Annotated[
        bool, typer.Option("--integrators", help=N_("The integrator numbers it; nothing is issued in it here."))
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """A number that was used is never given again."""
    from hub.einvoice.issue import series as numbers
    from hub.kvkk.audit import operator

    if kind not in {"einvoice", "earchive"}:
        raise HubError("einvoice_series_kind_unknown")
    if len(series) != 3 or not series.isascii() or not series.isalnum() or series != series.upper():
        raise HubError("einvoice_series_malformed")
    owner: Owner = "integrator" if integrators else "hub"
    with opened() as hub:
        found = numbers.add(
            hub.database,
            hub.tenant_id(tenant),
            series,
            year,
            cast("Kind", kind),
            owner=owner,
            first=first,
            actor=operator(),
        )
    _show([found], as_json=as_json)


def confirm(
    series: Annotated[str, typer.Argument(metavar="SERIES", help=N_("Three characters, A-Z and 0-9."))],
    year: Annotated[int, typer.Argument(metavar="YEAR", min=2005, max=2099, help=N_("Year of issue."))],
    tenant: TenantOption,
    next_number: Annotated[
        int, typer.Option("--next", metavar="N", min=1, help=N_("Behind the last number that the integrator has."))
    ],
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Invoices issued after the backup are at the integrator, and not here: their numbers are used."""
    from hub.einvoice.issue import series as numbers
    from hub.kvkk.audit import operator

    with opened() as hub:
        found = numbers.confirm(hub.database, hub.tenant_id(tenant), series, year, next_number, actor=operator(by))
    _show([found], as_json=as_json)


def list_(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """Newest year first."""
    from hub.einvoice.issue import series as numbers

    with opened() as hub:
        found = numbers.listed(hub.database, hub.tenant_id(tenant))
    _show(found, as_json=as_json)


def set_(
    tenant: TenantOption,
    pem: Annotated[Path | None, typer.Option("--key", metavar="FILE", help=N_("The key's file (PEM)."))] = None,
    certificates: Annotated[
        Path | None,
        typer.Option("--cert", metavar="FILE", help=N_("The certificate's file, with those that certify it (PEM).")),
    ] = None,
    encrypted: Annotated[
        bool, typer.Option("--encrypted", help=N_("The key has a password; it is asked for without echo."))
    ] = False,
    module: Annotated[
        Path | None, typer.Option("--pkcs11-module", metavar="FILE", help=N_("The token's driver, a shared library."))
    ] = None,
    token: Annotated[str | None, typer.Option("--token", metavar="LABEL", help=N_("The token's label."))] = None,
    label: Annotated[
        str | None, typer.Option("--key-label", metavar="LABEL", help=N_("The label of the key on the token."))
    ] = None,
    by: ByOption = None,
) -> None:
    """The PIN of a token is asked for without echo."""
    from hub.einvoice.issue import seals
    from hub.kvkk.audit import operator

    with opened() as hub:
        keys = hub.keyring.tenant(hub.tenant_id(tenant))
        if module is not None and token and label:
            place = seals.Token(module, token, label)
            pin = entering.hidden_value(_("PIN"))
            seals.set_token_seal(hub.database, keys, place, pin, actor=operator(by))
        elif pem is not None and certificates is not None:
            seals.set_file_seal(
                hub.database,
                keys,
                key=_bytes(pem),
                certificates=_bytes(certificates),
                password=entering.hidden_value(_("Password of the key")) if encrypted else None,
                actor=operator(by),
            )
        else:
            raise HubError("einvoice_seal_options")
    say(_("The seal is stored."))


def remove(tenant: TenantOption, by: ByOption = None) -> None:
    """What was signed stays as it is."""
    from hub.einvoice.issue import seals
    from hub.kvkk.audit import operator

    with opened() as hub:
        seals.remove_seal(hub.database, hub.tenant_id(tenant), actor=operator(by))
    say(_("The integrator signs from now on."))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise HubError("file_unreadable", path=str(path)) from None


def _show(found: list[Series], *, as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Series"), _("Year"), _("Kind"), _("Numbered by"), _("Next number"), _("Last date")],
        [
            [
                each.series,
                str(each.year),
                each.kind,
                each.owner,
                str(each.next_number),
                each.last_issue_date.strftime("%d.%m.%Y") if each.last_issue_date else "–",
            ]
            for each in found
        ],
    )
