"""Calls of every provider that calls, as it words and signs them, right or wrong, and the clients that make them."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Condition, Event
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import httpx

from connectors import webhooks
from connectors.iyzico.signing import (
    direct_webhook_signature,
    hosted_webhook_signature,
    subscription_webhook_signature,
)
from connectors.secret import Secret
from connectors.webhook_registry import source_named
from hub.db.database import Database
from hub.inbox import endpoints, events
from hub.inbox.effects import Effects
from hub.inbox.handling import Handling
from hub.keys.daily import DailyKeys
from hub.keys.keyring import Keyring
from tests.hub.inbox.conftest import ACTOR, Heard, account

KEY = "sandbox-secret-of-all"
PATIENCE = 120
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
NOW = str(int(time.time()))
"""Of signed times: what is older than a provider's attempts is a replay."""
NUMBER_ID = "106540352242922"
CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "iyzico": {"api_key": "k", "secret_key": KEY},
    "whatsapp": {"access_token": "t", "app_secret": KEY, "verify_token": "vt"},
    "findeks": {"client_id": "c", "client_secret": KEY},
    "netgsm": {"usercode": "u", "password": "p"},
    "bulutfon": {"api_key": "k"},
    "nilvera": {"api_key": "k", "webhook_secret": KEY},
    "uyumsoft": {"username": "u", "password": "p", "webhook_secret": KEY},
}
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "iyzico": {"merchant_id": "3382172"},
    "whatsapp": {"phone_number_id": NUMBER_ID},
}
BY_PATH_ALONE = frozenset({"netgsm", "bulutfon"})


@dataclass(frozen=True)
class Made:
    """One call: where to, what, and whether it must be taken."""

    provider: str
    path: str
    body: bytes
    headers: Mapping[str, str]
    genuine: bool

    def events(self) -> Sequence[webhooks.WebhookEvent]:
        source = source_named(self.provider)
        assert source is not None
        return source.events(webhooks.Call(self.body, self.headers))


def made(provider: str, path: str, number: int, *, genuine: bool = True) -> Made:
    """The provider's call about its `number`th matter."""
    body, headers = _WORDED[provider](number)
    if not genuine and provider in BY_PATH_ALONE:
        return Made(provider, path + "x", body, headers, genuine)
    if not genuine:
        headers = {name: _spoiled(name, value, number) for name, value in headers.items()}
    return Made(provider, path, body, headers, genuine)


def _spoiled(name: str, value: str, number: int) -> str:
    """Another last digit, or nothing at all."""
    if name == "content-type":
        return value
    return "" if number % 3 == 0 else value[:-1] + ("0" if value[-1] != "0" else "1")


def _iyzico(number: int) -> tuple[bytes, dict[str, str]]:
    said: dict[str, Any] = {
        "paymentConversationId": f"SIP-{number}",
        "merchantId": 3382172,
        "status": "SUCCESS",
        "iyziReferenceCode": f"ref-{number}",
        "iyziEventTime": 1721825828467,
    }
    key = Secret(KEY)
    if number % 3 == 0:
        said |= {"iyziEventType": "API_AUTH", "paymentId": number, "iyziPaymentId": number}
        signature = direct_webhook_signature(
            key, event_type="API_AUTH", payment_id=str(number), conversation_id=f"SIP-{number}", status="SUCCESS"
        )
    elif number % 3 == 1:
        said |= {"iyziEventType": "CHECKOUT_FORM_AUTH", "token": f"tok-{number}", "iyziPaymentId": number}
        signature = hosted_webhook_signature(
            key,
            event_type="CHECKOUT_FORM_AUTH",
            payment_id=str(number),
            token=f"tok-{number}",
            conversation_id=f"SIP-{number}",
            status="SUCCESS",
        )
    else:
        said = {
            "orderReferenceCode": f"ord-{number}",
            "customerReferenceCode": "cus-1",
            "subscriptionReferenceCode": "sub-1",
            "iyziReferenceCode": f"ref-{number}",
            "iyziEventType": "subscription.order.success",
        }
        signature = subscription_webhook_signature(
            key,
            merchant_id="3382172",
            event_type="subscription.order.success",
            subscription_reference="sub-1",
            order_reference=f"ord-{number}",
            customer_reference="cus-1",
        )
    return json.dumps(said).encode(), {**JSON, "x-iyz-signature-v3": signature}


def _whatsapp(number: int) -> tuple[bytes, dict[str, str]]:
    """A state and a message in one call, from somebody without a phone number."""
    person = f"TR.{1000000 + number}"
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "905550000000", "phone_number_id": NUMBER_ID},
        "contacts": [{"profile": {"name": "Ayşe"}, "user_id": person}],
        "statuses": [
            {
                "id": f"wamid.S{number}",
                "status": "delivered",
                "timestamp": NOW,
                "recipient_user_id": person,
                "biz_opaque_callback_data": f"w{number}",
            }
        ],
        "messages": [
            {
                "from_user_id": person,
                "id": f"wamid.M{number}",
                "timestamp": NOW,
                "type": "text",
                "text": {"body": "Kargom nerede? 🚚"},
            }
        ],
    }
    change = {"field": "messages", "value": value}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}).encode()
    return body, {**JSON, "x-hub-signature-256": f"sha256={_signature(body)}"}


def _findeks(number: int) -> tuple[bytes, dict[str, str]]:
    said = {"eventId": f"e{number}", "reportId": f"r{number}", "customerRef": f"f{number}", "status": "READY"}
    body = json.dumps(said).encode()
    return body, {**JSON, "x-signature": _signature(body)}


def _netgsm(number: int) -> tuple[bytes, dict[str, str]]:
    said = {"jobid": str(70_000_000 + number), "number": "905321234567", "status": "1"}
    return (urlencode(said).encode(), FORM) if number % 2 else (json.dumps(said).encode(), JSON)


def _bulutfon(number: int) -> tuple[bytes, dict[str, str]]:
    said = {"event_type": "call_hangup", "uuid": str(UUID(int=number)), "timestamp": "1780297420000000"}
    return (urlencode(said).encode(), FORM) if number % 2 else (json.dumps(said).encode(), JSON)


def _integrator(number: int) -> tuple[bytes, dict[str, str]]:
    said = {"uuid": str(UUID(int=0xABC0000000 + number)), "status": "succeed"}
    return json.dumps(said).encode(), {**JSON, "x-webhook-secret": KEY}


def _signature(body: bytes) -> str:
    return hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()


_WORDED = {
    "iyzico": _iyzico,
    "whatsapp": _whatsapp,
    "findeks": _findeks,
    "netgsm": _netgsm,
    "bulutfon": _bulutfon,
    "nilvera": _integrator,
    "uyumsoft": _integrator,
}


@dataclass
class Shop:
    """A tenant with an account and an address at every provider."""

    database: Database
    keyring: Keyring
    tenant: str
    paths: Mapping[str, str]

    def rows(self) -> set[str]:
        """The ids of the events that are there."""
        return {row[0] for row in self.execute("SELECT event_id FROM hub.inbox_events WHERE tenant_id = %s")}

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        with self.database.tenant(self.tenant, "app") as connection:
            return connection.execute(statement.encode(), (self.tenant,)).fetchall()

    def ids(self, call: Made) -> set[str]:
        """What a call's events are called in the inbox."""
        keys = self.keyring.tenant(self.tenant)
        return {events._event_id(keys, call.provider, event.event_id) for event in call.events()}

    def handled(self, told: Heard) -> Counter[str]:
        daily = DailyKeys(self.database, self.keyring)
        handling = Handling(self.database, daily, Effects(self.database, self.keyring, told, told))
        counts: Counter[str] = Counter()
        while turn := handling.turn(self.tenant):
            counts += turn
        return counts


def shop(database: Database, keyring: Keyring, tenant: str) -> Shop:
    """Connect everything."""
    for provider, credentials in CREDENTIALS.items():
        account((database, keyring), tenant, provider, **credentials)
        with database.tenant(tenant, "app") as connection:
            connection.execute(
                "UPDATE hub.integrations SET settings = %s::jsonb WHERE tenant_id = %s AND provider = %s",
                (json.dumps(SETTINGS.get(provider, {})), tenant, provider),
            )
    paths = {provider: endpoints.issue(database, tenant, provider, actor=ACTOR).path for provider in CREDENTIALS}
    return Shop(database, keyring, tenant, paths)


def deliveries(shops: Sequence[Shop], count: int, chance: random.Random) -> list[tuple[Shop, Made]]:
    """`count` calls of all providers in turn, 5 % of them badly signed, 30 % doubled, in no order."""
    providers = list(CREDENTIALS)
    forged = set(chance.sample(range(count), count // 20))
    calls: list[tuple[Shop, Made]] = []
    for number in range(count):
        at, provider = shops[number % len(shops)], providers[number // len(shops) % len(providers)]
        calls.append((at, made(provider, at.paths[provider], number, genuine=number not in forged)))
    calls += chance.sample(calls, count * 3 // 10)
    chance.shuffle(calls)
    return calls


@dataclass
class Street:
    """What the clients see: whether anybody is there, and what was answered."""

    url: str
    open: Event = field(default_factory=Event)
    acknowledged: set[int] = field(default_factory=set[int])
    """Numbers of deliveries that were answered 2xx."""
    refused: Counter[int] = field(default_factory=Counter[int])
    """Statuses of those that were answered for good otherwise."""
    later: int = 0
    lost: int = 0
    news: Condition = field(default_factory=Condition)

    def deliver(self, clients: int, calls: Sequence[tuple[Shop, Made]]) -> ThreadPoolExecutor:
        """Have so many clients deliver them all; the executor's end is theirs."""
        pool = ThreadPoolExecutor(clients)
        numbered = list(enumerate(calls))
        self.clients = [pool.submit(self._deliver, numbered[at::clients]) for at in range(clients)]
        return pool

    def _deliver(self, calls: Sequence[tuple[int, tuple[Shop, Made]]]) -> None:
        with httpx.Client(base_url=self.url, trust_env=False, timeout=60) as client:
            for number, (_, call) in calls:
                while not self._posted(client, number, call):
                    assert self.open.wait(PATIENCE)

    def _posted(self, client: httpx.Client, number: int, call: Made) -> bool:
        try:
            status = client.post(call.path, content=call.body, headers=dict(call.headers)).status_code
        except httpx.TransportError:
            status = 0
        # Who is wrong often is put off (hub/inbox/strangers.py), and may give up; who is right may not.
        again = {0, 429, 503} if call.genuine else {0, 503}
        with self.news:
            self.lost += status == 0
            self.later += status in again - {0}
            if status == 200:
                self.acknowledged.add(number)
            elif status not in again:
                self.refused[status] += 1
            self.news.notify_all()
        return status not in again


def judge(shops: Sequence[Shop], calls: Sequence[tuple[Shop, Made]], street: Street) -> None:
    """One row and one effect for each genuine event; nothing for any other call, and no 2xx."""
    assert street.acknowledged == {number for number, (_, call) in enumerate(calls) if call.genuine}
    assert set(street.refused) <= {401, 403, 404, 429}
    assert sum(street.refused.values()) == sum(not call.genuine for _, call in calls)
    for at in shops:
        genuine = [call for where, call in calls if where is at and call.genuine]
        expected = {event_id for call in genuine for event_id in at.ids(call)}
        assert at.rows() == expected
        told = Heard()
        assert at.handled(told) == {"handled": len(expected)}
        states = Counter((provider, heard.reference) for _, provider, heard in told.states)
        assert states == {
            (call.provider, f"{call.provider[0]}{_number(call)}"): 1
            for call in genuine
            if call.provider in {"whatsapp", "findeks"}
        }
        asked = Counter(about.provider_reference for about in told.asked)
        assert set(asked.values()) == {1}
        by_reports = {call.body for call in genuine if call.provider == "netgsm"}
        by_documents = {(call.provider, call.body) for call in genuine if call.provider in {"nilvera", "uyumsoft"}}
        assert len(asked) == len(by_reports) + 2 * len(by_documents)


def _number(call: Made) -> int:
    document = json.loads(call.body)
    if call.provider == "findeks":
        return int(document["reportId"][1:])
    return int(document["entry"][0]["changes"][0]["value"]["statuses"][0]["biz_opaque_callback_data"][1:])
