"""The inventory as VERBIS asks for it: one heading a field, one line a row, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.i18n import N_, _
from hub.kvkk.export.words import ACTION_NAMES, BASIS_NAMES, CATEGORY_NAMES, named, period
from hub.kvkk.inventory.measures import MEASURES
from hub.kvkk.inventory.rows import WAITING
from hub.kvkk.inventory.words import (
    DESTRUCTION_NAMES,
    MECHANISM_NAMES,
    RETENTION_BASES,
    STATE_NAMES,
    UNDECLARED,
    group_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hub.kvkk.inventory.read import Inventory
    from hub.kvkk.inventory.rows import Row
    from kvkk_policies.activity import Change, Transfer

HEADINGS = (
    N_("Business process"),
    N_("Activity"),
    N_("Data category"),
    N_("Special category"),
    N_("Data items"),
    N_("Read and not kept"),
    N_("Data subject groups"),
    N_("Purpose of processing"),
    N_("Legal basis"),
    N_("Source"),
    N_("Longest retention"),
    N_("Basis of retention"),
    N_("Recipient groups"),
    N_("Transfer abroad"),
    N_("Technical measures"),
    N_("Administrative measures"),
    N_("Method of destruction"),
    N_("Policy version"),
    N_("Reasons of changes"),
    N_("The controller's own choices"),
    N_("Controller"),
    N_("Last review"),
    N_("State"),
    N_("Seen at tenants"),
)


@dataclass(frozen=True)
class Sheet:
    """Headings and lines of text; every line is as long as the headings."""

    title: str
    headings: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


def inventory_sheet(inventory: Inventory, *, everything: bool = False) -> Sheet:
    """The inventory in the language in use. Columns that say nothing of a person only with `everything`."""
    shown = [row for row in inventory.rows if everything or row.personal]
    title = _("Inventory of personal data processing")
    return Sheet(
        f"{title}: {inventory.owner}" if inventory.owner else title,
        tuple(_(heading) for heading in HEADINGS),
        tuple(_line(row, inventory.owner or "") for row in shown),
    )


def measures_sheet() -> Sheet:
    """The measures that hold for every row, with where each is asked for."""
    kinds = {"technical": _("technical"), "administrative": _("administrative")}
    return Sheet(
        _("Measures (KVKK art. 12)"),
        (_("Kind"), _("Measure"), _("Source"), _("Shown by")),
        tuple((kinds[each.kind], _(each.text), each.source, each.shown_by) for each in MEASURES),
    )


def _line(row: Row, owner: str) -> tuple[str, ...]:
    waits = row.category == WAITING
    return (
        row.process,
        row.activity,
        _(UNDECLARED) if waits else named(CATEGORY_NAMES, row.category),
        "" if waits else _("yes") if row.special else _("no"),
        ", ".join(row.items),
        ", ".join(row.dropped),
        ", ".join(map(group_name, row.subject_groups)),
        row.purpose,
        _joined(named(BASIS_NAMES, basis) for basis in row.legal_bases),
        row.source,
        period(row.retention) if row.retention else "",
        named(RETENTION_BASES, row.retention_basis),
        ", ".join(row.recipients),
        "" if waits else _abroad(row.transfers),
        "" if waits else _joined([*_protection(row), *_measures("technical")]),
        "" if waits else _joined(_measures("administrative")),
        _joined(_(DESTRUCTION_NAMES[method]) for method in row.destruction),
        "" if row.policy_version is None else str(row.policy_version),
        _joined(_change(each) for each in row.changes),
        _joined(
            f"{each.column}: {named(ACTION_NAMES, each.action)}, {named(BASIS_NAMES, each.legal_basis)},"
            f" {period(each.retention)}"
            for each in row.chosen
        ),
        owner,
        f"{row.reviewed_on:%d.%m.%Y}" if row.reviewed_on else "",
        _(STATE_NAMES[row.state]),
        ", ".join(row.tenants),
    )


def _change(change: Change) -> str:
    reason = change.reason or _("no reason given")
    return f"{change.version} ({change.on:%d.%m.%Y}): {reason}"


def _abroad(transfers: tuple[Transfer, ...] | None) -> str:
    if transfers is None:
        return _("not stated")
    return _joined(
        f"{each.country}: {each.recipient}, {_(MECHANISM_NAMES[each.mechanism])}" for each in transfers
    ) or _("none")


def _protection(row: Row) -> list[str]:
    return [
        f"{named(ACTION_NAMES, action)}: {', '.join(columns)}"
        for action, columns in row.protection.items()
        if action not in ("keep", "drop")
    ]


def _measures(kind: str) -> list[str]:
    return [_(each.text) for each in MEASURES if each.kind == kind]


def _joined(parts: Iterable[str]) -> str:
    return "; ".join(part for part in parts if part)
