"""What Postgres knows of the whole installation, read when somebody scrapes and kept for a few seconds.

Through the crossings `platform` and `dispatcher`, which see ids, states and times. However many tenants there are, the
page stays of one size: tenants are counted by how old their data is, and only the worst few are named by id.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.observe import queries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from prometheus_client.core import Metric

    from hub.db.database import Database

KEPT_SECONDS = 15.0
BANDS: tuple[tuple[str, float], ...] = (
    ("1h", 3_600),
    ("6h", 6 * 3_600),
    ("1d", 86_400),
    ("3d", 3 * 86_400),
    ("7d", 7 * 86_400),
)
"""Freshness: the age of the oldest stream is at most this. What is older is `older`, what never synced `never`."""


def band_of(age: float | None) -> str:
    """The band of an age in seconds; None has never been synced."""
    if age is None:
        return "never"
    return next((name for name, most in BANDS if age <= most), "older")


class DatabaseMetrics:
    """A collector for prometheus_client. `worst` tenants with the oldest data are named."""

    def __init__(self, database: Database, *, worst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._worst = worst
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at: float | None = None
        self._kept: Sequence[Metric] = ()

    def collect(self) -> Iterable[Metric]:
        """Called by prometheus_client at each scrape; scrapes within `KEPT_SECONDS` get the same answer."""
        with self._lock:
            now = self._clock()
            if self._read_at is None or now - self._read_at >= KEPT_SECONDS:
                self._kept = self._read()
                self._read_at = now
            kept = self._kept
        return [*kept, *_pools(self._database)]

    def _read(self) -> Sequence[Metric]:
        import psycopg

        page = _Page()
        try:
            with self._database.crossing("platform") as connection:
                connection.execute("SET LOCAL statement_timeout = '5s'")
                seen = {name: connection.execute(text).fetchall() for name, text in queries.OF_PLATFORM.items()}
            with self._database.crossing("dispatcher") as connection:
                connection.execute("SET LOCAL statement_timeout = '5s'")
                seen |= {name: connection.execute(text).fetchall() for name, text in queries.OF_DISPATCHER.items()}
        except (HubError, psycopg.Error):
            page.up.add_metric([], 0)
            return page.families
        page.up.add_metric([], 1)
        page.fill(seen, self._worst)
        return page.families


class _Page:
    """The families, each with its help, so that a dashboard finds their names before anything has happened."""

    def __init__(self) -> None:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        def gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
            return GaugeMetricFamily(f"kopru_{name}", text, labels=labels)

        def counter(name: str, text: str, *labels: str) -> CounterMetricFamily:
            return CounterMetricFamily(f"kopru_{name}", text, labels=labels)

        self.up = gauge("database_up", "Whether the database answered what this page asks.")
        self.tenants = gauge("tenants", "Tenants by whether they are active.", "active")
        self.integrations = gauge("integrations", "Integrations of active tenants by state.", "provider", "state")
        self.streams = gauge("streams", "Streams of active integrations by their last outcome.", "provider", "state")
        self.syncs = gauge("syncs_last_hour", "Streams that succeeded or failed within an hour.", "provider", "outcome")
        self.loaded = counter("gate_rows_loaded", "Masked rows that were new or changed.", "provider")
        self.dropped = counter("gate_texts_dropped", "Texts dropped for words of special categories.", "provider")
        self.undeclared = gauge("gate_undeclared_columns", "Columns that no policy declares.", "provider")
        self.fresh = gauge("freshness_tenants", "Tenants by the age of their oldest stream.", "provider", "band")
        self.oldest = gauge("freshness_oldest_seconds", "Age of the oldest streams.", "provider", "tenant_id")
        self.inbox = gauge("inbox_events", "Events that wait or were set aside.", "provider", "state")
        self.inbox_age = gauge("inbox_oldest_waiting_seconds", "Since when the oldest event waits.", "provider")
        self.outbox = gauge("outbox_actions", "Actions that are not settled.", "kind", "state")
        self.outbox_age = gauge("outbox_oldest_due_seconds", "Since when the oldest due action waits.", "kind")
        self.outbox_day = gauge("outbox_actions_last_day", "Actions of a day's time by state.", "kind", "state")
        self.waiting = gauge("webhook_deliveries_waiting", "Events that are still to be brought to tenants.")
        self.hour = gauge("webhook_deliveries_last_hour", "Deliveries that began within an hour, by state.", "state")
        self.due_age = gauge("webhook_deliveries_oldest_due_seconds", "Since when the oldest due delivery waits.")
        self.subscribed = gauge("webhook_subscriptions", "Tenants' addresses by state.", "state")
        self.mails = gauge("mails", "Mails that are not sent.", "state")
        self.mails_age = gauge("mails_oldest_due_seconds", "Since when the oldest due mail waits.")

    @property
    def families(self) -> Sequence[Metric]:
        """In their order."""
        return list(vars(self).values())

    def fill(self, seen: dict[str, list[tuple[object, ...]]], worst: int) -> None:
        """Put the rows of every query into their families."""
        for family, name in (
            (self.tenants, "tenants"),
            (self.integrations, "integrations"),
            (self.streams, "streams"),
            (self.syncs, "syncs"),
            (self.inbox, "inbox"),
            (self.outbox, "outbox"),
            (self.outbox_day, "outbox_day"),
            (self.waiting, "deliveries_waiting"),
            (self.hour, "deliveries_hour"),
            (self.subscribed, "subscriptions"),
            (self.mails, "mails"),
            (self.inbox_age, "inbox_age"),
            (self.outbox_age, "outbox_age"),
        ):
            for *labels, number in seen[name]:
                family.add_metric([str(label) for label in labels], _number(number))
        for provider, loaded, dropped, undeclared in seen["gate"]:
            self.loaded.add_metric([str(provider)], _number(loaded))
            self.dropped.add_metric([str(provider)], _number(dropped))
            self.undeclared.add_metric([str(provider)], _number(undeclared))
        self.due_age.add_metric([], max((_number(age) for (age,) in seen["deliveries_age"]), default=0))
        self.mails_age.add_metric([], max((_number(age) for (age,) in seen["mails_age"]), default=0))
        self._freshness(seen["freshness"], worst)

    def _freshness(self, rows: list[tuple[object, ...]], worst: int) -> None:
        ages = [(str(tenant), str(provider), None if age is None else _number(age)) for tenant, provider, age in rows]
        bands = Counter((provider, band_of(age)) for _, provider, age in ages)
        for (provider, band), count in sorted(bands.items()):
            self.fresh.add_metric([provider, band], count)
        known = sorted(((age, tenant, provider) for tenant, provider, age in ages if age is not None), reverse=True)
        for age, tenant, provider in known[:worst]:
            self.oldest.add_metric([provider, tenant], age)


def _pools(database: Database) -> list[Metric]:
    from prometheus_client.core import GaugeMetricFamily

    connections = GaugeMetricFamily(
        "kopru_pool_connections", "Connections of the answering process.", labels=["role", "state"]
    )
    waiting = GaugeMetricFamily("kopru_pool_waiting", "Threads that wait for a connection.", labels=["role"])
    for role, numbers in sorted(database.pool_stats().items()):
        size, idle = numbers.get("pool_size", 0), numbers.get("pool_available", 0)
        connections.add_metric([role, "idle"], idle)
        connections.add_metric([role, "used"], size - idle)
        waiting.add_metric([role], numbers.get("requests_waiting", 0))
    return [connections, waiting]


def _number(value: object) -> float:
    return float(str(value))
