"""What became of a tenant's stream in a batch: ids, counts and codes, fit for logs and Dagster's event log."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.failure import ProviderFailure
from hub.errors import HubError
from kvkk_policies.problems import PolicyError


@dataclass(frozen=True)
class Failed:
    """Why a stream failed: what `hub status` explains to a person."""

    kind: str
    code: str
    status: int | None = None
    provider_code: str | None = None
    field: str | None = None
    retry_after: float | None = None


OF_THE_INSTALLATION = frozenset(
    {
        "master_key_missing",
        "master_key_default",
        "master_key_length",
        "master_key_not_base64",
        "master_key_readable_by_others",
        "master_key_foreign",
        "password_missing",
        "policies_invalid",
        "detector_failed",
    }
)
"""What a person mends once for all tenants: pausing their integrations would leave each of these to be mended too."""

PASSING = frozenset(
    {"database_down", "database_busy", "erased_meanwhile", "key_rotated", "key_store_down", "vault_down"}
) | (OF_THE_INSTALLATION)
"""Errors of ours after which a tenant's sync goes on by itself; any other says that its integration is set up wrong."""

_DOWN = {"vault": "vault_down", "keys": "key_store_down"}
"""What a database that lets a role not in means, by role."""


@dataclass(slots=True)
class StreamOutcome:
    """One tenant's stream after a batch. `failed` None means everything asked for has been committed."""

    tenant_id: str
    stream: str
    rows_seen: int = 0
    rows_changed: int = 0
    windows_loaded: int = 0
    undeclared: dict[str, int] = field(default_factory=dict[str, int])
    masked: dict[str, int] = field(default_factory=dict[str, int])
    texts_dropped: int = 0
    expired: int = 0
    """Records, children too, that were past their retention already and did not come in."""
    aged: int = 0
    """Records of which something was past its retention already and came in empty or coarse."""
    refused: int = 0
    """Records of this batch that no recorded legal basis carries."""
    awaiting_basis: int = 0
    """Refused records of all syncs so far that have not come in since."""
    refusals_settled: int = 0
    """Earlier refusals that this batch closed."""
    failed: Failed | None = None
    superseded: bool = False
    """A newer batch claimed the stream meanwhile: what became of it is that batch's to say."""

    @property
    def ok(self) -> bool:
        """True when nothing failed."""
        return self.failed is None

    @property
    def state(self) -> str:
        """What the status table calls it: ok or failed."""
        return "ok" if self.ok else "failed"


@dataclass(slots=True)
class TenantResult:
    """One tenant's streams after the batch, in the provider's order."""

    tenant_id: str
    was: dict[str, str]
    """State of each stream before: never, ok or failed."""
    outcomes: list[StreamOutcome]
    paused: bool = False
    undeclared: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """Columns without a policy that each stream had before."""


def failure_of(error: Exception) -> Failed:
    """The failure that an exception means. Its text is not kept: it may quote what a provider or a database said."""
    if isinstance(error, ProviderFailure):
        return Failed(
            error.kind,
            error.code,
            status=error.status,
            provider_code=error.provider_code,
            field=error.field,
            retry_after=error.retry_after,
        )
    if isinstance(error, PolicyError):
        return Failed("transient", "policies_invalid", field=f"{error.file.name}:{error.line}")
    if isinstance(error, HubError):
        code = _DOWN.get(str(error.params.get("role")), error.code) if error.code == "database_down" else error.code
        return Failed("transient" if error.code in PASSING else "permanent", code)
    if type(error).__module__.startswith("psycopg"):
        sqlstate = getattr(error, "sqlstate", None)
        return Failed("transient", "database_error", provider_code=sqlstate)
    return Failed("transient", "internal_error", provider_code=type(error).__name__)
