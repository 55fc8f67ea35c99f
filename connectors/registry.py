"""Every provider the hub knows. Adding one is a line here."""

from __future__ import annotations

from connectors import iyzico
from connectors.contract import Provider

PROVIDERS: dict[str, Provider] = {provider.name: provider for provider in (iyzico.PROVIDER,)}


def provider_named(name: str) -> Provider:
    """The provider of that name; KeyError names the ones that exist."""
    try:
        return PROVIDERS[name]
    except KeyError:
        known = ", ".join(sorted(PROVIDERS))
        raise KeyError(f"no provider {name!r}; known: {known}") from None
