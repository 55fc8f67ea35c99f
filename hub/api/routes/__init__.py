"""The routes, a file an area. A file exports `router`; the order here is the order of the description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.api.routes import account, api_keys, auth, data, integrations, tenants, users, webhooks

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
)
"""All of them stand under `/api/v1`."""
