"""Where a one-time link leads: to the installation's public address, or to this machine while it has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.identity.one_time import OneTime
    from hub.settings import Settings

_ANY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - listened at, never called


def link_of(settings: Settings, made: OneTime, *, otherwise: str | None = None) -> str:
    """The whole link. Without `HUB_PUBLIC_URL` it begins with `otherwise`, or as one gets there at this machine."""
    return (settings.public_url or otherwise or _at_this_machine(settings)).rstrip("/") + made.path


def _at_this_machine(settings: Settings) -> str:
    host = "127.0.0.1" if settings.api_host in _ANY_ADDRESS else settings.api_host
    shown = f"[{host}]" if ":" in host else host
    return f"{'http' if settings.tls_cert_file is None else 'https'}://{shown}:{settings.api_port}"
