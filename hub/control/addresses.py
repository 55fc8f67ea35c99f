"""Which address an integration may talk to: credentials must not leave for a place nobody meant."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from hub.errors import HubError
from hub.subscriptions.networks import is_refused

if TYPE_CHECKING:
    from collections.abc import Collection

    from connectors.contract import Provider

Environment = Literal["live", "sandbox"]
_INSIDE_NAMES = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa")


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


def require_outside(url: str, opened: Collection[IPv4Network | IPv6Network]) -> None:
    """Refuse an address inside, however it is written, unless the operator opened its network.

    For addresses that a tenant's people chose: the hub calls them from where it stands, among machines that trust it.
    Names are not resolved, for they may mean something else an hour later. What such a name could reach is bounded by
    TLS, which everything but loopback must speak: nothing inside has a certificate for a stranger's name.
    HubError `base_url_inside`; `base_url_internal` for a name, which nobody can open.
    """
    host = _host(url).rstrip(".")
    address = _literal(host)
    if address is None:
        if "." not in host or host.endswith(_INSIDE_NAMES):
            raise HubError("base_url_internal", host=host)
    elif is_refused(address, opened):
        raise HubError("base_url_inside", host=host)


def _host(url: str) -> str:
    """The host that will be called, as the client that calls it reads it: `127.0。0.1` is 127.0.0.1 to it.

    HubError `base_url_malformed`.
    """
    import httpx

    try:
        return httpx.URL(url).raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError):
        raise HubError("base_url_malformed") from None


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host is, also as resolvers read one: `2852039166`, `0xa9fea9fe`, `0251.0376.0251.0376`."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host)) if host.isascii() else None
    except (OSError, ValueError):
        return None


def _check(url: str, *, live: bool) -> None:
    host = _host(url)
    try:
        parts = urlsplit(url)
        _port = parts.port
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
    address = _literal(host)
    if address is None:
        return False, False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_loopback, address.is_link_local or address.is_unspecified or address.is_multicast
