"""iyzico's calls about payments and subscriptions: a hint that something happened, worth no more than a look.

Its signature (V3) covers five fields, no amount and no time, so a call can be replayed by whoever saw it, and it is
sent only where iyzico has switched it on for the account. Nothing in a call is believed: what happened stands in the
daily list, which is read again. See docs/decisions/0009-a-payments-call-is-a-hint.md.

A subscription's event is taken without a signature too, by the secret in its path: for these iyzico publishes no
example, and the merchant's number that is signed is often not in the call. One that is signed must be signed rightly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.iyzico.signing import (
    direct_webhook_signature,
    hosted_webhook_signature,
    same_signature,
    subscription_webhook_signature,
    subscription_webhook_signature_key_first,
)
from connectors.secret import Secret
from connectors.webhook_bodies import composite, object_of
from connectors.webhooks import (
    Account,
    Call,
    CallMalformed,
    Meaning,
    ReadAgain,
    Standing,
    Verdict,
    WebhookEvent,
    WebhookSource,
    kind_of,
)

HEADER = "x-iyz-signature-v3"
UNSIGNED_ALLOWED = "webhook_unsigned"
"""Setting: `true` where iyzico has not switched signatures on. Without it unsigned calls are refused."""
MERCHANT_ID = "merchant_id"
"""Setting: the merchant's number, which a subscription's signature covers and its call often lacks."""


def verify(call: Call, account: Account) -> Verdict:
    """Over the fields that iyzico signs in each of its three formats, and not over the body."""
    given = call.headers.get(HEADER, "").strip()
    fields = _readable(call.body)
    subscription = fields is not None and "subscriptionReferenceCode" in fields
    if not given:
        return "unsigned" if subscription or account.settings.get(UNSIGNED_ALLOWED) is True else "missing"
    key = account.credentials.get("secret_key")
    if not key or fields is None:
        return "wrong"
    if subscription:
        return _subscription_verdict(key, fields, account.settings, given)
    return "verified" if same_signature(_expected(key, fields), given) else "wrong"


def _readable(body: bytes) -> Mapping[str, Any] | None:
    try:
        return object_of(body)
    except CallMalformed:
        return None


def events(call: Call) -> Sequence[WebhookEvent]:
    """One a call. iyziReferenceCode is its identity; without it, the fields that are signed."""
    fields = object_of(call.body)
    kind = _text(fields, "iyziEventType")
    if not kind:
        raise CallMalformed("no type")
    identity = _text(fields, "iyziReferenceCode") or composite(kind, *(_text(fields, name) for name in _NAMES))
    return [WebhookEvent(identity, kind_of(kind), call.body)]


def meanings(_event: WebhookEvent, _standing: Standing) -> Sequence[Meaning]:
    """Whatever it says: read the lists again."""
    return [ReadAgain()]


_NAMES = (
    "paymentId",
    "iyziPaymentId",
    "token",
    "paymentConversationId",
    "status",
    "subscriptionReferenceCode",
    "orderReferenceCode",
    "customerReferenceCode",
)


def _subscription_verdict(key: Secret, fields: Mapping[str, Any], settings: Mapping[str, Any], given: str) -> Verdict:
    merchant_id = str(settings.get(MERCHANT_ID, "")) or _text(fields, "merchantId")
    if not merchant_id:
        return "unsigned"  # nobody can say, and without any signature it would be taken as well
    orders = (subscription_webhook_signature, subscription_webhook_signature_key_first)
    right = [
        same_signature(
            signed(
                key,
                merchant_id=merchant_id,
                event_type=_text(fields, "iyziEventType"),
                subscription_reference=_text(fields, "subscriptionReferenceCode"),
                order_reference=_text(fields, "orderReferenceCode"),
                customer_reference=_text(fields, "customerReferenceCode"),
            ),
            given,
        )
        for signed in orders
    ]
    return "verified" if any(right) else "wrong"


def _expected(key: Secret, fields: Mapping[str, Any]) -> str:
    event_type = _text(fields, "iyziEventType")
    conversation_id, status = _text(fields, "paymentConversationId"), _text(fields, "status")
    if "token" in fields:
        return hosted_webhook_signature(
            key,
            event_type=event_type,
            payment_id=_text(fields, "iyziPaymentId"),
            token=_text(fields, "token"),
            conversation_id=conversation_id,
            status=status,
        )
    return direct_webhook_signature(
        key,
        event_type=event_type,
        payment_id=_text(fields, "paymentId"),
        conversation_id=conversation_id,
        status=status,
    )


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


WEBHOOKS = WebhookSource(provider="iyzico", verify=verify, events=events, meanings=meanings)
