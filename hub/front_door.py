"""What of the settings leaves the front door open, or shut, without anybody noticing: said before somebody finds out.

A start does not fail for it: a container listens everywhere, and what stands in front of it cannot be seen from within.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hub.errors import HubError

if TYPE_CHECKING:
    from pathlib import Path

    from hub.settings import Settings


def troubles(settings: Settings) -> Iterator[HubError]:
    """Each thing that is wrong, the gravest first; nothing on a machine where only loopback is served."""
    outside = not _is_loopback(settings.api_host)
    tls = settings.tls_cert_file is not None or settings.tls_key_file is not None
    if outside and not tls and not settings.trusted_proxies:
        yield HubError("front_door_in_clear", host=settings.api_host)
    if tls:
        yield from _tls(settings.tls_cert_file, settings.tls_key_file)
    for named in settings.trusted_proxies:
        yield from _proxy(named)
    public = urlsplit(settings.public_url or "")
    if settings.public_url is None:
        if outside or tls or settings.trusted_proxies:
            yield HubError("front_door_nameless")
    elif public.scheme not in {"http", "https"} or not public.hostname:
        yield HubError("front_door_name_malformed")
    elif public.scheme == "http" and not _is_loopback(public.hostname):
        yield HubError("front_door_name_in_clear")
    allowed = {host.lower() for host in settings.allowed_hosts}
    if allowed and public.hostname and public.hostname not in allowed:
        yield HubError("front_door_name_refused", host=public.hostname)


def require_well(settings: Settings) -> None:
    """The first of the troubles, raised."""
    for trouble in troubles(settings):
        raise trouble


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _tls(certificate: Path | None, key: Path | None) -> Iterator[HubError]:
    if certificate is None or key is None:
        missing = "HUB_TLS_CERT_FILE" if certificate is None else "HUB_TLS_KEY_FILE"
        yield HubError("front_door_tls_half", name=missing)
        return
    try:
        # A password is never asked for: nobody stands beside a service that starts.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (OSError, ValueError):
        yield HubError("front_door_tls_unfit")


def _proxy(named: str) -> Iterator[HubError]:
    try:
        everybody = ip_network(named).prefixlen == 0
    except ValueError:
        # "*" is everybody to the server that reads it, and a host's name is nobody.
        everybody = named == "*"
        if not everybody:
            yield HubError("front_door_proxy_malformed", network=named)
    if everybody:
        yield HubError("front_door_proxy_anybody", network=named)
