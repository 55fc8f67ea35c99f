"""What a process counts of its own doing. Labels are routes, codes and names of providers, of which there are few.

Only the API's processes show what they count: what Dagster's do is asked of the database (hub/observe/queries.py).
Nothing here has a tenant's id, a path or a value in a label. Several workers of one API count together through files
(prometheus_client's multiprocess mode, see hub/observe/metrics.py). The library is imported when something is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Histogram

WebhookOutcome = Literal["stored", "duplicate", "answered", "refused", "nowhere", "failed"]
"""`duplicate` had nothing new in it, `answered` nothing at all (a challenge), `nowhere` no such address."""

LATENCY_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(frozen=True)
class Counters:
    """The process's counters and the registry in which they stand."""

    registry: CollectorRegistry
    api_requests: Counter
    api_seconds: Histogram
    webhooks: Counter
    webhook_events: Counter
    refusals: Counter
    stores_down: Counter


@cache
def counters() -> Counters:
    """One set a process, made when first asked for."""
    from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

    disable_created_metrics()  # a second series for each, which nobody asks for
    registry = CollectorRegistry()
    return Counters(
        registry=registry,
        api_requests=Counter(
            "kopru_api_requests",
            "API calls by route, method and class of status.",
            ["route", "method", "status"],
            registry=registry,
        ),
        api_seconds=Histogram(
            "kopru_api_request_seconds",
            "How long API calls took.",
            ["route", "method"],
            buckets=LATENCY_BUCKETS,
            registry=registry,
        ),
        webhooks=Counter(
            "kopru_webhook_calls",
            "Calls of providers by what became of them.",
            ["provider", "outcome"],
            registry=registry,
        ),
        webhook_events=Counter(
            "kopru_webhook_events",
            "Events in calls of providers, new ones and those that were known.",
            ["provider", "known"],
            registry=registry,
        ),
        refusals=Counter(
            "kopru_limit_refusals", "Calls refused by a limit, by its name.", ["limit"], registry=registry
        ),
        stores_down=Counter(
            "kopru_limit_store_down", "Times the store of limits stopped answering.", registry=registry
        ),
    )


def known_method(method: str) -> str:
    """A call's method, or `other` for what a caller made up."""
    return method if method in _METHODS else "other"


def api_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count an API call. `route` is its template (`/api/v1/tenants/{tenant}`), never the path that was called."""
    known = known_method(method)
    found = counters()
    found.api_requests.labels(route, known, f"{status // 100}xx").inc()
    found.api_seconds.labels(route, known).observe(seconds)


def webhook(provider: str, outcome: WebhookOutcome, *, known: int = 0, new: int = 0) -> None:
    """Count a provider's call. `provider` is one that is registered; whatever a caller made up counts as `unknown`."""
    from connectors.webhook_registry import source_named

    name = provider if source_named(provider) is not None else "unknown"
    found = counters()
    found.webhooks.labels(name, outcome).inc()
    if new:
        found.webhook_events.labels(name, "no").inc(new)
    if known:
        found.webhook_events.labels(name, "yes").inc(known)


def limit_refused(limit: str) -> None:
    """Count a call that a limit refused; `limit` is its public name."""
    counters().refusals.labels(limit).inc()


def limit_store_down() -> None:
    """Count an outage of the store of limits: give it to `open_limiter(on_store_down=...)`."""
    counters().stores_down.inc()
