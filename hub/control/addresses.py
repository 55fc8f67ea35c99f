"""Which address an integration may talk to: credentials must not leave for a place nobody meant."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from hub.errors import HubError

if TYPE_CHECKING:
    from connectors.contract import Provider

Environment = Literal["live", "sandbox"]


def base_url(provider: Provider, environment: str, override: str | None) -> str:
    """The address for an environment.

    An override is for the sandbox (loopback, or https), or for a live server that the customer runs (https only, where
    the provider knows such servers). HubError `environment_unknown`, `base_url_fixed`, `base_url_malformed`,
    `base_url_not_https` or `base_url_internal`.
    """
    if environment not in provider.environments:
        raise HubError(
            "environment_unknown",
            provider=provider.name,
            environment=environment,
            known=", ".join(sorted(provider.environments)),
        )
    if override is None:
        return provider.environments[environment]
    if environment != "sandbox" and not provider.self_hosted:
        raise HubError("base_url_fixed", provider=provider.name)
    _check(override, live=environment != "sandbox")
    return override.rstrip("/")


def _check(url: str, *, live: bool) -> None:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise HubError("base_url_malformed") from None
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise HubError("base_url_malformed")
    loopback, internal = _where(host)
    if live and (loopback or internal):
        raise HubError("base_url_internal", host=host)
    if internal:
        raise HubError("base_url_internal", host=host)
    if parts.scheme != "https" and not loopback:
        raise HubError("base_url_not_https", host=host)


def _where(host: str) -> tuple[bool, bool]:
    """(loopback, internal): internal are link-local and unspecified addresses, where clouds answer with credentials."""
    if host == "localhost":
        return True, False
    try:
        address: IPv4Address | IPv6Address = ip_address(host)
    except ValueError:
        return False, False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_loopback, address.is_link_local or address.is_unspecified or address.is_multicast
