"""An invoice for a payment that iyzico took: its items from the warehouse, its buyer from the caller.

The warehouse holds no buyer in clear, and iyzico knows no VAT. So the caller names both; amounts are those that the
card was charged, VAT within them, and the invoice's sum is that to the kuruş.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from hub.einvoice.issue.issuing import Asked
from hub.errors import HubError

if TYPE_CHECKING:
    from hub.db.database import Database

_KURUS = Decimal("0.01")
_CODE = re.compile(r"[A-Za-z0-9._-]{1,50}")
_CARD = "48"
_SUCCESS, _ACCEPTED, _ALL_BACK, _APPROVED = 1, 1, "TOTALLY_REFUNDED", (None, 1, 2)


@dataclass(frozen=True)
class Item:
    """One thing that was paid for. `gross` holds its VAT."""

    code: str | None
    """The merchant's number of it, where it is one and not a text."""
    gross: Decimal


@dataclass(frozen=True)
class Payment:
    """A payment that may be invoiced, in lira."""

    payment_id: str
    paid: Decimal
    items: tuple[Item, ...]


def payment(database: Database, tenant_id: str, payment_id: str) -> Payment:
    """A payment as it was loaded.

    HubError `payment_unknown`, `payment_not_billable` with what keeps it from that: not paid (yet), under review, given
    back or cancelled whole, in another currency, sold for a sub-merchant, items that do not make up its amount.
    """
    # The loader: among the roles of one tenant it alone reads what landed and may delete nothing of it.
    with database.tenant(tenant_id, "loader") as connection:
        row = connection.execute(
            "SELECT payment_status, fraud_status, payment_refund_status, currency, paid_price,"
            " EXISTS (SELECT FROM landing.iyzico_cancels c WHERE c.tenant_id = p.tenant_id"
            " AND c.payment_id = p.payment_id AND c.refund_status = 1)"
            " FROM landing.iyzico_payment_details p WHERE tenant_id = %s AND payment_id = %s",
            (tenant_id, payment_id),
        ).fetchone()
        items = connection.execute(
            "SELECT item_id, paid_price, transaction_status, sub_merchant_key IS NOT NULL"
            " FROM landing.iyzico_payment_items WHERE tenant_id = %s AND payment_id = %s"
            " ORDER BY payment_transaction_id",
            (tenant_id, payment_id),
        ).fetchall()
    if row is None:
        raise HubError("payment_unknown")
    why = _obstacle(row, items)
    if why is not None:
        raise HubError("payment_not_billable", why=why)
    found = [Item(_code(code), _exact(gross)) for code, gross, _status, _sub in items if gross]
    return Payment(payment_id, _exact(row[4]), tuple(found))


def asked_for(
    paid: Payment, customer: Mapping[str, Any], vat_rate: Decimal, *, name: str, idempotency_key: str | None = None
) -> Asked:
    """The invoice of a payment. Without a key of the caller's the payment's id is it: a payment is invoiced once."""
    nets, rounding = net_amounts([item.gross for item in paid.items], vat_rate)
    lines = [
        {"name": name, "quantity": "1", "price": str(net), "vat_rate": str(vat_rate)}
        | ({"sellers_code": item.code} if item.code else {})
        for item, net in zip(paid.items, nets, strict=True)
    ]
    values: dict[str, Any] = {
        "type": "SATIS",
        "customer": dict(customer),
        "lines": lines,
        "payments": [{"code": _CARD}],
    }
    if rounding:
        values["rounding"] = str(rounding)
    return Asked(idempotency_key or f"payment:iyzico:{paid.payment_id}", values)


def net_amounts(gross: Sequence[Decimal], vat_rate: Decimal) -> tuple[list[Decimal], Decimal]:
    """Net amounts, each at most a kuruş from its own share, and what rounds their sum with VAT to the gross one.

    VAT is computed on the sum. Some amounts are no net amount with its VAT (0.03 at 20 %): those need the rounding.
    """
    factor = 1 + vat_rate / 100
    whole = sum(gross, Decimal(0))
    near = (whole / factor).quantize(_KURUS, ROUND_HALF_UP)
    candidates = [near + step * _KURUS for step in (0, -1, 1) if near + step * _KURUS >= 0]
    net = min(candidates, key=lambda each: abs(whole - _with_vat(each, vat_rate)))
    shares = [each / factor for each in gross]
    nets = [share.quantize(_KURUS, ROUND_DOWN) for share in shares]
    missing = int((net - sum(nets, Decimal(0))) / _KURUS)
    # The largest remainders first, as the tax office's own samples spread a kuruş.
    order = sorted(range(len(gross)), key=lambda at: nets[at] - shares[at])
    for at in order[: max(missing, 0)]:
        nets[at] += _KURUS
    return nets, whole - _with_vat(sum(nets, Decimal(0)), vat_rate)


def _with_vat(net: Decimal, vat_rate: Decimal) -> Decimal:
    return net + (net * vat_rate / 100).quantize(_KURUS, ROUND_HALF_UP)


def _obstacle(row: Sequence[Any], items: Sequence[Sequence[Any]]) -> str | None:
    status, fraud, refunded, currency, paid, cancelled = row
    amounts = [gross for _code, gross, _status, _sub in items]
    checks = {
        "payment_status": status == _SUCCESS,
        "fraud_status": fraud in (None, _ACCEPTED),
        "payment_refund_status": refunded != _ALL_BACK,
        "cancels": not cancelled,
        "currency": currency == "TRY",
        "paid_price": bool(paid) and paid == paid.quantize(_KURUS),
        "payment_items.sub_merchant_key": not any(sub for *_rest, sub in items),
        "payment_items.transaction_status": all(status in _APPROVED for _c, _g, status, _s in items),
        "payment_items.paid_price": None not in amounts and sum(amounts, Decimal(0)) == paid,
    }
    return next((name for name, holds in checks.items() if not holds), None)


def _exact(amount: Decimal) -> Decimal:
    return amount.quantize(_KURUS)


def _code(text: str | None) -> str | None:
    return text if text is not None and _CODE.fullmatch(text) else None
