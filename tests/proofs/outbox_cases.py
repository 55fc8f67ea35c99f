"""What the crash trials do: kinds of action, each with its account at the stand-in and its name in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from connectors.sandbox.server import Sandbox
from tests.proofs import outbox_doings as doings
from tests.proofs.outbox_doings import COMPANY, SEED, Hub

Settings = Mapping[str, Any]

__all__ = ["CASES", "COMPANY", "SEED", "UNTRIED", "Case", "Hub"]


def by_action(action_id: UUID, _payload: Mapping[str, Any]) -> str:
    """Most providers are told the action's own reference."""
    return action_id.hex


@dataclass(frozen=True)
class Case:
    """`clears`: whether an unclear one is cleared up by asking, by the provider's event, or by a person alone."""

    kind: str
    payload: Callable[[Sandbox, int], dict[str, Any]]
    """Also sets the far end's stage: a link to be disabled is there, a payment to be cancelled was made."""
    deed: str
    """What the ledger calls it."""
    path: str
    """Where its requests go: what faults are aimed at."""
    settings: Settings
    clears: Literal["asking", "event", "person"] = "asking"
    named: Callable[[UUID, Mapping[str, Any]], str] = by_action
    ask: Callable[[Hub, str, dict[str, Any], int], UUID] = doings.queued
    issues: bool = False
    """An invoice: `payload` is its values, and the ledger knows it by its ETTN."""

    @property
    def provider(self) -> str:
        """Whose kind it is."""
        return self.kind.partition(".")[0]


_UNHURRIED = {"requests_per_minute": 100_000}
_IYZICO = dict.fromkeys(
    ("requests_per_minute", "refunds_per_minute", "links_per_minute", "cancels_per_minute"), 100_000
)
_NETGSM = {"msgheader": "FIRMA", "reports_per_minute": 100_000, **_UNHURRIED}
_WHATSAPP = {**doings.meta_ids(), **_UNHURRIED}


def _whatsapp(what: str, payload: Callable[[Sandbox, int], dict[str, Any]], deed: str) -> Case:
    ask = doings.queued if what == "template" else doings.within_the_window
    return Case(f"whatsapp.{what}", payload, deed, "/v", _WHATSAPP, "event", ask=ask)


def _of_integrator(provider: str, paths: Mapping[str, str]) -> tuple[Case, ...]:
    """Everything that an integrator does, all of which it is asked after by ETTN."""
    cancelled, taken_back = doings.to_cancel(provider), doings.to_take_back(provider)
    return (
        Case(f"{provider}.einvoice", doings.einvoice, "einvoice", paths["einvoice"], _UNHURRIED, issues=True),
        Case(f"{provider}.earchive", doings.earchive, "earchive", paths["earchive"], _UNHURRIED, issues=True),
        Case(f"{provider}.cancel", cancelled, "cancel", paths["cancel"], _UNHURRIED, named=doings.by_ettn),
        Case(
            f"{provider}.revert_cancel",
            taken_back,
            "revert_cancel",
            paths["cancel"],
            _UNHURRIED,
            named=doings.by_ettn,
        ),
        Case(f"{provider}.answer", doings.answer, "answer", paths["answer"], _UNHURRIED, named=doings.by_ettn),
    )


CASES: tuple[Case, ...] = (
    Case("findeks.report", doings.report, "report", "/findeks/reports", _UNHURRIED, ask=doings.ordered),
    Case("iyzico.refund", doings.refund, "refund", "/payment/refund", _IYZICO),
    Case("iyzico.cancel", doings.cancel, "cancel", "/payment/cancel", _IYZICO),
    Case("iyzico.payment_link", doings.link, "payment_link", "/v2/iyzilink", _IYZICO),
    Case(
        "iyzico.payment_link_disable",
        doings.link_to_disable,
        "payment_link_disable",
        "/v2/iyzilink",
        _IYZICO,
        named=lambda _action_id, payload: payload["token"],
    ),
    Case("netgsm.sms", doings.sms, "sms", "/sms/rest/v2/send", _NETGSM),
    Case("netgsm.otp", doings.otp, "otp", "/sms/rest/v2/otp", _NETGSM, "person", doings.by_text),
    Case("netgsm.whatsapp_otp", doings.code, "whatsapp_otp", "/v1/otp", _NETGSM, "person", doings.by_code),
    *_of_integrator(
        "nilvera",
        {
            "einvoice": "/einvoice/Send",
            "earchive": "/earchive/Send",
            "cancel": "/earchive/Invoices",
            "answer": "/einvoice/Purchase",
        },
    ),
    *_of_integrator("uyumsoft", dict.fromkeys(("einvoice", "earchive", "cancel", "answer"), "/services/")),
    _whatsapp("template", doings.template, "template"),
    _whatsapp("text", doings.text, "text"),
    _whatsapp("media", doings.media, "image"),
    _whatsapp("interactive", doings.interactive, "interactive"),
)

UNTRIED: Mapping[str, str] = {
    "netasistan.whatsapp": "Nobody has published its contract, so there is no stand-in whose ledger could judge. It is"
    " off by default, and its way (`never`) is that of netgsm.otp and netgsm.whatsapp_otp.",
}
"""Kinds that no trial does, and why. Pushes to İYS are no actions: they repeat without harm (tests/hub/iys)."""
