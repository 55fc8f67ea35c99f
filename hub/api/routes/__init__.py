"""The routes, a file an area. A file exports `router`; the order here is the order of the description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.api.routes import (
    account,
    actions,
    analysts,
    api_keys,
    auth,
    data,
    findeks,
    inbox,
    incoming_invoices,
    integrations,
    invoice_documents,
    invoices,
    messages,
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
