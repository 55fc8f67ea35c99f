"""iyzico's signatures of requests (IYZWSv2), answers and webhooks (V3): all HMAC-SHA256 under the secret key."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.secret import Secret

SIGNED_FIELDS_OF_PAYMENT = ("paymentId", "currency", "basketId", "conversationId", "paidPrice", "price")
SIGNED_FIELDS_OF_REFUND = ("paymentId", "price", "currency", "conversationId")


def random_key() -> str:
    """A nonce. iyzico accepts any text and reads it from the token."""
    return secrets.token_hex(8)


def request_signature(secret_key: Secret, *, random_key: str, path: str, body: bytes) -> str:
    """Signature over the bare path (no host, no query) and the exact bytes sent."""
    return _hex(secret_key, random_key.encode() + path.encode() + body)


def authorization(api_key: Secret, secret_key: Secret, *, random_key: str, path: str, body: bytes) -> str:
    """The `Authorization` header of a request."""
    signature = request_signature(secret_key, random_key=random_key, path=path, body=body)
    token = f"apiKey:{api_key.reveal()}&randomKey:{random_key}&signature:{signature}"
    return "IYZWSv2 " + base64.b64encode(token.encode()).decode()


def response_signature(secret_key: Secret, values: Sequence[str | int | Decimal | None]) -> str:
    """Signature of an answer over its values in the documented order; amounts (Decimal) lose trailing zeros."""
    return _hex(secret_key, ":".join(map(_signed, values)).encode())


def direct_webhook_signature(
    secret_key: Secret, *, event_type: str, payment_id: str, conversation_id: str, status: str
) -> str:
    """`X-IYZ-SIGNATURE-V3` of a payment made through the API."""
    message = f"{secret_key.reveal()}{event_type}{payment_id}{conversation_id}{status}"
    return _hex(secret_key, message.encode())


def hosted_webhook_signature(
    secret_key: Secret, *, event_type: str, payment_id: str, token: str, conversation_id: str, status: str
) -> str:
    """`X-IYZ-SIGNATURE-V3` of a payment made on a hosted page; `payment_id` is the event's iyziPaymentId."""
    message = f"{secret_key.reveal()}{event_type}{payment_id}{token}{conversation_id}{status}"
    return _hex(secret_key, message.encode())


def subscription_webhook_signature(
    secret_key: Secret,
    *,
    merchant_id: str,
    event_type: str,
    subscription_reference: str,
    order_reference: str,
    customer_reference: str,
) -> str:
    """`X-IYZ-SIGNATURE-V3` of a subscription event. The payload often lacks the merchant id: pass the tenant's own."""
    parts = (event_type, subscription_reference, order_reference, customer_reference)
    return _hex(secret_key, f"{merchant_id}{secret_key.reveal()}{''.join(parts)}".encode())


def subscription_webhook_signature_key_first(
    secret_key: Secret,
    *,
    merchant_id: str,
    event_type: str,
    subscription_reference: str,
    order_reference: str,
    customer_reference: str,
) -> str:
    """The same with the key before the merchant, as one integration has it. iyzico publishes no example of either."""
    parts = (merchant_id, event_type, subscription_reference, order_reference, customer_reference)
    return _hex(secret_key, f"{secret_key.reveal()}{''.join(parts)}".encode())


def same_signature(expected: str, given: str) -> bool:
    """Compare without telling by the time taken how much was right."""
    return hmac.compare_digest(expected.encode(), given.lower().encode())


def _hex(secret_key: Secret, message: bytes) -> str:
    return hmac.digest(secret_key.reveal().encode(), message, "sha256").hex()


def _signed(value: str | int | Decimal | None) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)
