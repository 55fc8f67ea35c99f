"""Keeps Dagster's event log from growing without end, and from forgetting who is well.

Dagster knows a tenant's partition as materialized, and a check as passed, only by their events. A quiet tenant's last
event may be months old, so deleting by age alone would turn it missing. Kept for ever: the latest event of each type,
asset and partition, the latest evaluation of each check and partition, and the runs that these belong to. Runs under
way keep everything. Dagster's own storage gives the connection, as its own database role.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from dagster import DagsterInstance

EVENTS_AT_ONCE = 10_000
"""Ids in one statement, so that no lock is held for long while the daemon and runs write."""

_OVER = "('SUCCESS', 'FAILURE', 'CANCELED')"
_UNDER_WAY = f"(SELECT run_id FROM runs WHERE status NOT IN {_OVER})"  # noqa: S608 - our own words

# A planned evaluation may follow the last completed one: a run that died before it judged. Both are kept.
_CHECKS = f"""
DELETE FROM asset_check_executions
WHERE evaluation_event_timestamp < :before
  AND run_id NOT IN {_UNDER_WAY}
  AND id NOT IN (
    SELECT max(id) FROM asset_check_executions GROUP BY asset_key, check_name, partition
    UNION ALL
    SELECT max(id) FROM asset_check_executions WHERE execution_status IN ('SUCCEEDED', 'FAILED')
    GROUP BY asset_key, check_name, partition)
"""  # noqa: S608 - our own words

# By rows and not by ids: where much was trimmed before, there are wide gaps.
_STEP = "SELECT max(id) FROM (SELECT id FROM event_logs WHERE id > :after ORDER BY id LIMIT :step) AS step"
_NEWEST_OLD = "SELECT id FROM event_logs WHERE timestamp < :before ORDER BY id DESC LIMIT 1"

# Two look-ups for "latest", because Dagster has an index for events with a partition and another one for those without.
_EVENTS = f"""
WITH gone AS (
  DELETE FROM event_logs AS old
  WHERE old.id > :after AND old.id <= :upto AND old.timestamp < :before
    AND old.run_id NOT IN {_UNDER_WAY}
    AND (old.asset_key IS NULL
      OR (old.partition IS NOT NULL AND EXISTS (
        SELECT FROM event_logs AS new WHERE new.asset_key = old.asset_key
        AND new.dagster_event_type = old.dagster_event_type AND new.partition = old.partition AND new.id > old.id))
      OR (old.partition IS NULL AND EXISTS (
        SELECT FROM event_logs AS new WHERE new.asset_key = old.asset_key
        AND new.dagster_event_type = old.dagster_event_type AND new.partition IS NULL AND new.id > old.id)))
    AND old.id NOT IN (
      SELECT evaluation_event_storage_id FROM asset_check_executions
      WHERE evaluation_event_storage_id > :after AND evaluation_event_storage_id <= :upto)
  RETURNING old.id),
untagged AS (DELETE FROM asset_event_tags WHERE event_id IN (SELECT id FROM gone))
SELECT count(*) FROM gone
"""  # noqa: S608 - our own words

_RUNS = f"""
DELETE FROM runs
WHERE status IN {_OVER} AND update_timestamp < :before
  AND NOT EXISTS (SELECT FROM event_logs WHERE event_logs.run_id = runs.run_id)
  AND NOT EXISTS (SELECT FROM asset_check_executions AS kept WHERE kept.run_id = runs.run_id)
"""  # noqa: S608 - our own words


@dataclass(frozen=True)
class Trimmed:
    """How many rows went."""

    events: int
    evaluations: int
    runs: int


def trim(instance: DagsterInstance, *, before: datetime) -> Trimmed:
    """Delete what is older than `before` (aware) and not the latest of its kind. Stopped half-way it does no harm."""
    # Dagster stores UTC without saying so.
    moment = before.astimezone(UTC).replace(tzinfo=None)
    evaluations = _rows(instance, _CHECKS, before=moment)
    events = _trim_events(instance, moment)
    return Trimmed(events, evaluations, _rows(instance, _RUNS, before=moment))


def _trim_events(instance: DagsterInstance, before: datetime) -> int:
    """In the order of ids, which is that of time but for a few, up to the newest event that is old enough."""
    last = _number(instance, _NEWEST_OLD, before=before)
    gone = after = 0
    while last is not None and after < last:
        upto = _number(instance, _STEP, after=after, step=EVENTS_AT_ONCE)
        if upto is None:
            break  # somebody else trims too
        gone += _number(instance, _EVENTS, after=after, upto=upto, before=before) or 0
        after = upto
    return gone


def _number(instance: DagsterInstance, statement: str, **values: Any) -> int | None:
    with _connection(instance) as connection:
        found: int | None = connection.execute(_text(statement), values).scalar()
        return found


def _rows(instance: DagsterInstance, statement: str, **values: Any) -> int:
    with _connection(instance) as connection:
        return int(connection.execute(_text(statement), values).rowcount)


def _connection(instance: DagsterInstance) -> Any:
    return cast("Any", instance.event_log_storage).index_transaction()


def _text(statement: str) -> Any:
    from sqlalchemy import text

    return text(statement)
