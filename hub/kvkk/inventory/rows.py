"""The inventory's rows: every activity and data category that the policies, and the hub itself, give rise to.

An activity is a provider's stream; each category among its columns has a row. Nothing here is typed by hand for a
stream, so a stream or column that loads cannot be missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from connectors.contract import Provider
from kvkk_policies.override import Override
from kvkk_policies.policy import ColumnPolicy, ProviderPolicy, StreamPolicy
from kvkk_policies.vocabulary import NO_PERSONAL_DATA, SPECIAL_CATEGORIES

if TYPE_CHECKING:
    from datetime import date

    from kvkk_policies.activity import Change, Transfer

State = Literal["in_force", "waiting"]
Destruction = Literal["delete", "crypto_shred", "not_kept"]

WAITING = "UNDECLARED"
"""Stands for the category of a column that no policy declares: nobody has said what it is, and it does not load."""

_PERIOD = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")
_DAYS = (366, 31, 7, 1)


@dataclass(frozen=True)
class Waiting:
    """A column that a provider sends and no policy declares, and the tenants to whom it was sent."""

    provider: str
    stream: str
    column: str
    tenants: tuple[str, ...]


@dataclass(frozen=True)
class Chosen:
    """A tenant's own action for a column, in place of the policy's."""

    column: str
    action: str
    legal_basis: str
    retention: str


@dataclass(frozen=True)
class Row:
    """One activity and category. `items` are the columns kept, `dropped` those that are read and not kept.

    `protection` names what is done to the items, by the gate's action. `transfers` is None where nobody has said.
    """

    process: str
    activity: str
    category: str
    items: tuple[str, ...]
    subject_groups: tuple[str, ...]
    purpose: str
    legal_bases: tuple[str, ...]
    source: str
    retention: str
    retention_basis: str
    recipients: tuple[str, ...]
    transfers: tuple[Transfer, ...] | None
    destruction: tuple[Destruction, ...]
    dropped: tuple[str, ...] = ()
    protection: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    policy_version: int | None = None
    changes: tuple[Change, ...] = ()
    chosen: tuple[Chosen, ...] = ()
    reviewed_on: date | None = None
    state: State = "in_force"
    tenants: tuple[str, ...] = ()

    @property
    def special(self) -> bool:
        """Whether the category is one of KVKK art. 6."""
        return self.category in SPECIAL_CATEGORIES

    @property
    def personal(self) -> bool:
        """Whether the items say anything of a person."""
        return self.category != NO_PERSONAL_DATA


def stream_rows(
    providers: Mapping[str, Provider],
    policies: Mapping[str, ProviderPolicy],
    overrides: Mapping[str, Mapping[tuple[str, str], Override]] | None = None,
) -> Iterator[Row]:
    """A row for each stream and category. `overrides` are a tenant's, by provider, then by stream and column."""
    for name, provider in providers.items():
        policy = policies[name]
        chosen = (overrides or {}).get(name, {})
        for stream in policy.streams.values():
            yield from _of_stream(provider, policy, stream, chosen)


def waiting_rows(providers: Mapping[str, Provider], waiting: Iterable[Waiting]) -> Iterator[Row]:
    """A row for each column that waits to be declared."""
    for each in waiting:
        provider = providers.get(each.provider)
        yield Row(
            process=provider.title if provider else each.provider,
            activity=f"{each.provider}.{each.stream}",
            category=WAITING,
            items=(),
            dropped=(each.column,),
            subject_groups=(),
            purpose="",
            legal_bases=(),
            source=provider.title if provider else each.provider,
            retention="",
            retention_basis="",
            recipients=(),
            transfers=None,
            destruction=("not_kept",),
            state="waiting",
            tenants=each.tenants,
        )


def longest(periods: Iterable[str]) -> str:
    """The longest of ISO 8601 durations; a month is taken for 31 days and a year for 366. Empty for none."""
    return max(periods, key=_days, default="")


def _of_stream(
    provider: Provider, policy: ProviderPolicy, stream: StreamPolicy, overrides: Mapping[tuple[str, str], Override]
) -> Iterator[Row]:
    chosen = {column: override for (of, column), override in overrides.items() if of == stream.name}
    columns = [_under(column, chosen.get(column.name)) for column in stream.columns.values()]
    for category in dict.fromkeys(column.category for column in columns):
        own = [column for column in columns if column.category == category]
        kept = [column for column in own if column.action != "drop"]
        protection: dict[str, tuple[str, ...]] = {}
        for column in own:
            protection[column.action] = (*protection.get(column.action, ()), column.name)
        retention = longest(column.retention for column in kept)
        yield Row(
            process=provider.title,
            activity=f"{provider.name}.{stream.name}",
            category=category,
            items=tuple(column.name for column in kept),
            dropped=tuple(column.name for column in own if column.action == "drop"),
            protection=protection,
            subject_groups=stream.subject_groups,
            purpose=stream.purpose,
            legal_bases=tuple(sorted({column.legal_basis for column in own if column.legal_basis})),
            source=provider.title,
            retention=retention,
            retention_basis=_retention_basis(category, kept, retention),
            recipients=stream.recipients,
            transfers=stream.transfers,
            destruction=_destruction(kept),
            policy_version=policy.version,
            changes=policy.changes,
            chosen=tuple(
                Chosen(name, override.action, override.legal_basis, override.retention)
                for name, override in sorted(chosen.items())
                if name in {column.name for column in own}
            ),
            reviewed_on=policy.changes[-1].on if policy.changes else None,
        )


def _under(column: ColumnPolicy, override: Override | None) -> ColumnPolicy:
    if override is None:
        return column
    return replace(
        column,
        action=override.action,
        params=override.params,
        legal_basis=override.legal_basis,
        retention=override.retention,
    )


def _destruction(kept: list[ColumnPolicy]) -> tuple[Destruction, ...]:
    if not kept:
        return ("not_kept",)
    in_vault = any(column.action == "vault" or column.params.get("vault") for column in kept)
    return ("delete", "crypto_shred") if in_vault else ("delete",)


def _retention_basis(category: str, kept: list[ColumnPolicy], retention: str) -> str:
    """A code of `words.RETENTION_BASES`: the statute that asks for so long, else the controller's own decision."""
    if not kept:
        return ""
    if retention != "P10Y":
        return "policy"
    if category == "OZLUK":
        return "personnel"
    bases = {column.legal_basis for column in kept if column.retention == retention}
    return "books" if bases & {"contract", "legal_obligation", "law"} else "limitation"


def _days(period: str) -> int:
    match = _PERIOD.fullmatch(period)
    counts = match.groups() if match else ()
    return sum(int(count or 0) * days for count, days in zip(counts, _DAYS, strict=False))
