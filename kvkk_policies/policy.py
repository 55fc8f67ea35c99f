"""Policies: for every column of every stream, what it is, why it may be processed, how long, and what becomes of it.

`load_policies` reads and checks the files by themselves; `check_policies` holds them against the declared streams. Both
report every mistake at once, with file and line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from connectors.contract import Provider
from kvkk_policies import column_checks
from kvkk_policies.activity import Change, Transfer, read_changes, read_transfers, wrong_changes, wrong_transfers
from kvkk_policies.document import Document, Trail, UnreadableYaml, read_document
from kvkk_policies.problems import PolicyError, Problem
from kvkk_policies.vocabulary import IDENTIFIER_KINDS, ActionName, Strength

__all__ = ["ColumnPolicy", "PolicyError", "ProviderPolicy", "StreamPolicy", "check_policies", "load_policies"]

_HERE = Path(__file__).parent
_SCHEMA_CODES = {
    "category": "policy_unknown_category",
    "legal_basis": "policy_unknown_basis",
    "action": "policy_unknown_action",
    "retention": "policy_bad_retention",
}


@dataclass(frozen=True)
class ColumnPolicy:
    """What a policy says of one column.

    `subject` names whom it speaks of: columns of a row that share it speak of the same person. `overridable` lists the
    actions that a tenant may choose instead.
    """

    name: str
    category: str
    legal_basis: str | None
    retention: str
    action: ActionName
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    kind: str | None = None
    subject: str | None = None
    strength: Strength | None = None
    overridable: tuple[ActionName, ...] = ()
    line: int = 0
    coarsen: Mapping[str, Any] | None = None
    """`after` a period, a coordinate keeps so many `decimals`."""

    @property
    def identifies(self) -> bool:
        """Whether values of this column find a person in the subject index."""
        return self.kind is not None and (
            self.strength is not None or self.kind in IDENTIFIER_KINDS or self.kind == "tax_number"
        )


@dataclass(frozen=True)
class StreamPolicy:
    """A stream's columns by name, and what the inventory needs to know of the activity as a whole."""

    name: str
    purpose: str
    subject_groups: tuple[str, ...]
    recipients: tuple[str, ...]
    columns: Mapping[str, ColumnPolicy]
    line: int = 0
    transfers: tuple[Transfer, ...] | None = None
    """Where the data goes abroad; None where the file does not say."""
    dated: str | None = None
    """The column that says when what a record tells happened; None where records are of no day (a list as it stands).
    Erasure and retention count from it."""


@dataclass(frozen=True)
class ProviderPolicy:
    """One policy file. `version` grows with every change of meaning; each loaded row carries it."""

    provider: str
    version: int
    streams: Mapping[str, StreamPolicy]
    file: Path
    changes: tuple[Change, ...] = ()
    """In the order of versions; what the inventory says of why the file changed."""


def load_policies(directory: Path | None = None) -> dict[str, ProviderPolicy]:
    """Every `*.yaml` of the directory (default: this package), by provider name. Raises `PolicyError`."""
    policies: dict[str, ProviderPolicy] = {}
    problems: list[Problem] = []
    for file in sorted((directory or _HERE).glob("*.yaml")):
        try:
            document = read_document(file)
        except UnreadableYaml as error:
            problems.append(Problem(file, error.line, "policy_unreadable"))
            continue
        found = _schema_problems(document)
        if not found:
            policy = _policy(document)
            found = _meaning_problems(policy)
            policies[policy.provider] = policy
        problems.extend(found)
    if problems:
        raise PolicyError(problems)
    return policies


def check_policies(policies: Mapping[str, ProviderPolicy], providers: Mapping[str, Provider]) -> None:
    """Hold the policies against the declared streams. Raises `PolicyError` naming every mistake."""
    problems: list[Problem] = []
    for name, provider in providers.items():
        if name not in policies:
            problems.append(Problem(_HERE / f"{name}.yaml", 1, "policy_provider_missing", found=name))
            continue
        problems.extend(_provider_problems(policies[name], provider))
    if problems:
        raise PolicyError(problems)


def _provider_problems(policy: ProviderPolicy, provider: Provider) -> Iterable[Problem]:
    streams = {stream.name: stream for stream in provider.streams}
    for name in streams.keys() - policy.streams.keys():
        yield Problem(policy.file, 1, "policy_stream_missing", found=name)
    for name, stream_policy in policy.streams.items():
        if name not in streams:
            yield Problem(policy.file, stream_policy.line, "policy_stream_unknown", found=name)
            continue
        stream = streams[name]
        declared = {column.name: column for column in stream.columns}
        if stream_policy.dated is not None and not column_checks.dates(stream_policy, declared):
            yield Problem(policy.file, stream_policy.line, "policy_dated", name, stream_policy.dated)
        for column in declared.keys() - stream_policy.columns.keys():
            yield Problem(policy.file, stream_policy.line, "policy_column_missing", name, column)
        for column_policy in stream_policy.columns.values():
            where = f"{name}.{column_policy.name}"
            if column_policy.name not in declared:
                yield Problem(policy.file, column_policy.line, "policy_column_unknown", name, column_policy.name)
                continue
            for code, found in column_checks.against_stream(column_policy, declared[column_policy.name], stream):
                yield Problem(policy.file, column_policy.line, code, where, found)


@cache
def _schema() -> dict[str, Any]:
    return json.loads((_HERE / "schema.json").read_text(encoding="utf-8"))


def _schema_problems(document: Document) -> list[Problem]:
    from jsonschema import Draft202012Validator

    problems = [
        Problem(document.file, repeated.line, "policy_declared_twice", _where(repeated.trail), str(repeated.trail[-1]))
        for repeated in document.repeated
    ]
    validator = Draft202012Validator(_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
    for error in validator.iter_errors(document.data):
        trail: Trail = tuple(error.absolute_path)
        code = _SCHEMA_CODES.get(str(trail[-1]) if trail else "", "policy_schema")
        found = str(error.instance) if code != "policy_schema" else f"{error.validator}"
        problems.append(Problem(document.file, document.line(trail), code, _where(trail), found))
    return sorted(problems, key=lambda problem: problem.line)


def _where(trail: Trail) -> str:
    return ".".join(str(part) for part in trail if part not in ("streams", "columns"))


def _policy(document: Document) -> ProviderPolicy:
    data = document.data
    streams = {name: _stream(name, stream, document) for name, stream in data["streams"].items()}
    return ProviderPolicy(data["provider"], data["version"], streams, document.file, read_changes(document))


def _stream(name: str, stream: Mapping[str, Any], document: Document) -> StreamPolicy:
    trail: Trail = ("streams", name)
    columns = {
        column: _column(column, values, document.line((*trail, "columns", column)))
        for column, values in stream["columns"].items()
    }
    return StreamPolicy(
        name=name,
        purpose=stream["purpose"],
        subject_groups=tuple(stream["subject_groups"]),
        recipients=tuple(stream.get("recipients", ())),
        columns=columns,
        line=document.line(trail),
        transfers=read_transfers(stream, document, trail),
        dated=stream.get("dated"),
    )


def _column(name: str, values: Mapping[str, Any], line: int) -> ColumnPolicy:
    return ColumnPolicy(
        name=name,
        category=values["category"],
        legal_basis=values.get("legal_basis"),
        retention=values["retention"],
        action=values["action"],
        params=values.get("params", {}),
        kind=values.get("kind"),
        subject=values.get("subject"),
        strength=values.get("strength"),
        overridable=tuple(values.get("overridable", ())),
        line=line,
        coarsen=values.get("coarsen"),
    )


def _meaning_problems(policy: ProviderPolicy) -> list[Problem]:
    problems = [
        Problem(policy.file, line, code, found=found)
        for line, code, found in wrong_changes(policy.changes, policy.version)
    ]
    problems += [
        Problem(policy.file, line, code, stream.name, found)
        for stream in policy.streams.values()
        for line, code, found in wrong_transfers(stream.transfers or ())
    ]
    return problems + [
        Problem(policy.file, column.line, code, f"{stream.name}.{column.name}", found)
        for stream in policy.streams.values()
        for column in stream.columns.values()
        for code, found in column_checks.by_itself(column, provider=policy.provider)
    ]
