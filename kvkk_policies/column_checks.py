"""Rules for one column's policy, alone and against the stream's declaration. Each yields (code, offending word)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from connectors.contract import Column, Stream
from kvkk_policies.canonical import TAX_NUMBER
from kvkk_policies.parameters import accepted_types, landed_type, wrong_params
from kvkk_policies.vocabulary import KINDS, NO_PERSONAL_DATA, SPECIAL_BASES, SPECIAL_CATEGORIES, ActionName

if TYPE_CHECKING:
    from kvkk_policies.policy import ColumnPolicy, StreamPolicy

Finding = tuple[str, str]

KEY_SAFE: frozenset[ActionName] = frozenset({"keep", "pseudonymise", "vault"})
"""Actions under which different records keep different keys."""


def by_itself(column: ColumnPolicy, *, provider: str) -> Iterator[Finding]:
    """Mistakes that the policy file alone shows."""
    yield from _basis(column)
    wrong = wrong_params(column.action, column.params)
    if wrong is not None:
        yield "policy_params", wrong
    if column.action in ("pseudonymise", "vault") and column.kind is None:
        yield "policy_kind_missing", column.action
    if column.kind is not None and not kind_known(column.kind, provider):
        yield "policy_unknown_kind", column.kind
    if column.overridable and column.category in SPECIAL_CATEGORIES:
        yield "policy_special_overridable", column.category
    if column.overridable and column.action == "drop":
        yield "policy_dropped_overridable", column.name


def kind_known(kind: str, provider: str) -> bool:
    """A listed kind, or the provider's own (`iyzico_customer`): a misspelt kind would silently break every join."""
    return kind in KINDS or kind == TAX_NUMBER or kind.startswith(f"{provider}_")


def dates(policy: StreamPolicy, declared: Mapping[str, Column]) -> bool:
    """Whether the column that dates a stream's records is a time or a day of theirs, and lands as it is told."""
    column = declared.get(policy.dated or "")
    its = policy.columns.get(policy.dated or "")
    return column is not None and column.type in ("timestamp", "date") and its is not None and its.action == "keep"


def _basis(column: ColumnPolicy) -> Iterator[Finding]:
    if column.category == NO_PERSONAL_DATA:
        return
    if column.legal_basis is None:
        yield "policy_basis_missing", column.category
    elif column.category in SPECIAL_CATEGORIES and column.legal_basis not in SPECIAL_BASES:
        yield "policy_special_needs_special_basis", column.legal_basis
    elif column.category not in SPECIAL_CATEGORIES and column.legal_basis in SPECIAL_BASES:
        yield "policy_special_basis_on_ordinary", column.legal_basis


def against_stream(policy: ColumnPolicy, column: Column, stream: Stream) -> Iterator[Finding]:
    """Mistakes that show when the policy meets the stream's columns, key and version."""
    accepted = accepted_types(policy.action, policy.params)
    if accepted is not None and column.type not in accepted:
        yield "policy_action_type", f"{policy.action}({column.type})"
        return
    if column.name in stream.key and policy.action not in KEY_SAFE:
        yield "policy_key_destroyed", policy.action
    if column.name == stream.version and policy.action != "keep":
        yield "policy_version_destroyed", policy.action
    landed = landed_type(policy.action, policy.params, column.type)
    for action in policy.overridable:
        if column.name in stream.key or column.name == stream.version:
            # A key that changed with a tenant's choice would load every old record a second time.
            yield "policy_key_overridable", action
        elif (action == "keep" and landed != column.type) or (
            action in ("pseudonymise", "vault", "partial", "scan") and landed != "text"
        ):
            yield "policy_override_type", action
        elif action in ("pseudonymise", "vault") and policy.kind is None:
            yield "policy_kind_missing", action
