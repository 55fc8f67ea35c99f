"""Where a webhook goes: an address as a tenant wrote it, taken apart once: what is checked is what is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Collection

_LONGEST = 2_000
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Target:
    """An address in its parts. Path and query may hold a secret of the receiver's: `repr` shows neither."""

    scheme: str
    host: str
    """ASCII; an IDN in its A-form."""
    port: int
    path: bytes
    """With the query."""
    authority: bytes
    """For the header Host."""

    @property
    def is_plain(self) -> bool:
        """Without TLS."""
        return self.scheme == "http"

    def __repr__(self) -> str:
        return f"Target({self.host}:{self.port})"


def target(address: str, ports: Collection[int]) -> Target:
    """The address in its parts. HubError `webhook_address_malformed`, `webhook_port_refused`.

    That a plain one stays on loopback is seen when its name is resolved (hub/subscriptions/reach.py).
    """
    import httpx

    try:
        url = httpx.URL(address)
        host = url.raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError, TypeError):
        raise HubError("webhook_address_malformed") from None
    if (
        len(address) > _LONGEST
        or url.scheme not in _PORTS
        or not host
        or url.userinfo
        or url.fragment
        or address != address.strip()
    ):
        raise HubError("webhook_address_malformed")
    port = _PORTS[url.scheme] if url.port is None else url.port
    if port not in ports:
        raise HubError("webhook_port_refused", port=port, ports=", ".join(map(str, sorted(ports))))
    return Target(url.scheme, host, port, url.raw_path, url.netloc)
