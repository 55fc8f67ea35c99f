"""Every provider the hub knows, by the name of its folder here. Adding one is a line."""

from __future__ import annotations

from importlib import import_module

from connectors.contract import Provider

_FOLDERS = (
    # A line each, in the order in which they are shown.
    "arvento",
    "bulutfon",
    "findeks",
    "iyzico",
    "netgsm",
    "whatsapp",
)

_CHANNELS: tuple[str, ...] = (
    # Providers that only act, and give no data: they have no streams.
    "netasistan",
    "iys",
    "nilvera",
    "uyumsoft",
)

PROVIDERS: dict[str, Provider] = {name: import_module(f"connectors.{name}").PROVIDER for name in _FOLDERS}
CHANNELS: dict[str, Provider] = {name: import_module(f"connectors.{name}").PROVIDER for name in _CHANNELS}


def accounts() -> dict[str, Provider]:
    """Everyone a tenant can have an account with: sources of data and channels of action."""
    return PROVIDERS | CHANNELS


def provider_named(name: str) -> Provider:
    """The provider of that name; KeyError names the ones that exist."""
    try:
        return PROVIDERS[name]
    except KeyError:
        known = ", ".join(sorted(PROVIDERS))
        raise KeyError(f"no provider {name!r}; known: {known}") from None
