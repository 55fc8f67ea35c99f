"""What the crash trials do: kinds of action, each with its account at the stand-in and its name in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from connectors.sandbox.gib import taxpayers
from connectors.sandbox.meta import keys
from connectors.sandbox.netgsm.desk import unnamed
from connectors.sandbox.server import Sandbox
from tests.connectors.iyzico.shop import untouched
from tests.connectors.iyzico.test_checks import PNG
from tests.hub.einvoice import samples

Settings = Mapping[str, Any]

SEED, COMPANY = 7, "denemeler"
"""Of the sandbox, and of the business in it."""


def by_action(action_id: UUID, _payload: Mapping[str, Any]) -> str:
    """Most providers are told the action's own reference."""
    return action_id.hex


@dataclass(frozen=True)
class Case:
    """`clears`: whether an unclear one is cleared up by asking, by the provider's event, or by a person alone."""

    kind: str
    provider: str
    payload: Callable[[Sandbox, str, int], dict[str, Any]]
    clears: Literal["asking", "event", "person"]
    settings: Settings = field(default_factory=dict)
    named: Callable[[UUID, Mapping[str, Any]], str] = by_action
    path: str = ""
    """Where its requests go: what faults are aimed at."""
    issues: bool = False
    """An invoice: `payload` is its values, and the ledger knows it by its ETTN."""


def _sms(_sandbox: Sandbox, _company: str, index: int) -> dict[str, Any]:
    return {"to": f"+90532{index:07d}", "text": f"Siparişiniz {index} kargoda"}


def _otp(_sandbox: Sandbox, _company: str, index: int) -> dict[str, Any]:
    return {"to": f"+90533{index:07d}", "text": f"Kodunuz {100000 + index}"}


def _by_text(_action_id: UUID, payload: Mapping[str, Any]) -> str:
    """A one-time password has no reference at Netgsm."""
    return unnamed(payload["to"].removeprefix("+90"), payload["text"])


def _invoice(sandbox: Sandbox, _company: str, index: int) -> dict[str, Any]:
    found = samples.values("EARSIVFATURA", "SATIS")
    for name in ("profile", "supplier", "issue_date"):
        found.pop(name)
    found["customer"]["identity"] = taxpayers.someone(sandbox.world.seed, "none", index % 3)
    found["notes"] = [f"Sipariş {index}"]
    return found


def _refund(sandbox: Sandbox, company: str, _index: int) -> dict[str, Any]:
    """Ten kuruş of the same payment again and again: only the reference tells one from another."""
    payment = untouched(sandbox, company)
    return {
        "payment_id": str(payment.payment_id),
        "payment_transaction_id": str(payment.item_id(0)),
        "amount": "0.10",
        "currency": "TRY",
    }


def _link(_sandbox: Sandbox, _company: str, index: int) -> dict[str, Any]:
    return {
        "name": f"Sipariş {index}",
        "description": "Bir adet",
        "amount": "120.50",
        "currency": "TRY",
        "image": PNG,
    }


def _whatsapp(_sandbox: Sandbox, _company: str, index: int) -> dict[str, Any]:
    return {
        "to": f"+90534{index:07d}",
        "template": "siparis_durumu",
        "language": "tr",
        "category": "utility",
        "body": ["Ayşe", str(index)],
    }


_UNHURRIED = {"requests_per_minute": 100_000}
_WHATSAPP = {**keys.ids(SEED, COMPANY), "requests_per_minute": 100_000}
_IYZICO = dict.fromkeys(
    ("requests_per_minute", "refunds_per_minute", "links_per_minute", "cancels_per_minute"), 100_000
)
_NETGSM = {"msgheader": "FIRMA", "reports_per_minute": 100_000, "requests_per_minute": 100_000}

CASES: tuple[Case, ...] = (
    Case("netgsm.sms", "netgsm", _sms, "asking", _NETGSM, path="/sms/rest/v2/send"),
    Case("netgsm.otp", "netgsm", _otp, "person", _NETGSM, _by_text, path="/sms/rest/v2/otp"),
    Case("iyzico.refund", "iyzico", _refund, "asking", _IYZICO, path="/payment/refund"),
    Case("iyzico.payment_link", "iyzico", _link, "asking", _IYZICO, path="/v2/iyzilink"),
    Case("whatsapp.template", "whatsapp", _whatsapp, "event", _WHATSAPP, path="/v"),
    Case("nilvera.earchive", "nilvera", _invoice, "asking", _UNHURRIED, path="/earchive/Send", issues=True),
    Case("uyumsoft.earchive", "uyumsoft", _invoice, "asking", _UNHURRIED, path="/services/", issues=True),
)
