"""Invoices for the integrators' tests: as small as an integrator takes them, unsigned."""

from __future__ import annotations

import asyncio
import base64
import uuid
from collections.abc import Sequence
from typing import Any

import httpx

from connectors.action_registry import kind_named
from connectors.actions import Act, Finding, Outcome
from connectors.sandbox.gib import taxpayers
from connectors.sandbox.server import Sandbox
from tests.connectors.stand_still import START, spec_at

COMPANY = "shop-9"
_counter = iter(range(1, 1_000_000))


def buyer(sandbox: Sandbox, standing: taxpayers.Standing = "one", index: int = 0) -> str:
    return taxpayers.someone(sandbox.world.seed, standing, index)


def mailbox(sandbox: Sandbox, number: str) -> str:
    user = taxpayers.user(sandbox.world.seed, number)
    assert user is not None
    return user.mailboxes[0].name


def invoice(
    sandbox: Sandbox,
    customer: str,
    *,
    profile: str = "TEMELFATURA",
    note: str = "",
    supplier: str = "",
    company: str = COMPANY,
    ettn: str = "",
    number: str = "",
) -> tuple[str, str, bytes]:
    """ETTN, number and bytes of a fresh invoice."""
    ettn = ettn or str(uuid.uuid4())
    number = number or f"TST{START.year}{next(_counter):09d}"
    notes = f"<cbc:Note>{note}</cbc:Note>" if note else ""
    return (
        ettn,
        number,
        (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"'
            ' xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'
            ' xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"'
            ' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">'
            "<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent><a xmlns='urn:x'/></ext:ExtensionContent>"
            "</ext:UBLExtension></ext:UBLExtensions>"
            "<cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:CustomizationID>TR1.2</cbc:CustomizationID>"
            f"<cbc:ProfileID>{profile}</cbc:ProfileID><cbc:ID>{number}</cbc:ID><cbc:CopyIndicator>false</cbc:CopyIndicator>"
            f"<cbc:UUID>{ettn}</cbc:UUID><cbc:IssueDate>{START.date()}</cbc:IssueDate>"
            f"<cbc:InvoiceTypeCode>SATIS</cbc:InvoiceTypeCode>{notes}"
            "<cbc:DocumentCurrencyCode>TRY</cbc:DocumentCurrencyCode><cbc:LineCountNumeric>1</cbc:LineCountNumeric>"
            "<cac:Signature><cbc:ID schemeID='VKN_TCKN'>1234567808</cbc:ID></cac:Signature>"
            + _party("AccountingSupplierParty", supplier or sandbox.world.company(company).vkn, "Deneme Ltd. Şti.")
            + _party("AccountingCustomerParty", customer, "Alıcı & Ortakları A.Ş.")
            + "<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID='TRY'>120.00</cbc:PayableAmount>"
            "</cac:LegalMonetaryTotal><cac:InvoiceLine><cbc:ID>1</cbc:ID></cac:InvoiceLine></Invoice>\n"
        ).encode(),
    )


def act(kind: str, document: tuple[str, str, bytes], **more: Any) -> Act:
    ettn, number, ubl = document
    payload = {
        "document_id": 7,
        "ettn": ettn,
        "number": number,
        "kind": kind,
        "xml_base64": base64.b64encode(ubl).decode(),
        **more,
    }
    return Act(str(uuid.uuid4()), "ref1", payload)


def about(ettn: str, **more: Any) -> Act:
    return Act(str(uuid.uuid4()), "ref1", {"ettn": ettn, **more})


def perform(sandbox: Sandbox, kind: str, *acts: Act, company: str = COMPANY, **settings: Any) -> Sequence[Outcome]:
    """Outcomes of acts of a kind, each tried once."""
    return _asked(sandbox, kind, "perform", acts, company, settings)


def look_up(sandbox: Sandbox, kind: str, *acts: Act, company: str = COMPANY, **settings: Any) -> Sequence[Finding]:
    """Findings about acts of a kind."""
    return _asked(sandbox, kind, "look_up", acts, company, settings)


def _asked(sandbox: Sandbox, kind: str, how: str, acts: Sequence[Act], company: str, settings: dict[str, Any]) -> Any:
    async def run() -> Any:
        found = kind_named(kind)
        connection = spec_at(sandbox.url, sandbox.credentials(company, found.provider), **settings)
        async with httpx.AsyncClient(trust_env=False) as client, found.open(connection, client) as performer:
            return await getattr(performer, how)(acts)

    return asyncio.run(run())


def _party(role: str, number: str, name: str) -> str:
    scheme = "VKN" if len(number) == 10 else "TCKN"
    return (
        f'<cac:{role}><cac:Party><cac:PartyIdentification><cbc:ID schemeID="{scheme}">{number}</cbc:ID>'
        f"</cac:PartyIdentification><cac:PartyName><cbc:Name>{name.replace('&', '&amp;')}</cbc:Name></cac:PartyName>"
        f"</cac:Party></cac:{role}>"
    )
