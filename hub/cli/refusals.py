"""`hub kvkk refusals`: what was not loaded for want of a legal basis."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli.consents import KindOption, kind_named, subject_asked_for
from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import moment, show_json, show_table
from hub.i18n import N_, _
from hub.messages import text_of


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command(
        "refusals",
        help=N_("List records that were not loaded for want of a legal basis. People appear as pseudonyms."),
    )(refusals)


def refusals(
    tenant: TenantOption,
    provider: Annotated[str | None, typer.Option(metavar="PROVIDER", help=N_("Only this provider's."))] = None,
    subject_kind: KindOption = None,
    settled: Annotated[bool, typer.Option("--settled", help=N_("Also those that have been settled since."))] = False,
    as_json: JsonOption = False,
) -> None:
    """References, pseudonyms, times and codes; nothing of what a record tells."""
    from hub.control import refusals as hub_refusals

    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        found = hub_refusals.listed(
            hub.database,
            tenant_id,
            provider=provider,
            subject=subject_asked_for(hub, tenant_id, kind_named(subject_kind)) if subject_kind else None,
            settled=settled,
        )
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Stream"), _("Record"), _("Person"), _("Purpose"), _("Why"), _("First refused"), _("Last"), _("Settled")],
        [
            [
                f"{each.provider}.{each.stream}",
                each.record_key,
                each.data_subject or "–",
                each.purpose,
                text_of(each.code),
                moment(each.first_refused_at),
                moment(each.last_refused_at),
                f"{moment(each.settled_at)} {each.settled_as}" if each.settled_as else "–",
            ]
            for each in found
        ],
    )
