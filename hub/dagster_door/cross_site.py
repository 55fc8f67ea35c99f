"""Other sites' pages must not act with our session: a cookie goes along with what any page sends.

Browsers say where a request comes from, in headers that a page cannot set: `Sec-Fetch-Site` (Fetch Metadata) and
`Origin`. What changes something, and every websocket, needs one of them, and neither may name another site. `SameSite`
on the cookie would not do alone: a sibling subdomain is the same site, and websockets know no same-origin rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers

if TYPE_CHECKING:
    from starlette.types import Scope

_READING = frozenset({"GET", "HEAD"})
_OWN = frozenset({"same-origin", "none"})
"""`none`: nobody's page but the person at the browser, or a program."""
_PORTS = {"http": 80, "https": 443}


def is_cross_site(scope: Scope) -> bool:
    """Whether the request must be refused because it is, or could be, another site's."""
    if scope["type"] == "http" and scope["method"] in _READING:
        return False
    headers = Headers(scope=scope)
    sites, origins = headers.getlist("sec-fetch-site"), headers.getlist("origin")
    if not sites and not origins:
        return True
    if any(site not in _OWN for site in sites):
        return True
    hosts = headers.getlist("host")
    return any(len(hosts) != 1 or not _is_own(origin, hosts[0]) for origin in origins)


def _is_own(origin: str, host: str) -> bool:
    """Host and port are compared and not the scheme: TLS may end before us, and is the browser's business."""
    try:
        of_page = urlsplit(origin)
        if of_page.scheme not in _PORTS or not of_page.hostname:
            return False
        of_hub = urlsplit(f"{of_page.scheme}://{host}")
        ports = of_page.port, of_hub.port
    except ValueError:  # a port that is no number, a bracket without its pair
        return False
    default = _PORTS[of_page.scheme]
    return (of_page.hostname, ports[0] or default) == (of_hub.hostname, ports[1] or default)
