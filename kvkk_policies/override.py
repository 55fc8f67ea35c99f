"""A tenant's own choice for a column, allowed only where the policy says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.contract import Column, Stream
from hub.errors import HubError
from kvkk_policies.column_checks import KEY_SAFE
from kvkk_policies.parameters import accepted_types, landed_type, wrong_params
from kvkk_policies.policy import ColumnPolicy, StreamPolicy
from kvkk_policies.vocabulary import NO_PERSONAL_DATA, ORDINARY_BASES, SPECIAL_CATEGORIES, ActionName


@dataclass(frozen=True)
class Override:
    """What a tenant decided for one column, with its own legal basis and retention (ISO 8601 duration)."""

    action: ActionName
    legal_basis: str
    retention: str
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])


def check_override(*, stream: Stream, policy: StreamPolicy, column: str, override: Override) -> ColumnPolicy:
    """The column's policy under the override. Raises `HubError` with the reason it is not allowed."""
    base = policy.columns.get(column)
    if base is None or column not in {declared.name for declared in stream.columns}:
        raise HubError("override_column_unknown", stream=stream.name, column=column)
    reason = _refusal(base, stream.column(column), stream, override)
    if reason is not None:
        raise HubError(reason, stream=stream.name, column=column, action=override.action)
    return replace(
        base,
        action=override.action,
        params=override.params,
        legal_basis=override.legal_basis,
        retention=override.retention,
    )


def _refusal(base: ColumnPolicy, column: Column, stream: Stream, override: Override) -> str | None:
    if base.category in SPECIAL_CATEGORIES:
        return "override_special_category"
    if override.action not in base.overridable:
        return "override_not_allowed"
    if override.legal_basis not in ORDINARY_BASES and base.category != NO_PERSONAL_DATA:
        return "override_basis_unknown"
    if wrong_params(override.action, override.params) is not None:
        return "override_params"
    if column.name in stream.key and override.action not in KEY_SAFE:
        return "override_key_destroyed"
    accepted = accepted_types(override.action, override.params)
    if accepted is not None and column.type not in accepted:
        return "override_type"
    # One landing table serves all tenants, so the column's type cannot follow one tenant's choice; dropping always fits.
    landed = landed_type(override.action, override.params, column.type)
    if landed is not None and landed != landed_type(base.action, base.params, column.type):
        return "override_type"
    return None
