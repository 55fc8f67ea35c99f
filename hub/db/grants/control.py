"""Grants of the control plane: tenants, integrations, syncs, consents, policies, analysts."""

from __future__ import annotations

from hub.db.grant import ALL, ANALYST, Grant

_SYNC_KEY = ("tenant_id", "provider", "stream")
_SYNC_STATUS = (
    "state",
    "last_attempt_at",
    "last_success_at",
    "last_failure_at",
    "failure_kind",
    "failure_code",
    "failure_status",
    "failure_provider_code",
    "failure_field",
    "consecutive_failures",
    "retry_at",
    "undeclared",
    "texts_dropped",
    "modelled_at",
    "policy_version",
)
_SYNC_CURSOR = ("synced_until", "rows_changed", "changed_at")
"""Written with the rows, in the loader's transaction, and by nobody else."""
_SYNC_CLAIM = ("fence", "claimed_by")
_TENANT_DIRECTORY = (
    "tenant_id",
    "name",
    "name_sort_key",
    "name_folded",
    "subdomain",
    "plan",
    "active",
    "language",
    "time_zone",
    "currency",
    "created_at",
    "suspended_at",
)
_INTEGRATION_STATUS = (
    "tenant_id",
    "provider",
    "environment",
    "state",
    "paused_reason",
    "consecutive_permanent_failures",
    "tested_at",
    "last_attempt_at",
    "next_due_at",
    "interval_seconds",
)
_FAILURE = ("failure_kind", "failure_code", "failure_status", "failure_provider_code", "failure_field")

CONTROL: dict[str, tuple[Grant, ...]] = {
    "hub.tenants": (
        # No UPDATE of `subdomain`: a unique name across tenants answers whether another tenant has it.
        Grant(
            "app",
            select=ALL,
            insert=ALL,
            update=(
                "name",
                "name_sort_key",
                "name_folded",
                "tax_number_kind",
                "tax_number_cipher",
                "tax_number_hash",
                "tax_office",
                "kvkk_consent_date",
                "verbis_registration",
                "plan",
                "limits",
                "settings",
                "features",
                "active",
                "language",
                "time_zone",
                "currency",
                "suspended_at",
            ),
        ),
        Grant("platform", select=_TENANT_DIRECTORY),
        Grant("scheduler", select=("tenant_id", "active", "plan", "limits", "created_at")),
    ),
    "hub.integrations": (
        Grant("app", select=ALL, insert=ALL, update=ALL, delete=True),
        Grant("platform", select=_INTEGRATION_STATUS),
        Grant("scheduler", select=("tenant_id", "provider", "state", "next_due_at", "interval_seconds")),
    ),
    "hub.sync_state": (
        Grant(
            "app",
            select=ALL,
            insert=_SYNC_KEY + _SYNC_STATUS + _SYNC_CLAIM,
            update=_SYNC_STATUS + _SYNC_CLAIM,
            delete=True,
        ),
        Grant("loader", select=ALL, update=_SYNC_CURSOR),
        Grant("eraser", select=(*_SYNC_KEY, "changed_at"), update=("changed_at",)),
        Grant("platform", select=_SYNC_KEY + _SYNC_STATUS + _SYNC_CURSOR),
        Grant("scheduler", select=_SYNC_KEY + _SYNC_STATUS + _SYNC_CURSOR + _SYNC_CLAIM),
        Grant("transformer", select=(*_SYNC_KEY, "changed_at", "modelled_at"), update=("modelled_at",)),
    ),
    "hub.sync_history": (
        Grant("app", select=ALL, insert=ALL, delete=True),
        Grant(
            "platform",
            select=(
                *_SYNC_KEY,
                "sync_id",
                "run_id",
                "started_at",
                "finished_at",
                "outcome",
                "rows_seen",
                "rows_changed",
                *_FAILURE,
            ),
        ),
        Grant("janitor", select=(*_SYNC_KEY, "sync_id", "finished_at")),
    ),
    "hub.consents": (
        # The first four only to unname an erased person: a trigger lets nothing else through.
        Grant(
            "app",
            select=ALL,
            insert=ALL,
            update=(
                "data_subject",
                "ip_address",
                "user_agent",
                "evidence_ref",
                "withdrawn_at",
                "withdrawal_channel",
                "withdrawal_reason",
            ),
        ),
        # Proofs that nobody can ask for any more: hub/kvkk/retention/proofs.py.
        Grant(
            "eraser",
            select=("tenant_id", "id", "data_subject", "expires_at", "withdrawn_at", "supersedes_id"),
            delete=True,
        ),
        Grant("janitor", select=("tenant_id", "id", "expires_at", "withdrawn_at")),
    ),
    "hub.legal_bases": (
        Grant(
            "app", select=ALL, insert=ALL, update=("data_subject", "evidence_ref", "ended_at", "ended_by", "end_reason")
        ),
        Grant("eraser", select=("tenant_id", "id", "data_subject", "valid_until", "ended_at"), delete=True),
        Grant("janitor", select=("tenant_id", "id", "valid_until", "ended_at")),
    ),
    "hub.refusals": (
        Grant(
            "app",
            select=ALL,
            insert=ALL,
            update=(
                "data_subject",
                "code",
                "purpose",
                "last_refused_at",
                "window_start",
                "window_end",
                "settled_at",
                "settled_as",
            ),
            delete=True,
        ),
        Grant("platform", select=("tenant_id", "provider", "stream", "code", "settled_at")),
        Grant("janitor", select=("tenant_id", "refusal_id", "settled_at")),
    ),
    "hub.policy_overrides": (Grant("app", select=ALL, insert=ALL, update=ALL, delete=True),),
    # No UPDATE and no DELETE: who decided what, and when, stays.
    "hub.policy_decisions": (Grant("app", select=ALL, insert=ALL),),
    "hub.policy_rewrites": (
        Grant("app", select=ALL, insert=ALL, update=("rewritten_as_of",), delete=True),
        Grant("platform", select=("tenant_id", "provider", "stream", "column_name", "owed_since")),
    ),
    "hub.key_floors": (Grant("app", select=ALL, insert=ALL),),
    "hub.analyst_logins": (
        Grant("app", select=ALL),
        Grant("provisioner", select=ALL, insert=ALL, update=("label", "rotated_at", "revoked_at"), delete=True),
        Grant(ANALYST, select=("tenant_id", "role_name", "revoked_at")),
    ),
}
