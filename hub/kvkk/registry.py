"""Every store of personal data, and every tenant table that holds none of a data subject's with the reason why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.kvkk.export.order import exports_directory
from hub.kvkk.stores.consents import ConsentStore
from hub.kvkk.stores.dagster import DagsterStore
from hub.kvkk.stores.desk import DeskStore
from hub.kvkk.stores.inbox import InboxStore
from hub.kvkk.stores.invoices import InvoiceStore
from hub.kvkk.stores.landing import LandingStore
from hub.kvkk.stores.marts import MartStore
from hub.kvkk.stores.messaging import MessagingStore
from hub.kvkk.stores.outbox import OutboxStore
from hub.kvkk.stores.users import UserStore
from hub.kvkk.stores.vault import VaultStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from dagster import DagsterInstance

    from hub.kvkk.stores import Hub, Store
    from hub.kvkk.stores.marts import Rebuild


def open_stores(
    hub: Hub, *, rebuild: Rebuild | None = None, instance: Callable[[], DagsterInstance] | None = None
) -> tuple[Store, ...]:
    """In the order in which an erasure goes through them: what leads to the person is destroyed last.

    `rebuild` makes a tenant's marts anew, with dbt unless given; `instance` opens Dagster's storage, if there is one.
    """
    landing = LandingStore(hub)
    exports = exports_directory(hub.database.settings)
    return (
        landing,
        MartStore(hub, rebuild or _with_dbt(hub), landing),
        ConsentStore(hub),
        DagsterStore(hub, instance),
        InboxStore(hub),
        OutboxStore(hub),
        InvoiceStore(hub),
        DeskStore(hub, exports),
        MessagingStore(hub),
        UserStore(hub),
        VaultStore(hub),
    )


def _with_dbt(hub: Hub) -> Rebuild:
    def rebuild(tenant_id: str) -> object:
        from hub.models.dbt import build_models

        return build_models(hub.database, hub.database.settings, force=[tenant_id])

    return rebuild


_OF_THE_TENANT = "about the tenant itself, which `hub tenants forget` removes"
_PROOF = "kept as proof: ids, codes and counts, by which nobody can be told once the subject index forgot them"

WITHOUT_PERSONAL_DATA: dict[str, str] = {
    "hub.api_answers": "answers of calls, sealed and gone after a day; what they say stands in other stores",
    "hub.erasure_checks": "ids of consents, names of streams and counts of rows",
    "hub.tenants": _OF_THE_TENANT,
    "hub.integrations": _OF_THE_TENANT,
    "hub.spend": "counts and sums of what a tenant's actions cost",
    "hub.spend_caps": "numbers that a tenant chose",
    "hub.api_keys": "names that a tenant gave to its keys, hashes and times",
    "hub.signing_keys": "keys of the platform, which sign tokens",
    "hub.rate_buckets": "names of limits and keyed hashes of networks, which go when the bucket is full again",
    "hub.usage_days": "counts of what a tenant did a day",
    "hub.storage": "counts of a tenant's rows",
    "hub.analyst_logins": "names of the tenant's own analysts, which `hub tenants analyst remove` removes",
    "hub.webhook_endpoints": "hashes of the secrets in a tenant's addresses",
    "hub.subscriptions": _OF_THE_TENANT,
    "hub.tenant_events": "ids, codes and counts of what happened, for thirty days",
    "hub.deliveries": "ids, times and status codes, for thirty days",
    "hub.action_holds": "names of providers, codes and times",
    "hub.invoice_series": "names and counters of a tenant's series",
    "hub.invoice_seals": _OF_THE_TENANT,
    "hub.sync_state": "cursors and failure codes of a tenant's streams",
    "hub.sync_history": "counts and failure codes of syncs",
    "hub.policy_overrides": "names of columns and actions, and who of the tenant chose them",
    "hub.policy_decisions": "names of columns and actions, and who of the tenant chose them",
    "hub.message_templates": "texts of the tenant's own, with places for values",
    "hub.iys_runs": "cursors, counts and failure codes",
    "hub.key_floors": "numbers of a tenant's keys",
    "vault.key_floors": "numbers of a tenant's keys",
    "hub.policy_rewrites": "names of columns whose rows wait to be rewritten",
    "hub.audit_log": f"{_PROOF} (Board 2018/10)",
    "hub.legal_holds": f"{_PROOF}; a hold ends when it is released",
    "hub.suppressions": "keyed hashes that keep the erased from coming back",
    "hub.destructions": f"{_PROOF} for three years at least (By-Law OG 30224, art. 7/3)",
    "hub.erasures": _PROOF,
    "hub.breaches": f"{_PROOF} (Board 2019/10: every breach, its effects and the measures taken)",
    "hub.breach_events": f"{_PROOF} (Board 2019/10)",
    "hub.breach_subjects": f"{_PROOF} (Board 2019/10 and 2019/271: who was told)",
    "keys.erasure_journal": f"{_PROOF}; a restored backup is erased again by it",
    "keys.tenant_keys": "wrapped keys of the tenant",
    "keys.daily_keys": "wrapped keys of the tenant",
}
"""Tenant tables outside the stores, and why nothing in them waits for a person's erasure."""
