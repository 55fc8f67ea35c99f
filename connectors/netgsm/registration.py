"""Where Netgsm sends incoming SMS and delivery reports: known from its own n8n node only. Nothing it sends is signed.

So the address must hold a secret, and what comes there is a hint to ask Netgsm (connectors/netgsm/push.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from connectors.netgsm.codes import NOTHING_THERE

if TYPE_CHECKING:
    from connectors.netgsm.client import NetgsmClient

Pushed = Literal["incoming", "reports"]
_PATHS: dict[Pushed, str] = {"incoming": "/sms/rest/v2/inboxwebhook", "reports": "/sms/rest/v2/reportwebhook"}


async def register(client: NetgsmClient, what: Pushed, url: str) -> None:
    """Have it sent to an https address. Raises `ProviderFailure`; ValueError for another kind of address."""
    if urlsplit(url).scheme != "https":
        raise ValueError("Netgsm sends to https addresses")
    await client.ask("POST", _PATHS[what], body={"webhookUrl": url})


async def remove(client: NetgsmClient, what: Pushed) -> None:
    """Have nothing sent any more; it may be repeated. Raises `ProviderFailure`."""
    await client.ask("DELETE", _PATHS[what], empty=NOTHING_THERE)
