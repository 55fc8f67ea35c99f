"""Judges what a batch brought: one suite a stream, whatever the number of tenants, and findings by tenant.

A tenant whose last verdict was a failure is judged by all its rows and not by the new ones alone: good new rows do not
mend the bad ones that are still there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assets.quality.run import CheckResult, QualityResult, run_suite
from assets.quality.suites import Suite, suite_for
from hub.db.endpoints import endpoint
from hub.errors import HubError

if TYPE_CHECKING:
    from connectors.contract import Provider, Stream
    from hub.db.database import Database
    from kvkk_policies.policy import ProviderPolicy

TRANSFORM_LOGIN = "transform"
TRANSFORMER = "transformer"

Changed = Mapping[tuple[str, str], Collection[str]]
"""Tenants by provider and stream with requests of its own: those whose tables of that stream have changed."""


@dataclass(frozen=True)
class Judgement:
    """One stream's verdict. `error` is a code when the suite could not run: then nothing is known of any tenant."""

    provider: str
    stream: str
    rows: int = 0
    checks: tuple[CheckResult, ...] = ()
    failing: Mapping[str, int] = field(default_factory=dict[str, int])
    """Findings by tenant, over all checks."""
    healed: tuple[str, ...] = ()
    """Tenants that failed before and hold now."""
    error: str | None = None

    @property
    def broken(self) -> list[str]:
        """Codes of the checks that could not be carried out."""
        return sorted(check.code for check in self.checks if check.broken)

    @property
    def passed(self) -> bool:
        """Whether every check was carried out and held for every tenant."""
        return self.error is None and not self.broken and not self.failing


def judge_batch(
    database: Database,
    providers: Mapping[str, Provider],
    policies: Mapping[str, ProviderPolicy],
    changed: Changed,
    *,
    failed_before: Callable[[str, str, Collection[str]], set[str]],
    only_new: bool = True,
) -> Iterator[Judgement]:
    """A judgement for each landing table with rows to judge, in the order of declaration.

    `failed_before(provider, stream, tenants)` names those whose last verdict was a failure. With `only_new` a stream
    without rows since the tenants' marts were built is passed over; Great Expectations is imported for the others only.
    """
    for provider in providers.values():
        overridden = _Overrides(database, provider.name)
        for stream in provider.streams:
            tenants = changed.get((provider.name, stream.parent or stream.name), ())
            if not tenants:
                continue
            suite = suite_for(provider.name, stream, policies[provider.name].streams[stream.name])
            sick = failed_before(provider.name, stream.name, tenants)
            exempt = overridden.by_column(stream, suite, policies[provider.name], tenants)
            judgement = _judge(database, suite, stream, set(tenants), sick, exempt, only_new=only_new)
            if judgement is not None:
                yield judgement


def _judge(
    database: Database,
    suite: Suite,
    stream: Stream,
    tenants: set[str],
    sick: set[str],
    exempt: Mapping[str, list[str]],
    *,
    only_new: bool,
) -> Judgement | None:
    verdict = Judgement(suite.provider, stream.name)
    parts = [(tenants - sick, True), (tenants & sick, False)] if only_new else [(tenants, False)]
    settings = database.settings
    try:
        results = [
            run_suite(
                endpoint(settings, TRANSFORM_LOGIN).sqlalchemy_url("postgresql+psycopg2"),
                suite,
                tenants=sorted(part),
                role=settings.role(TRANSFORMER),
                only_new=new,
                exempt=exempt,
            )
            for part, new in parts
        ]
    except HubError as error:
        return replace(verdict, error=error.code)
    if not (rows := sum(result.rows for result in results)):
        return None
    checks = _merged(check for result in results for check in result.checks)
    failing = QualityResult(suite.table, rows, checks).failing_tenants
    broken = any(check.broken for check in checks)
    healed = () if broken else tuple(sorted(sick - set(failing)))
    return replace(verdict, rows=rows, checks=checks, failing=failing, healed=healed)


def _merged(checks: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
    merged: dict[str, CheckResult] = {}
    for check in checks:
        known = merged.get(check.code)
        merged[check.code] = check if known is None else _both(known, check)
    return tuple(merged.values())


def _both(one: CheckResult, other: CheckResult) -> CheckResult:
    # No tenant is in both: the batch is divided by tenant.
    return replace(
        one,
        success=one.success and other.success,
        broken=one.broken or other.broken,
        failing={**one.failing, **other.failing},
    )


class _Overrides:
    """Tenants that decided otherwise for a column; read once, and only where a judged column may be decided about."""

    def __init__(self, database: Database, provider: str) -> None:
        self._database = database
        self._provider = provider
        self._known: dict[str, list[tuple[str, str]]] = {}

    def by_column(
        self, stream: Stream, suite: Suite, policy: ProviderPolicy, tenants: Iterable[str]
    ) -> dict[str, list[str]]:
        """Tenants by judged column of the stream that an override of theirs is about."""
        judged = {check.column for check in suite.checks}
        open_to_decision = {
            name
            for name, column in policy.streams[stream.name].columns.items()
            if column.overridable and name in judged
        }
        if not open_to_decision:
            return {}
        exempt: defaultdict[str, list[str]] = defaultdict(list)
        with self._database.holding():
            for tenant_id in sorted(tenants):
                for name, column in self._of(tenant_id):
                    if name == stream.name and column in open_to_decision:
                        exempt[column].append(tenant_id)
        return dict(exempt)

    def _of(self, tenant_id: str) -> list[tuple[str, str]]:
        if tenant_id not in self._known:
            with self._database.tenant(tenant_id, "app") as connection:
                rows = connection.execute(
                    "SELECT stream, column_name FROM hub.policy_overrides WHERE tenant_id = %s AND provider = %s",
                    (tenant_id, self._provider),
                ).fetchall()
            self._known[tenant_id] = [(str(stream), str(column)) for stream, column in rows]
        return self._known[tenant_id]
