"""Uyumsoft's states of an invoice as the neutral status, by the codes of its guide (2.0.6, sections 2.2.3, 2.2.6)."""

from __future__ import annotations

from connectors.einvoice.contract import Answered, State, Status
from connectors.einvoice.gib import CODES, standing
from connectors.failure import ProviderFailure
from connectors.uyumsoft.settings import GIB_CODE_FIELD
from connectors.xml import Element

DRAFT, CANCELLED, QUEUED, PROCESSING, SENT_TO_GIB = 0, 10, 100, 200, 300
APPROVED, WAITING, DECLINED, RETURNED, ARCHIVE_CANCELLED, ERROR = 1000, 1100, 1200, 1300, 1400, 2000

_STATES: dict[int, State] = {
    **dict.fromkeys((DRAFT, QUEUED, PROCESSING, SENT_TO_GIB), "pending"),
    **dict.fromkeys((APPROVED, WAITING, DECLINED, RETURNED, ARCHIVE_CANCELLED), "delivered"),
    **dict.fromkeys((CANCELLED, ERROR), "failed"),
}
_ANSWERS: dict[int, Answered] = {WAITING: "waiting", DECLINED: "rejected", RETURNED: "returned"}
COMMERCIAL = ("ComercialInvoice", "Export")
"""Uyumsoft's names (and spelling) of profiles whose receiver may answer."""

PROFILES = {
    "BaseInvoice": "TEMELFATURA",
    "ComercialInvoice": "TICARIFATURA",
    "InvoiceWithPassanger": "YOLCUBERABERFATURA",
    "Export": "IHRACAT",
    "eArchive": "EARSIVFATURA",
    "Hks": "HKS",
    "PublicAdministration": "KAMU",
    "Energy": "ENERJI",
}
TYPES = {
    "Sales": "SATIS",
    "Return": "IADE",
    "Tax": "TEVKIFAT",
    "Exception": "ISTISNA",
    "TaxBase": "OZELMATRAH",
    "ExportSaved": "IHRACKAYITLI",
    "Sgk": "SGK",
    "Broker": "KOMISYONCU",
    "HksSales": "HKSSATIS",
    "HksBroker": "HKSKOMISYONCU",
    "WithholdingReturn": "TEVKIFATIADE",
    "Accomodation": "KONAKLAMAVERGISI",
    "Charge": "SARJ",
    "ChargeInstant": "SARJANLIK",
}


def of_outbox(value: Element, *, commercial: bool) -> Status:
    """From a `Value` of `GetOutboxInvoiceStatusWithLogs`. Raises `ProviderFailure` answer_malformed.

    `Approved` means "delivered" for a basic invoice and "accepted by the buyer" for a commercial one: the state alone
    does not say which. Nothing is said of e-Arşiv reports.
    """
    code = state_code(value)
    gib = _gib_code(value)
    state = _STATES.get(code, "pending")
    if gib is not None and standing(gib) == "already_there":
        state = "pending"
    answer = "accepted" if code == APPROVED and commercial else _ANSWERS.get(code, "none")
    return Status(state, gib_code=gib, code=str(code), answer=answer, cancelled=code == ARCHIVE_CANCELLED)


def of_inbox(code: int) -> Answered:
    """What an incoming invoice was answered with. A basic one is approved from the start."""
    return "accepted" if code == APPROVED else _ANSWERS.get(code, "none")


def state_code(value: Element) -> int:
    """`StatusCode`. Raises `ProviderFailure` answer_malformed."""
    text = value.attrib.get("StatusCode", "")
    if not text.isdecimal():
        raise ProviderFailure("transient", "answer_malformed")
    return int(text)


def _gib_code(value: Element) -> int | None:
    text = value.attrib.get(GIB_CODE_FIELD, "")
    return int(text) if text.isdecimal() and int(text) in CODES else None
