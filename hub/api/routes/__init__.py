"""The routes, a file an area. A file exports `router`; the order here is the order of the description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.api.routes import (
    account,
    actions,
    analysts,
    api_keys,
    audit,
    auth,
    breaches,
    breaches_told,
    consents,
    data,
    findeks,
    inbox,
    incoming_invoices,
    integrations,
    inventory,
    invoice_documents,
    invoices,
    legal_bases,
    messages,
    policies,
    requests,
    requests_package,
    requests_steps,
    spending,
    status,
    templates,
    tenants,
    usage,
    users,
    webhooks,
)

if TYPE_CHECKING:
    from fastapi import APIRouter

ROUTERS: tuple[APIRouter, ...] = (
    auth.router,
    account.router,
    tenants.router,
    users.router,
    api_keys.router,
    integrations.router,
    webhooks.router,
    data.router,
    consents.router,
    legal_bases.router,
    requests.router,
    requests_steps.router,
    requests_package.router,
    breaches.router,
    breaches_told.router,
    inventory.router,
    policies.router,
    audit.router,
    messages.router,
    actions.router,
    spending.router,
    invoice_documents.router,
    invoices.router,
    incoming_invoices.router,
    templates.router,
    findeks.router,
    inbox.router,
    status.router,
    usage.router,
    analysts.router,
)
"""All of them stand under `/api/v1`."""
