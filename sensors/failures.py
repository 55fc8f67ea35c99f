"""Alerts from the status table: a tenant's failure never raises in a run, so somebody has to say that it happened."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dagster import DefaultSensorStatus, SensorDefinition, SensorEvaluationContext, SensorResult, SkipReason

if TYPE_CHECKING:
    from hub.db.database import Database

SECONDS_BETWEEN_LOOKS = 60
TOLD_AT_ONCE = 50
MOST_KNOWN = 5_000
"""Integrations whose trouble is remembered, 10 bytes of cursor each. Beyond that only their number is told."""

_DIGEST_LETTERS = 9

_TROUBLES = """
SELECT i.tenant_id, i.provider, CASE WHEN i.state = 'paused' THEN 'paused' ELSE 'failed' END,
       coalesce(i.paused_reason, string_agg(DISTINCT s.failure_code, ' ' ORDER BY s.failure_code), ''),
       coalesce(string_agg(DISTINCT s.failure_kind, ' ' ORDER BY s.failure_kind), ''),
       count(s.stream), count(*) OVER ()
FROM hub.integrations i
JOIN hub.tenants t ON t.tenant_id = i.tenant_id AND t.active
LEFT JOIN hub.sync_state s ON s.tenant_id = i.tenant_id AND s.provider = i.provider AND s.state = 'failed'
WHERE i.state = 'paused' OR (i.state = 'active' AND s.stream IS NOT NULL)
GROUP BY i.tenant_id, i.provider, i.state, i.paused_reason
ORDER BY i.tenant_id, i.provider
LIMIT %s
"""


@dataclass(frozen=True)
class Trouble:
    """An integration that needs somebody's eye. Ids, codes and counts only."""

    tenant_id: str
    provider: str
    state: str
    """`failed` or `paused`."""
    codes: str
    kinds: str
    streams: int

    @property
    def digest(self) -> str:
        """What makes it news: another state or kind of failure. Codes that come and go within a kind are no news."""
        told = "|".join((self.tenant_id, self.provider, self.state, self.kinds))
        return hashlib.sha256(told.encode()).hexdigest()[:_DIGEST_LETTERS]

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.provider} {self.state}: {self.codes or 'by hand'} ({self.streams} streams)"


@dataclass(frozen=True)
class News:
    """What is new since the cursor. `untold` is left for the next look."""

    told: tuple[Trouble, ...]
    cursor: str
    untold: int = 0


def read_troubles(database: Database) -> tuple[list[Trouble], int]:
    """Integrations that fail or are paused, at most `MOST_KNOWN`, and how many there are in all.

    The daemon gives a tick 60 s; a table that does not answer in ten is left to the next one.
    """
    with database.crossing("platform") as connection:
        connection.execute("SET LOCAL statement_timeout = '10s'")
        rows: Sequence[Any] = connection.execute(_TROUBLES, (MOST_KNOWN,)).fetchall()
    return [Trouble(*row[:6]) for row in rows], int(rows[0][6]) if rows else 0


def news(troubles: Iterable[Trouble], cursor: str | None) -> News:
    """Troubles that the cursor does not know, a batch of them; what has healed is forgotten, so it is news again."""
    known = _known(cursor)
    present = list(troubles)
    fresh = [trouble for trouble in present if trouble.digest not in known]
    told = tuple(fresh[:TOLD_AT_ONCE])
    remembered = {trouble.digest for trouble in present} & known | {trouble.digest for trouble in told}
    return News(told, " ".join(sorted(remembered)), untold=len(fresh) - len(told))


def _known(cursor: str | None) -> set[str]:
    """Digests of a cursor. Whatever else stands in it is passed over: at worst something is told twice."""
    return {word for word in (cursor or "").split() if len(word) == _DIGEST_LETTERS}


def failures_sensor() -> SensorDefinition:
    """Tells once about each integration that begins to fail or is paused, in the log and in the tick's own words."""

    def failures(context: SensorEvaluationContext) -> SensorResult:
        troubles, in_all = read_troubles(context.resources.hub.engine.database)
        found = news(troubles, context.cursor)
        for trouble in found.told:
            context.log.warning("%s", trouble)
        counts = f"{in_all} integrations fail or are paused, {len(found.told)} of them are news"
        lines = [counts, *map(str, found.told)]
        if found.untold:
            lines.append(f"{found.untold} more follow")
        return SensorResult(skip_reason=SkipReason("\n".join(lines)), cursor=found.cursor)

    return SensorDefinition(
        name="failures",
        evaluation_fn=failures,
        required_resource_keys={"hub"},
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=DefaultSensorStatus.RUNNING,
        description="Alerts from the status table: integrations that have begun to fail or were paused, and why.",
    )
