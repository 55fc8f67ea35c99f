"""What a route asks of its caller, written above its function: `@needs(Permission.STATUS_READ)`.

A route without one cannot be made (hub/api/route.py), so none is open because somebody forgot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from hub.identity.permissions import PLATFORM_LEVEL, Permission

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

Endpoint = TypeVar("Endpoint", bound="Callable[..., Any]")

_ATTRIBUTE = "__hub_need__"


@dataclass(frozen=True)
class Need:
    """What must hold before a route's function runs."""

    permission: Permission | None
    """None is open to everybody: signing in, health, the description of the API."""
    of_tenant: bool
    """Whether the call is about one tenant, which the caller's credential names or a platform caller narrows to."""
    key_required: bool = False
    """Whether `Idempotency-Key` must be given, and not only may: what goes out of the hub and costs money."""
    answer_kept: bool = True
    """Whether a repeated call is answered as before; False where the answer holds a secret, which is told once."""
    oauth: bool = False
    """Whether clients of OAuth2 call it, which read refusals as RFC 6749 has them (section 5.2)."""
    limited: bool = True
    """Whether strangers' calls are counted; False where whoever watches the hub asks, often from behind one address."""


def needs(
    permission: Permission, *, of_tenant: bool | None = None, key_required: bool = False, answer_kept: bool = True
) -> Callable[[Endpoint], Endpoint]:
    """Ask for a permission. Tenant-level ones are about one tenant unless `of_tenant` says otherwise."""
    tenant = permission not in PLATFORM_LEVEL if of_tenant is None else of_tenant
    return _marked(Need(permission, tenant, key_required, answer_kept))


def open_to_all(endpoint: Endpoint) -> Endpoint:
    """No credential is asked for."""
    return _marked(Need(None, of_tenant=False))(endpoint)


def open_to_clients(endpoint: Endpoint) -> Endpoint:
    """An endpoint of OAuth2's: no credential is asked for beside the form's, and refusals are OAuth2's."""
    return _marked(Need(None, of_tenant=False, oauth=True))(endpoint)


def open_without_limit(endpoint: Endpoint) -> Endpoint:
    """No credential is asked for, and no call is counted: it costs next to nothing and must always be answered."""
    return _marked(Need(None, of_tenant=False, limited=False))(endpoint)


def need_of(endpoint: Callable[..., Any]) -> Need:
    """What was written above the function. TypeError when nothing was: such a route must not exist."""
    need = getattr(endpoint, _ATTRIBUTE, None)
    if not isinstance(need, Need):
        raise TypeError(f"{endpoint.__module__}.{endpoint.__qualname__} does not say what it needs")
    return need


def _marked(need: Need) -> Callable[[Endpoint], Endpoint]:
    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _ATTRIBUTE, need)
        return endpoint

    return mark
