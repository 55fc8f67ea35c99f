"""A tenant's own choice for a column, allowed only where the policy says so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.contract import Column, Stream
from hub.errors import HubError
from kvkk_policies.parameters import accepted_types, landed_type, wrong_params
from kvkk_policies.policy import ColumnPolicy, StreamPolicy
from kvkk_policies.vocabulary import ORDINARY_BASES, RETENTION, SPECIAL_CATEGORIES, ActionName


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
        allowed = ", ".join(base.overridable) or "-"
        raise HubError(reason, stream=stream.name, column=column, action=override.action, allowed=allowed)
    return replace(
        base,
        action=override.action,
        params=override.params,
        legal_basis=override.legal_basis,
        retention=override.retention,
    )


def _refusal(base: ColumnPolicy, column: Column, stream: Stream, override: Override) -> str | None:
    accepted = accepted_types(override.action, override.params)
    rules = {
        "override_special_category": base.category in SPECIAL_CATEGORIES,
        "override_not_allowed": override.action not in base.overridable,
        "override_basis_unknown": override.legal_basis not in ORDINARY_BASES,
        "override_retention": re.fullmatch(RETENTION, override.retention) is None,
        "override_params": wrong_params(override.action, override.params) is not None,
        "override_key_destroyed": column.name in stream.key,
        "override_type": accepted is not None and column.type not in accepted,
    }
    broken = next((reason for reason, breaks in rules.items() if breaks), None)
    if broken is not None:
        return broken
    # One landing table serves all tenants: its types cannot follow one tenant's choice. Dropping always fits.
    landed = landed_type(override.action, override.params, column.type)
    fits = landed is None or landed == landed_type(base.action, base.params, column.type)
    return None if fits else "override_type"
