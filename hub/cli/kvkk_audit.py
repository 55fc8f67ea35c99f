"""`hub kvkk audit list|verify|heads`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from hub.cli.opening import Hub, opened
from hub.cli.options import JsonOption
from hub.cli.output import moment, note, say, show_json, show_table
from hub.errors import HubError
from hub.i18n import N_, _
from hub.messages import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hub.kvkk.audit_listing import Line
    from hub.kvkk.audit_verify import Verdict

_ISTANBUL = ZoneInfo("Europe/Istanbul")

ChainOption = Annotated[
    str | None,
    typer.Option("--tenant", metavar="TENANT", help=N_("One tenant's log; the platform's own without it.")),
]
DayOption = Annotated[str | None, typer.Option(metavar="DAY", help=N_("Day in Istanbul: YYYY-MM-DD."))]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("list", help=N_("List the audit log: ids, codes and counts, as a table, CSV or JSON."))(list_)
    group.command(
        "verify", help=N_("Find altered, removed and reordered entries; say what no exported head protects yet.")
    )(verify)
    group.command("heads", help=N_("Sign the logs' heads and write them outside the database, now."))(heads)


def list_(
    tenant: ChainOption = None,
    action: Annotated[str | None, typer.Option(metavar="CODE", help=N_("Only this action."))] = None,
    since: DayOption = None,
    until: DayOption = None,
    as_csv: Annotated[bool, typer.Option("--csv", help=N_("CSV, all columns; what the Board may be given."))] = False,
    as_json: JsonOption = False,
) -> None:
    """`--until` is a whole day too: its entries are included."""
    from hub.kvkk.audit_listing import entries

    begin, end = _midnight("since", since), _midnight("until", until)
    with opened() as hub:
        found = entries(
            hub.database,
            _chain(hub, tenant),
            action=action,
            since=begin,
            until=end + timedelta(days=1) if end else None,
        )
        if as_csv:
            _write_csv(found)
        elif as_json:
            show_json(list(found))
        else:
            show_table(
                [_("Number"), _("Time"), _("Who"), _("Action"), _("What"), _("Purpose"), _("Count"), _("Result")],
                [
                    [
                        str(each.seq),
                        moment(each.at),
                        f"{each.actor} ({each.actor_role})",
                        each.action,
                        each.object,
                        each.purpose or "–",
                        "–" if each.count is None else str(each.count),
                        each.result,
                    ]
                    for each in found
                ],
            )


def verify(
    tenant: ChainOption = None,
    everything: Annotated[bool, typer.Option("--all", help=N_("Every tenant's log and the platform's."))] = False,
    as_json: JsonOption = False,
) -> None:
    """Exit status 1 if anything is wrong with a log or with the file of heads; a torn last line is only told."""
    from hub.control import tenants
    from hub.kvkk.audit import PLATFORM
    from hub.kvkk.audit_heads import SigningKey
    from hub.kvkk.audit_heads_file import read_heads
    from hub.kvkk.audit_verify import verify_chain
    from hub.kvkk.forget import tombstones

    with opened() as hub:
        settings = hub.settings
        exported = read_heads(settings.audit_heads_file, SigningKey(settings.audit_signing_key_file).public)
        chains = [_chain(hub, tenant)]
        if everything:
            known = {each.tenant_id for each in tenants.directory(hub.database)}
            signed = exported.heads.keys() - {PLATFORM} - known
            # A forgotten tenant took its log along (hub tenants forget); any other log that is missing is a finding.
            forgotten = tombstones.among(hub.database, signed)
            chains = [*sorted(known | signed - {*forgotten}), PLATFORM]
        verdicts = [verify_chain(hub.database, chain, exported) for chain in chains]
    if as_json:
        show_json({"heads_file_faults": exported.faults, "heads_file_torn_line": exported.torn, "logs": verdicts})
    else:
        _show(verdicts)
        for fault in exported.faults:
            note(text_of("audit_heads_fault", fault=fault))
        if exported.torn is not None:
            note(text_of("audit_heads_torn", line=exported.torn))
    if exported.faults or any(each.findings for each in verdicts):
        raise typer.Exit(1)


def heads(as_json: JsonOption = False) -> None:
    """Dagster does the same every hour."""
    from hub.kvkk.audit import operator
    from hub.kvkk.audit_heads import export_heads

    with opened() as hub:
        count = export_heads(hub.settings, hub.database, actor=operator())
        path = hub.settings.audit_heads_file
    if as_json:
        show_json({"heads": count, "file": path})
    else:
        say(_("Signed and written: {count} heads, {path}").format(count=count, path=path))


def _show(verdicts: list[Verdict]) -> None:
    show_table(
        [_("Log"), _("Entries"), _("Protected up to"), _("Not yet protected"), _("Wrong")],
        [
            [
                each.chain,
                str(each.entries),
                str(each.protected),
                str(each.unprotected),
                ", ".join(f"{found.seq} {text_of('audit_' + found.fault)}" for found in each.findings) or "–",
            ]
            for each in verdicts
        ],
    )


def _chain(hub: Hub, tenant: str | None) -> str:
    from hub.kvkk.audit import PLATFORM

    return hub.tenant_id(tenant) if tenant else PLATFORM


def _midnight(field: str, day: str | None) -> datetime | None:
    if day is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(day), time(), _ISTANBUL)
    except ValueError:
        raise HubError("day_malformed", option=f"--{field}") from None


def _write_csv(found: Iterable[Line]) -> None:
    from dataclasses import fields

    from hub.kvkk.audit_listing import Line
    from hub.spreadsheet import SheetWriter

    names = [field.name for field in fields(Line)]
    writer = SheetWriter(sys.stdout, names)
    for line in found:
        writer.write(_cell(getattr(line, name)) for name in names)


def _cell(value: Any) -> str | int | None:
    """Times keep their zone and fractions: this is evidence, and no list to read."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value if value is None or isinstance(value, int) else str(value)
