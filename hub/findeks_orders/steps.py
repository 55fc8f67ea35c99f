"""The conversation with the gateway in calls of their own: begun here, a PIN there, confirmed by another process.

Between them nothing is kept of the person: whoever orders holds the state, sealed under the tenant's key. How many PINs
went out, and when, stands in the audit log, where a message to a person belongs; so no old state begins the count anew.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.failure import ProviderFailure
from connectors.findeks import PROVIDER
from connectors.findeks.ordering import ConsentRequest, open_ordering
from connectors.findeks.settings import MOST_PINS
from connectors.secret import Secret
from hub.control import integrations
from hub.errors import HubError
from hub.findeks_orders.order import Admitted, admitted, begun, enqueued
from hub.kvkk import audit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    import httpx

    from connectors.contract import ConnectionSpec
    from connectors.findeks.ordering import OrderingSession, Phone, PinAnswer
    from hub.db.database import Database
    from hub.findeks_orders.order import Wanted
    from hub.keys.keyring import Keyring, TenantKeys
    from hub.kvkk.audit import Actor

LIVES = timedelta(hours=1)
"""As long as an order may be under way; a PIN serves for three minutes, and three may be sent."""
PURPOSE = "findeks-order"
PIN_SENT = "findeks.pin_sent"
_CODES = {"6005": "order_no_record", "6004": "order_pin_locked"}


@dataclass(frozen=True)
class Desk:
    """One tenant's way to the gateway, and who sits there."""

    database: Database
    keyring: Keyring
    tenant_id: str
    client: httpx.AsyncClient
    actor: Actor


@dataclass(frozen=True)
class Begun:
    """An order under way: its sealed state, and where a PIN may go."""

    order: str = field(repr=False)
    phones: Sequence[Phone]
    ends_at: datetime


@dataclass(frozen=True)
class Confirmed:
    """What the gateway said of a PIN; `action_id` when the report is ordered."""

    answer: PinAnswer
    action_id: UUID | None


@dataclass(frozen=True)
class _State:
    """What the sealed text holds."""

    consent: str
    order: Admitted
    phones: tuple[str, ...]


async def begin(desk: Desk, wanted: Wanted, *, again: bool) -> Begun:
    """Check the ground and the caps, and ask the bureau for the person's telephones. Nothing is bought or sent.

    Raises what `hub.findeks_orders.order.admitted` does, HubError `account_paused`, `order_no_record`,
    `order_no_phone`, and `ProviderFailure`.
    """
    now = datetime.now(UTC)
    spec = await asyncio.to_thread(_spec, desk)
    order = await asyncio.to_thread(
        admitted, desk.database, desk.keyring, desk.tenant_id, wanted, settings=spec.settings, at=now, again=again
    )
    await asyncio.to_thread(begun, desk.database, desk.tenant_id, order, desk.actor)
    async with _session(spec, desk.client) as session:
        consent = await session.create_consent(order.request)
        phones = await session.phones(consent)
    if not phones:
        raise HubError("order_no_phone")
    ends_at = now + LIVES
    sealed = _sealed(desk.keyring.tenant(desk.tenant_id), consent, order, phones, ends_at)
    return Begun(sealed, phones, ends_at)


async def send_pin(desk: Desk, sealed: str, phone: str) -> int:
    """Have a PIN sent, which makes an earlier one worthless; how many more may be.

    HubError `order_token_wrong`, `order_phone_unknown`, `order_pin_locked`; `ProviderFailure`.
    """
    state = await asyncio.to_thread(_opened, desk, sealed)
    if phone not in state.phones:
        raise HubError("order_phone_unknown", count=len(state.phones))
    spec = await asyncio.to_thread(_spec, desk)
    sent = await asyncio.to_thread(_noted, desk, state)
    async with _session(spec, desk.client) as session:
        session.resume(state.consent, sent)
        return await session.send_pin(state.consent, phone)


async def confirm(desk: Desk, sealed: str, pin: Secret) -> Confirmed:
    """Show the gateway the PIN that the person read out, and order the report once it is right.

    HubError `order_token_wrong`, `pin_not_sent`, `report_already_ordered`, `order_basis_missing` and its like;
    `ProviderFailure`.
    """
    state = await asyncio.to_thread(_opened, desk, sealed)
    spec = await asyncio.to_thread(_spec, desk)
    sent = await asyncio.to_thread(_sent, desk, state)
    if not sent:
        raise HubError("pin_not_sent")
    async with _session(spec, desk.client) as session:
        session.resume(state.consent, sent)
        answer = await session.confirm(state.consent, pin)
    if answer != "confirmed":
        return Confirmed(answer, None)
    queued = await asyncio.to_thread(
        enqueued,
        desk.database,
        desk.keyring,
        desk.tenant_id,
        state.order,
        state.consent,
        settings=spec.settings,
        actor=desk.actor,
    )
    return Confirmed(answer, queued.action_id)


def _spec(desk: Desk) -> ConnectionSpec:
    """HubError `integration_missing`, `account_paused`: the order would wait, and the person have been written to."""
    spec = integrations.connection_spec(desk.database, desk.keyring, PROVIDER, desk.tenant_id)
    if integrations.get(desk.database, desk.tenant_id, PROVIDER.name).state == "paused":
        raise HubError("account_paused")
    return spec


@asynccontextmanager
async def _session(spec: ConnectionSpec, client: httpx.AsyncClient) -> AsyncGenerator[OrderingSession]:
    try:
        async with open_ordering(spec, client) as session:
            yield session
    except ProviderFailure as failure:
        code = _CODES.get(failure.provider_code or "")
        if code is None:
            raise
        raise HubError(code) from None


def _noted(desk: Desk, state: _State) -> list[float]:
    """Enter that a PIN goes out, before it does; how long ago those before it did. HubError `order_pin_locked`."""
    keys = desk.keyring.tenant(desk.tenant_id)
    with desk.database.tenant(desk.tenant_id, "app") as connection:
        # The chain's lock, which `append` takes: of two who come at once, the second counts the first one's.
        audit.append(connection, desk.tenant_id, audit.Entry(desk.actor, PIN_SENT, _object(keys, state), count=1))
        sent = _ages(connection, desk.tenant_id, _object(keys, state))
        if len(sent) > MOST_PINS:
            raise HubError("order_pin_locked")
    return sent[:-1]


def _sent(desk: Desk, state: _State) -> list[float]:
    keys = desk.keyring.tenant(desk.tenant_id)
    with desk.database.tenant(desk.tenant_id, "app") as connection:
        return _ages(connection, desk.tenant_id, _object(keys, state))


def _ages(connection: Any, tenant_id: str, about: str) -> list[float]:
    rows = connection.execute(
        "SELECT extract(epoch FROM clock_timestamp() - at)::float8 FROM hub.audit_log WHERE tenant_id = %s"
        " AND action = %s AND at > now() - %s AND object = %s ORDER BY seq",
        (tenant_id, PIN_SENT, 2 * LIVES, about),
    ).fetchall()
    return [row[0] for row in rows]


def _object(keys: TenantKeys, state: _State) -> str:
    return f"findeks-consent:{keys.keyed_hash('findeks-consent', state.consent.encode()).hex()[:32]}"


def _sealed(keys: TenantKeys, consent: str, order: Admitted, phones: Sequence[Phone], ends_at: datetime) -> str:
    request = order.request
    held = {
        "consent": consent,
        "phones": [each.key for each in phones],
        "ends_at": ends_at.isoformat(),
        "identity_type": request.identity_type,
        "purpose": request.purpose,
        "legal_basis": request.legal_basis,
        "kind": order.kind,
        "subject": order.subject,
        "report_type": order.report_type,
        "key": order.key,
    }
    cipher = keys.seal(PURPOSE, keys.tenant_id, json.dumps(held).encode())
    return base64.urlsafe_b64encode(cipher).decode().rstrip("=")


def _opened(desk: Desk, sealed: str) -> _State:
    """HubError `order_token_wrong` for what is not ours, another tenant's, or too old."""
    keys = desk.keyring.tenant(desk.tenant_id)
    try:
        cipher = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
        held = json.loads(keys.open(PURPOSE, keys.tenant_id, cipher))
    except (binascii.Error, ValueError):
        raise HubError("order_token_wrong") from None
    except HubError as error:
        if error.code not in {"ciphertext_invalid", "key_rotated"}:
            raise
        raise HubError("order_token_wrong") from None
    if datetime.now(UTC) >= datetime.fromisoformat(held["ends_at"]):
        raise HubError("order_token_wrong")
    # The number was told to the bureau, and is not here any more.
    request = ConsentRequest(held["identity_type"], Secret(""), held["purpose"], held["legal_basis"])
    order = Admitted(request, held["kind"], held["subject"], held["report_type"], held["key"])
    return _State(held["consent"], order, tuple(held["phones"]))
