"""What age takes from the rows of a batch before they land: the rules of the periodic destruction, as the gate asks.

The same rules (rules.py) and the same holds as a sweep of this moment would have, so that a sweep after a backfill over
old data finds nothing to do. Tenants without choices and holds of their own share one answer a stream.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connectors.istanbul import day_of
from hub.kvkk.retention.rules import rules_of
from hub.kvkk.stores.landed import LandedStream
from kvkk_policies.ageing import Ages, Cutoff
from kvkk_policies.override import check_override

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.contract import Provider, Stream
    from hub.db.database import Database
    from hub.kvkk.holds import Hold
    from kvkk_policies.override import Override
    from kvkk_policies.policy import ProviderPolicy, StreamPolicy


@dataclass(frozen=True)
class AgesAtLoad:
    """Ages for the tenants of a batch. `holds` and `overrides` are the tenants' own, as the batch claimed them."""

    database: Database
    provider: Provider
    policy: ProviderPolicy
    holds: Callable[[str], Sequence[Hold]]
    overrides: Callable[[str, str], Mapping[str, Override]]
    now: datetime
    _dayless: dict[str, bool] = field(default_factory=dict[str, bool])
    _shared: dict[str, Ages | None] = field(default_factory=dict[str, "Ages | None"])
    _own: dict[tuple[str, str], Ages | None] = field(default_factory=dict[tuple[str, str], "Ages | None"])

    def of(self, tenant_id: str, stream: str) -> Ages | None:
        """What age takes from a tenant's rows of a stream; None where nothing can be over.

        HubError `override_*` when a choice is not allowed any more.
        """
        chosen, held = self.overrides(tenant_id, stream), self.holds(tenant_id)
        if not chosen and not held:
            if stream not in self._shared:
                self._shared[stream] = self._made(stream, self.policy.streams[stream])
            return self._shared[stream]
        if (tenant_id, stream) not in self._own:
            self._own[tenant_id, stream] = self._of_tenant(tenant_id, stream, chosen, held)
        return self._own[tenant_id, stream]

    def follows(self, tenant_id: str, stream: str) -> bool:
        """Whether rows of a stream go where the record goes that they belong to: they tell no day of their own.

        Unless a hold keeps the dataset, or a category in it.
        """
        its, base = self.provider.stream(stream), self.policy.streams[stream]
        if stream not in self._dayless:
            self._dayless[stream] = LandedStream(self.provider.name, its, base, base).dated is None
        if not its.belongs_to or not self._dayless[stream]:
            return False
        categories = {column.category for column in base.columns.values()}
        return not any(
            (hold.scope == "dataset" and hold.target == self._dataset(stream))
            or (hold.scope == "category" and hold.target in categories)
            for hold in self.holds(tenant_id)
        )

    def _of_tenant(
        self, tenant_id: str, stream: str, chosen: Mapping[str, Override], held: Sequence[Hold]
    ) -> Ages | None:
        if any(
            hold.scope == "tenant" or (hold.scope == "dataset" and hold.target == self._dataset(stream))
            for hold in held
        ):
            return None
        its, base = self.provider.stream(stream), self.policy.streams[stream]
        columns = dict(base.columns) | {
            name: check_override(stream=its, policy=base, column=name, override=override)
            for name, override in chosen.items()
        }
        categories = {hold.target for hold in held if hold.scope == "category"}
        made = self._made(stream, replace(base, columns=columns), categories)
        subjects = {hold.target for hold in held if hold.scope == "subject"}
        if made is None or not subjects:
            return made
        from hub.kvkk.erasure.run import person_of

        return replace(made, held=person_of(self.database, tenant_id, subjects).pseudonyms)

    def _made(self, stream: str, policy: StreamPolicy, held_categories: set[str] | None = None) -> Ages | None:
        its: Stream = self.provider.stream(stream)
        landed = LandedStream(self.provider.name, its, policy, self.policy.streams[stream])
        if not landed.types or (landed.dated is None and its.version is None):
            return None  # as old as its fetch
        rules = rules_of(landed, now=self.now, held_categories=held_categories or ())
        ages = Ages(
            dated=landed.dated,
            version=its.version,
            deleted=None if rules.deleted_before is None else _cutoff(rules.deleted_before),
            emptied=tuple((_cutoff(each.before), each.columns) for each in rules.emptied),
            coarsened=tuple((_cutoff(each.before), each.column, each.decimals) for each in rules.coarsened),
            naming=tuple(each.name for each in landed.naming),
        )
        return None if ages.newest is None else ages

    def _dataset(self, stream: str) -> str:
        return f"landing.{self.provider.name}_{stream}"


def _cutoff(moment: datetime) -> Cutoff:
    return Cutoff(moment, day_of(moment))
