"""`hub kvkk breach subjects`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.kvkk_breach_options import BreachArgument, time_given
from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import moment, note, say, show_json, show_table
from hub.i18n import N_, _


def subjects(
    breach: BreachArgument,
    tenant: TenantOption,
    from_audit: Annotated[
        bool, typer.Option("--audit", help=N_("Search the audit log: whose data was read, exported or downloaded."))
    ] = False,
    stream: Annotated[
        list[str] | None,
        typer.Option(metavar="PROVIDER.STREAM", help=N_("Search a stream: who stood in it. May be repeated.")),
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help=N_("From this time on, with time zone; for a stream of loading."))
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help=N_("Up to this time, with time zone; now unless given."))
    ] = None,
    reader: Annotated[
        str | None, typer.Option(metavar="NAME", help=N_("Only what this name did, as the audit log has it."))
    ] = None,
    action: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help=N_("Only these actions. May be repeated."))
    ] = None,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Without a search, those found so far, as pseudonymous ids, and who of them was told."""
    from connectors.registry import PROVIDERS
    from hub.kvkk.breach.subjects import Period, SubjectSearch, concerned

    actor = acting(by)
    period = Period(time_given("since", since), time_given("until", until) or datetime.now(UTC))
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        if not from_audit and not stream:
            listed = concerned(hub.database, tenant_id, breach, actor=actor)
            if as_json:
                show_json(listed)
                return
            show_table(
                [_("Person"), _("Found by"), _("Told"), _("Proof")],
                [
                    [str(each.subject_id), each.found_by, moment(each.told_at), each.evidence_ref or "–"]
                    for each in listed
                ],
            )
            return
        search = SubjectSearch(hub.database, hub.keyring, PROVIDERS, hub.policies)
        found = [search.from_stream(tenant_id, breach, name, period, actor=actor) for name in stream or ()]
        if from_audit:
            found.append(
                search.from_audit(tenant_id, breach, period, by=reader, actions=tuple(action or ()), actor=actor)
            )
    if as_json:
        show_json(found)
        return
    for each in found:
        say(_("Persons found: {count}, new: {added}").format(count=each.subjects, added=each.added))
        if each.untraced:
            note(
                _("Entries of the audit log that lead to nobody: {count} of {entries}. Look at them by hand.").format(
                    count=each.untraced, entries=each.entries
                )
            )
