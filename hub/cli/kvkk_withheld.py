"""`hub kvkk withheld list|read`: what statutes keep of people who were erased."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli.kvkk_reveal import PurposeOption, ReferenceOption
from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import moment, say, show_json, show_table
from hub.i18n import N_, _


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("list", help=N_("List what statutes keep of erased people: where it stood, why and until when."))(
        list_
    )
    group.command(
        "read", help=N_("Show what is kept of one record. Needs permission and a purpose; every attempt is on record.")
    )(read)


def list_(
    tenant: TenantOption,
    stream: Annotated[
        str | None,
        typer.Option("--stream", metavar="STREAM", help=N_("Of one stream only, such as iyzico.settlement_files.")),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Keys of records and names of columns; no value is opened."""
    from hub.kvkk.erasure import withheld_records

    with opened() as hub:
        found = withheld_records.listed(hub.database, hub.tenant_id(tenant), stream=stream)
    if as_json:
        show_json(found)
        return
    if not found:
        say(_("Nothing is kept of anybody who was erased."))
        return
    show_table(
        [_("Stream"), _("Record"), _("Column"), _("Ground"), _("Since"), _("Destroyed on"), _("Erasure")],
        [
            [
                each.stream,
                each.record,
                each.column,
                each.article,
                moment(each.withheld_at),
                f"{each.due_on:%d.%m.%Y}",
                str(each.erasure_id),
            ]
            for each in found
        ],
    )


def read(
    stream: Annotated[str, typer.Argument(metavar="STREAM", help=N_("Stream of the record, as the list shows it."))],
    record: Annotated[str, typer.Argument(metavar="RECORD", help=N_("Key of the record, as the list shows it."))],
    tenant: TenantOption,
    purpose: PurposeOption,
    reference: ReferenceOption,
    as_json: JsonOption = False,
) -> None:
    """Who may: `hub kvkk revealers`, with one limit for these and single values. The user is the system's."""
    from hub.kvkk.audit import operator
    from hub.kvkk.erasure import withheld_records
    from hub.kvkk.reveal import Stated

    stated = Stated(operator(), purpose, reference)
    with opened() as hub:
        found = withheld_records.read(hub.database, hub.keyring, hub.tenant_id(tenant), stream, record, stated)
    if as_json:
        show_json([{"column": each.column, "value": each.value, "erasure_id": each.erasure_id} for each in found])
    else:
        show_table([_("Column"), _("Value")], [[each.column, each.value] for each in found])
