"""`hub kvkk consents show|checks|settle`: the proof of a consent, and what its end asks for."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import moment, note, say, show_json, show_table
from hub.errors import HubError
from hub.i18n import N_, _

IdOption = Annotated[UUID, typer.Option("--id", metavar="ID", help=N_("The consent's id."))]

CAUSES = {"consent_expired": N_("expired"), "consent_withdrawn": N_("withdrawn")}
STATES = {
    "raised": N_("not examined yet"),
    "nothing_held": N_("nothing is held"),
    "other_basis": N_("another basis carries it"),
    "open": N_("open: erase it, or say why it is kept"),
    "erased": N_("erased"),
    "kept": N_("kept, with a reason"),
}


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("show", help=N_("Show the exact text that a consent was given to, and whether its hash holds."))(show)
    group.command("checks", help=N_("List what rests on consents that ended and must be erased, or is kept."))(checks)
    group.command("settle", help=N_("Settle a check: what rested on the consent was erased, or is kept for a reason."))(
        settle
    )


def show(tenant: TenantOption, consent: IdOption, by: ActingOption = None, as_json: JsonOption = False) -> None:
    """Exit status 1 if the text does not give the hash that was recorded."""
    from hub.control import consents

    actor = acting(by)
    with opened() as hub:
        proof = consents.proof(hub.database, hub.tenant_id(tenant), consent, actor=actor)
    if as_json:
        show_json(proof)
    else:
        given = proof.consent
        lines = [
            (_("Person"), given.data_subject),
            (_("Purpose"), given.purpose),
            (_("Legal basis"), given.legal_basis),
            (_("Categories"), ", ".join(given.data_categories)),
            (_("Version of the text"), given.text_version),
            (_("Language"), proof.language),
            (_("Information notice"), proof.notice_id),
            (_("Channel"), given.channel),
            (_("Evidence"), proof.evidence_ref or "–"),
            (_("Given"), moment(given.given_at)),
            (_("Expires"), moment(given.expires_at)),
            (_("Withdrawn"), moment(given.withdrawn_at)),
            ("SHA-256", given.consent_text_sha256),
        ]
        show_table([_("Field"), _("Value")], [list(line) for line in lines])
        say("")
        say(proof.consent_text)
    if not proof.text_verified:
        note(_("The text does not give the hash that was recorded with it."))
        raise typer.Exit(1)


def checks(
    tenant: TenantOption,
    everything: Annotated[bool, typer.Option("--all", help=N_("Settled ones too."))] = False,
    as_json: JsonOption = False,
) -> None:
    """Streams and numbers of records; whose they are stands with the consent."""
    from hub.kvkk import erasure_checks

    with opened() as hub:
        found = erasure_checks.listed(hub.database, hub.tenant_id(tenant), everything=everything)
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Consent"), _("Ended"), _("State"), _("Records"), _("Due")],
        [
            [
                str(each.consent_id),
                _(CAUSES[each.cause]),
                _(STATES[each.state]),
                ", ".join(f"{name}: {count}" for name, count in each.datasets.items()) or "–",
                moment(each.due_at),
            ]
            for each in found
        ],
    )


def settle(
    tenant: TenantOption,
    consent: IdOption,
    outcome: Annotated[str, typer.Option("--as", metavar="erased|kept", help=N_("What became of the data."))],
    reason: Annotated[
        str | None, typer.Option(metavar="REF", help=N_("Why it is kept: an article, a hold or a file number."))
    ] = None,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """`erased` is looked at again: it is refused while a record is left."""
    from connectors.registry import PROVIDERS
    from hub.kvkk import erasure_checks

    actor = acting(by)
    if outcome not in ("erased", "kept"):
        raise HubError("check_outcome_unknown")
    with opened() as hub:
        settled = erasure_checks.settle(
            hub.database,
            PROVIDERS,
            hub.tenant_id(tenant),
            consent,
            outcome="erased" if outcome == "erased" else "kept",
            reason=reason,
            actor=actor,
        )
    if as_json:
        show_json(settled)
    else:
        say(_("The check of consent {consent} is settled.").format(consent=consent))
