"""Which policy was applied to every column, so that a migration notices what a new version of a file changes.

A file whose meaning changed must have a higher version, because loaded rows carry that number: it is refused with file
and line. What was in force stays recorded beside what is, until every tenant's rows have followed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from kvkk_policies.problems import PolicyError, Problem
from kvkk_policies.tightening import Applied

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connectors.contract import Provider
    from hub.db.database import Connection, Database
    from kvkk_policies.policy import ColumnPolicy, ProviderPolicy

_ANYBODY = "t" + "a" * 11
"""Policies belong to no tenant; any well-formed id opens the application's transaction."""

_KEYED = ("pseudonymise", "vault")


@dataclass(frozen=True)
class _Recorded:
    """What a migration left of a column's policy."""

    version: int
    meaning: str
    applied: Applied


_NEVER = _Recorded(0, "", Applied("drop", {}))


@dataclass(frozen=True)
class Changed:
    """A column whose policy changed with `version`; `was` is what tenants' rows may still be masked by."""

    provider: str
    stream: str
    column: str
    version: int
    was: Applied


def record_policies(
    owner: Connection, providers: Mapping[str, Provider], policies: Mapping[str, ProviderPolicy]
) -> None:
    """Record the policies as applied.

    Raises `PolicyError` naming every column that changed under an old version, and every key that would change with its
    policy. An older version than the recorded one is left to the landing tables' own check.
    """
    recorded = {
        (provider, stream, column): _Recorded(version, meaning, Applied(action, params))
        for provider, stream, column, version, meaning, action, params in owner.execute(
            "SELECT provider, stream, column_name, version, meaning, action, params FROM hub.applied_policies"
        )
    }
    problems: list[Problem] = []
    for provider, stream, column in _columns(providers, policies):
        policy = policies[provider]
        was = recorded.pop((provider, stream, column.name), _NEVER)
        if was.version > policy.version or was.meaning == _meaning(column):
            continue
        found = None
        if was.version == policy.version:
            found = ("policy_version_unchanged", str(was.version))
        elif was is not _NEVER and _is_key(providers[provider], stream, column) and _keys_differ(was.applied, column):
            found = ("policy_key_changed", column.action)
        if found is not None:
            problems.append(Problem(policy.file, column.line, found[0], f"{stream}.{column.name}", found[1]))
            continue
        _write(owner, provider, stream, column, policy.version)
    if problems:
        raise PolicyError(problems)
    for name in providers:
        owner.execute(
            "UPDATE hub.applied_policies SET version = %(version)s WHERE provider = %(provider)s"
            " AND version < %(version)s",
            {"provider": name, "version": policies[name].version},
        )
    for provider, stream, column in recorded:
        if provider in providers:
            # The landing column is gone with its values (hub/migrations/generated.py).
            owner.execute(
                "DELETE FROM hub.applied_policies WHERE provider = %s AND stream = %s AND column_name = %s",
                (provider, stream, column),
            )


def changed_policies(database: Database) -> list[Changed]:
    """Columns whose change has not reached every tenant yet."""
    with database.tenant(_ANYBODY, "app") as connection:
        rows = connection.execute(
            "SELECT provider, stream, column_name, version, was_action, was_params FROM hub.applied_policies"
            " WHERE was_action IS NOT NULL ORDER BY provider, stream, column_name"
        ).fetchall()
    return [
        Changed(provider, stream, column, version, Applied(action, params))
        for provider, stream, column, version, action, params in rows
    ]


def forget_what_was(admin: Connection, changed: Changed) -> None:
    """Every tenant's rows have followed: only what is in force is remembered."""
    admin.execute(
        "UPDATE hub.applied_policies SET was_action = NULL, was_params = NULL"
        " WHERE provider = %s AND stream = %s AND column_name = %s AND version = %s",
        (changed.provider, changed.stream, changed.column, changed.version),
    )


def _columns(
    providers: Mapping[str, Provider], policies: Mapping[str, ProviderPolicy]
) -> Iterator[tuple[str, str, ColumnPolicy]]:
    for name in providers:
        for stream in policies[name].streams.values():
            for column in stream.columns.values():
                yield name, stream.name, column


def _is_key(provider: Provider, stream: str, column: ColumnPolicy) -> bool:
    return column.name in provider.stream(stream).key


def _keys_differ(was: Applied, now: ColumnPolicy) -> bool:
    """Whether a record that is read again would land beside itself. What a pseudonym and the vault leave is one."""
    keyed = was.action in _KEYED
    if keyed != (now.action in _KEYED):
        return True
    return keyed and was.params.get("keep_matching") != now.params.get("keep_matching")


def _meaning(column: ColumnPolicy) -> str:
    """Names what a policy says of a column, not where it says so."""
    said: dict[str, Any] = {name: value for name, value in asdict(column).items() if name != "line"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _write(owner: Connection, provider: str, stream: str, column: ColumnPolicy, version: int) -> None:
    from psycopg.types.json import Jsonb

    # A second change before the first has reached everybody: the rows may still be as the first one found them.
    owner.execute(
        "INSERT INTO hub.applied_policies AS a (provider, stream, column_name, version, action, params, meaning)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (provider, stream, column_name) DO UPDATE SET"
        " version = excluded.version, action = excluded.action, params = excluded.params,"
        " meaning = excluded.meaning, was_action = coalesce(a.was_action, a.action),"
        " was_params = coalesce(a.was_params, a.params), applied_at = now()",
        (provider, stream, column.name, version, column.action, Jsonb(dict(column.params)), _meaning(column)),
    )
