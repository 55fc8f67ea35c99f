"""The one contract every provider fulfils, so that assets, landing tables and checks need no code of their own.

A provider is a value (`Provider`), not a base class: it declares credentials, addresses and streams, and opens a
`Session` for one tenant's credentials. Everything downstream (landing tables, the KVKK gate, Dagster assets, quality
suites) is derived from these declarations.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import httpx

    from connectors.secret import Secret

ColumnType = Literal["text", "int", "decimal", "bool", "timestamp", "date", "json"]
Row = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """One field of a stream under the hub's own name (snake_case), before any policy is applied."""

    name: str
    type: ColumnType
    description: str
    nullable: bool = True
    allowed: tuple[str, ...] = ()
    """Closed list of values; anything else fails the quality suite (the row still loads)."""
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Days:
    """Windows of whole Europe/Istanbul days; the last `trailing` days are read again on every sync."""

    trailing: int
    span: int = 7
    """Days in one window, that is in one commit."""
    first_depth: int = 90
    """How far back a stream's first sync reaches, in days."""


@dataclass(frozen=True)
class Hours:
    """Windows of any length; every sync steps back by `trailing` behind the cursor."""

    trailing: timedelta
    span: timedelta
    first_depth: timedelta


@dataclass(frozen=True)
class Snapshot:
    """The provider answers with the present state; a row that is absent from it is never deleted."""


WindowPlan = Days | Hours | Snapshot


@dataclass(frozen=True)
class Admission:
    """Rows of a stream that load only on a legal basis which is recorded for the person they are about.

    A row that is not about a person by both of two signs (its `type` is in `exempt`, and its identifier is a company's
    tax number) needs none. Everything else is a person's, so a mislabelled row is refused and not loaded.
    """

    subject: str
    """Column that holds the identifier of whom the row is about."""
    kind: str
    """Kind of that identifier: `tckn`, `vkn`, `phone`, `email`, or `tax_number` where the value decides."""
    purpose: str
    """Code of the purpose that consents and other bases are recorded for."""
    categories: tuple[str, ...]
    """KVKK categories of what the rows tell: a basis must cover all of them."""
    record: str
    """Column that names the record, in the stream's rows and in those of its children. Never personal."""
    type: str | None = None
    """Column that says what kind of subject it is; None when every row is about a person."""
    exempt: tuple[str, ...] = ()
    """Values of `type` that mean a legal person."""


@dataclass(frozen=True)
class Belonging:
    """Rows that are part of a row of another stream: whose that one is, theirs are too (a payment and its refunds).

    `columns` of this stream hold what stands in the columns `of` of `stream`.
    """

    stream: str
    columns: tuple[str, ...]
    of: tuple[str, ...]


@dataclass(frozen=True)
class Stream:
    """One landing table: `landing.<provider>_<name>`.

    `key` names the columns which, after `tenant_id`, form the primary key. `version` names a timestamp column holding
    the provider's own version of a record; without one the time of fetching decides which copy is newer.
    A stream with `parent` has no requests of its own: its rows arrive in `Page.children` of the parent's pages and
    commit with the parent's window.
    """

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    plan: WindowPlan
    version: str | None = None
    parent: str | None = None
    every: timedelta | None = None
    """Least interval between two syncs of this stream; None means the provider's interval."""
    fresh_within: timedelta = timedelta(hours=24)
    admission: Admission | None = None
    """Whom a row may be about; it holds for the rows of children as well."""
    belongs_to: tuple[Belonging, ...] = ()
    """What leads from a person's rows elsewhere to rows here in which nobody is named."""
    told: bool = False
    """The provider tells these rows by calling us and cannot be asked for them: a sync reads them from the inbox, in
    windows of the time at which they were received (connectors/webhooks.py, `WebhookSource.rows`)."""

    def column(self, name: str) -> Column:
        """The declared column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True)
class Window:
    """A closed piece of a stream's past: half-open `[start, end)`, both aware UTC. The cursor after it is `end`."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is not UTC or self.end.tzinfo is not UTC:
            raise ValueError("a window's bounds are aware UTC datetimes")
        if self.start > self.end:
            raise ValueError("a window's start is not after its end")


@dataclass(frozen=True)
class Page:
    """Rows of one answer. Fields that the stream does not declare are passed on, so that the gate can name them."""

    rows: Sequence[Row]
    children: Mapping[str, Sequence[Row]] = field(default_factory=dict[str, Sequence[Row]])
    fetched_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class CredentialField:
    """A credential that a person types once. `secret` fields are prompted without echo and never printed."""

    name: str
    title: str
    secret: bool = True
    required: bool = True


@dataclass(frozen=True)
class ConnectionSpec:
    """What a session needs to know of one tenant's integration. Printing it shows no secret (`Secret` hides itself)."""

    tenant_id: str
    base_url: str
    credentials: Mapping[str, Secret]
    settings: Mapping[str, Any]


class Session(Protocol):
    """One tenant's open conversation with a provider."""

    async def test(self) -> None:
        """Make the cheapest authenticated request. Raises `ProviderFailure` when the credentials do not work."""
        ...

    def pages(self, stream: str, window: Window) -> AsyncIterator[Page]:
        """Every page of a stream in a window, in the provider's order. Raises `ProviderFailure`."""
        ...


@dataclass(frozen=True)
class RateLimit:
    """Requests that one credential may make, as the provider documents (or as we assume, marked in its settings)."""

    requests: int
    per: timedelta


OpenSession = Callable[[ConnectionSpec, "httpx.AsyncClient"], AbstractAsyncContextManager[Session]]


@dataclass(frozen=True)
class Provider:
    """A source of data: declared once in `connectors/<name>/__init__.py` and listed in `connectors/registry.py`."""

    name: str
    title: str
    description: str
    credential_fields: tuple[CredentialField, ...]
    environments: Mapping[str, str]
    """Base URL by environment: `live` and `sandbox`. A host under `.invalid` says that there is no address for all."""
    streams: tuple[Stream, ...]
    open: OpenSession
    rate: RateLimit
    interval: timedelta
    """Default time between two syncs; plan and integration settings may lengthen it."""
    setting_names: tuple[str, ...] = ()
    """Optional per-integration settings that `ConnectionSpec.settings` may carry."""
    self_hosted: bool = False
    """Some customers run the provider's server themselves, so a live integration may name an address of its own."""

    def stream(self, name: str) -> Stream:
        """The declared stream of that name; KeyError if there is none."""
        for stream in self.streams:
            if stream.name == name:
                return stream
        raise KeyError(name)
