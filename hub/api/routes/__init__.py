"""The routes, a file an area. A file exports `router`; the order here is the order of the description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.api.routes import (
    account,
    api_keys,
    audit,
    auth,
    breaches,
    breaches_told,
    consents,
    data,
    integrations,
    inventory,
    legal_bases,
    policies,
    requests,
    requests_package,
    requests_steps,
    tenants,
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
)
"""All of them stand under `/api/v1`."""
