"""What Meta posts to a business, worded in the shape of 2026 (a `user_id` beside every number) and signed.

Signed over the very bytes; whatever is not ASCII is escaped in them.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.sandbox.chance import number, rng
from connectors.sandbox.hooks import Hook
from connectors.sandbox.meta import keys
from connectors.sandbox.meta.envelope import dump, status_error

if TYPE_CHECKING:
    import httpx

    from connectors.sandbox.meta.book import Someone
    from connectors.sandbox.world import World

PROVIDER = "whatsapp"
_WAYS: tuple[tuple[str, ...], ...] = (
    ("sent", "delivered", "read"),
    ("sent", "delivered", "read"),
    ("sent", "delivered"),
    ("sent", "read"),
)
"""What becomes of a message that arrives: half are read, and sometimes "delivered" is skipped."""
_AFTER = {"sent": 1, "delivered": 3, "read": 47, "failed": 2}
"""Seconds after acceptance."""


async def subscribe(world: World, company_id: str, url: str, client: httpx.AsyncClient) -> bool:
    """As Meta does it: an address gets events only after it has answered the challenge. Whether it did."""
    asked = {
        "hub.mode": "subscribe",
        "hub.challenge": str(number(world.seed, company_id, url) % 10**10),
        "hub.verify_token": keys.credentials(world.seed, company_id)["verify_token"],
    }
    answer = await client.get(url, params=asked)
    if answer.status_code != 200 or answer.text != asked["hub.challenge"]:
        return False
    world.hooks.subscribe(PROVIDER, company_id, url)
    return True


def owe_statuses(
    world: World,
    company_id: str,
    someone: Someone,
    *,
    wamid: str,
    reference: str | None,
    category: str,
    failed: int | None = None,
) -> None:
    """Queue what becomes of a message: each step in a body of its own, or two in one."""
    chance = rng(world.seed, wamid)
    way = ("failed",) if failed is not None else chance.choice(_WAYS)
    steps = [
        _status(world, company_id, someone, wamid, step, reference=reference, category=category, failed=failed)
        for step in way
    ]
    together = len(steps) > 1 and chance.random() < 0.25
    bodies = [*([step] for step in steps[:-2]), steps[-2:]] if together else [[step] for step in steps]
    for statuses in bodies:
        owe(world, company_id, "messages", {"contacts": [contact(someone)], "statuses": statuses})


def owe(world: World, company_id: str, field: str, value: dict[str, Any], *, of_number: bool = True) -> None:
    """Queue one event."""
    if of_number:
        metadata = {
            "display_phone_number": keys.own_number(world.seed, company_id),
            "phone_number_id": keys.number_id(world.seed, company_id),
        }
        value = {"messaging_product": "whatsapp", "metadata": metadata, **value}
    entry = {
        "id": keys.waba_id(world.seed, company_id),
        "time": int(world.clock.now().timestamp()),
        "changes": [{"value": value, "field": field}],
    }
    world.hooks.owe(signed(world, company_id, dump({"object": "whatsapp_business_account", "entry": [entry]})))


def signed(world: World, company_id: str, body: bytes) -> Hook:
    """A body with the headers that Meta sends it with."""
    secret = keys.credentials(world.seed, company_id)["app_secret"]
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "content-type": "application/json",
        "user-agent": "facebookexternalua",
        "x-hub-signature-256": f"sha256={signature}",
    }
    return Hook(PROVIDER, company_id, body, headers)


def contact(someone: Someone, *, hide_number: bool = False) -> dict[str, Any]:
    """A person as an event names them."""
    named: dict[str, Any] = {"profile": {"name": someone.name}, "user_id": someone.user_id}
    return named if hide_number else named | {"wa_id": someone.digits}


def seconds(moment: datetime) -> str:
    """Meta writes moments as seconds, in text."""
    return str(int(moment.timestamp()))


def _status(
    world: World,
    company_id: str,
    someone: Someone,
    wamid: str,
    step: str,
    *,
    reference: str | None,
    category: str,
    failed: int | None,
) -> dict[str, Any]:
    del company_id
    status: dict[str, Any] = {
        "id": wamid,
        "status": step,
        "timestamp": seconds(world.clock.now() + timedelta(seconds=_AFTER[step])),
        "recipient_id": someone.digits,
        "recipient_user_id": someone.user_id,
    }
    if reference is not None:
        status["biz_opaque_callback_data"] = reference
    if failed is not None:
        return status | {"errors": [status_error(failed)]}
    free = category == "service"
    pricing: dict[str, Any] = {"billable": not free, "pricing_model": "PMP", "category": category}
    return status | {"pricing": pricing | {"type": "free_customer_service" if free else "regular"}}
