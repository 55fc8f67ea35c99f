"""What must hold for the rows of a landing table, derived from the stream's declaration and its policy.

Every rule is stated twice from one place: as a Great Expectations expectation, which judges a batch, and as a predicate
in SQL, which counts the rows that break it by tenant. Great Expectations itself could only tell by quoting them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from kvkk_policies.landing import landing_columns

if TYPE_CHECKING:
    from connectors.contract import Column, Stream
    from kvkk_policies.policy import ColumnPolicy, StreamPolicy

Rule = Literal["present", "allowed", "in_range", "pseudonymous", "not_in_the_future", "unique_key"]

VERSION = "_version"
FUTURE_TOLERANCE_MINUTES = 10
"""Clocks differ by seconds; a time zone mistaken for another shows as hours."""

PSEUDONYM_LETTERS = "[a-z2-7]{26}"

_WHOLE = frozenset({"keep", "pseudonymise", "vault"})
"""Actions that leave a value wherever there was one."""


@dataclass(frozen=True)
class Check:
    """One rule for one column, or for the key. `arguments` are the expectation's: declarations, never data."""

    rule: Rule
    column: str
    expectation: str
    arguments: Mapping[str, Any]
    violation: str
    """SQL predicate, true for a row that breaks the rule. For `unique_key` it tells repeated rows by their rank."""

    @property
    def code(self) -> str:
        """The check's name in results and in Dagster: `allowed:transaction_type`."""
        return f"{self.rule}:{self.column}"


@dataclass(frozen=True)
class Suite:
    """Every check of one landing table. `key` begins with `tenant_id`."""

    provider: str
    state: str
    """The stream whose sync state tells when the table changed: a child's rows come with its parent's."""
    table: str
    key: tuple[str, ...]
    checks: tuple[Check, ...]


def suite_for(provider: str, stream: Stream, policy: StreamPolicy) -> Suite:
    """The suite of `landing.<provider>_<stream>`. Columns that do not land have no checks."""
    checks: list[Check] = [_unique(stream.key), _not_in_the_future(VERSION)]
    for landed in landing_columns(stream, policy):
        column, column_policy = stream.column(landed.name), policy.columns[landed.name]
        checks.extend(_checks(column, column_policy, key=landed.key))
    return Suite(
        provider=provider,
        state=stream.parent or stream.name,
        table=f"{provider}_{stream.name}",
        key=("tenant_id", *stream.key),
        checks=tuple(checks),
    )


def _checks(column: Column, policy: ColumnPolicy, *, key: bool) -> Iterator[Check]:
    # Where a tenant may decide otherwise it may also decide to drop.
    if key or (not column.nullable and policy.action in _WHOLE and not policy.overridable):
        yield _present(column.name)
    if policy.action == "keep":
        if column.allowed:
            yield _allowed(column)
        if column.minimum is not None or column.maximum is not None:
            yield _in_range(column)
    elif policy.action in ("pseudonymise", "vault"):
        yield _pseudonymous(policy)


def _present(name: str) -> Check:
    return Check("present", name, "ExpectColumnValuesToNotBeNull", {"column": name}, f"{_quoted(name)} IS NULL")


def _allowed(column: Column) -> Check:
    values = ", ".join(_literal(value) for value in column.allowed)
    return Check(
        "allowed",
        column.name,
        "ExpectColumnValuesToBeInSet",
        {"column": column.name, "value_set": list(column.allowed)},
        f"{_quoted(column.name)} NOT IN ({values})",
    )


def _in_range(column: Column) -> Check:
    bounds = {"min_value": column.minimum, "max_value": column.maximum}
    broken = [
        f"{_quoted(column.name)} {sign} {bound!r}"
        for sign, bound in (("<", column.minimum), (">", column.maximum))
        if bound is not None
    ]
    return Check(
        "in_range", column.name, "ExpectColumnValuesToBeBetween", {"column": column.name, **bounds}, " OR ".join(broken)
    )


def _pseudonymous(policy: ColumnPolicy) -> Check:
    pattern = pseudonym_pattern(policy)
    return Check(
        "pseudonymous",
        policy.name,
        "ExpectColumnValuesToMatchRegex",
        {"column": policy.name, "regex": pattern},
        f"{_quoted(policy.name)} !~ {_literal(pattern)}",
    )


def pseudonym_pattern(policy: ColumnPolicy) -> str:
    """What a masked column may hold: pseudonyms of its kind, and values that the policy expressly leaves in clear."""
    kind = "(tckn|vkn)" if policy.kind == "tax_number" else str(policy.kind)
    pattern = f"^{kind}_{PSEUDONYM_LETTERS}$"
    kept = policy.params.get("keep_matching")
    return pattern if kept is None else f"{pattern}|{kept}"


def _not_in_the_future(name: str) -> Check:
    # The bound is the database's clock, so it is put in when the suite runs.
    return Check(
        "not_in_the_future",
        name,
        "ExpectColumnValuesToBeBetween",
        {"column": name},
        f"{_quoted(name)} > now() + interval '{FUTURE_TOLERANCE_MINUTES} minutes'",
    )


def _unique(key: tuple[str, ...]) -> Check:
    columns = ["tenant_id", *key]
    return Check("unique_key", "+".join(key), "ExpectCompoundColumnsToBeUnique", {"column_list": columns}, "_copy > 1")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
