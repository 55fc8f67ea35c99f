"""States of an action, and the codes that say why it stands where it stands.

`pending` waits for its time; `leased` is a process's; `accepted` is the provider's; `delivered` has arrived. `failed`
was refused for good, by the provider or by us; `dead` was tried as often as its kind allows; of `unknown` nobody knows
whether it was done. A reason is a code that hub/message_texts/outbox.py explains.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, get_args

State = Literal["pending", "leased", "accepted", "delivered", "failed", "dead", "unknown"]
STATES: tuple[State, ...] = get_args(State)
SETTLED: frozenset[str] = frozenset({"delivered", "failed", "dead"})

LEASE = timedelta(minutes=5)
"""How long a process may be silent before its actions are taken from it; it renews leases long before."""
FRESH = LEASE / 2
"""How long ago an attempt may have been committed at the moment of calling; the rest is for the call itself."""

WITHDRAWN = "withdrawn"
EXPIRED = "expired"
ATTEMPTS_USED_UP = "attempts_used_up"
ABSENT = "absent_at_provider"
NOT_TOLD = "not_told"
LEASE_LOST = "lease_lost"
NEEDS_DECISION = "needs_decision"
UNREADABLE = "payload_unreadable"
DELIVERY_FAILED = "delivery_failed"
OUTDATED = "payload_outdated"
SETTLED_BY_PERSON = "settled_by_person"
RESTORED = "restored_from_backup"
RESTORED_ABSENT = "restored_absent"
ASKED_BEFORE_RETRY = "asked_before_retry"
KIND_UNKNOWN = "kind_unknown"
ACCOUNT_MISSING = "account_missing"
ACCOUNT_PAUSED = "account_paused"
TENANT_SUSPENDED = "tenant_suspended"
CAP_REACHED = "cap_reached"

ACCOUNT_FAULTS: frozenset[str] = frozenset(
    {"credentials_rejected", "credentials_expired", "account_frozen", "not_licensed", "address_refused"}
)
"""Failures of the account and not of the action: every other action of the tenant there would meet the same."""
