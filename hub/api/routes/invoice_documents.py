"""Documents themselves, which name people: their bytes, their page, and what the tax office would say of them."""

from __future__ import annotations

import asyncio
import hashlib
import json
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Query, Request, Response

from hub.api.asked import Call
from hub.api.findings import FindingShown, finding_shown
from hub.api.models import Answer, storable
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.api.routes.invoices import EXAMPLE, Reference, issuing_of, of_invoice
from hub.einvoice.finding import Finding
from hub.einvoice.issue import acts
from hub.errors import HubError
from hub.identity.permissions import Permission

router = make_router("invoices", "/invoices")

_UBL = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">...</Invoice>'
)
_XML = ("application/xml", "text/xml")
SANDBOX = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none';"
    " frame-ancestors 'none'"
)
"""A page that strangers had a hand in: an origin of its own, no scripts, nothing from elsewhere."""


class Checked(Answer):
    """`valid` when the tax office would take it. `rules` is the date of GİB's rules."""

    valid: bool
    rules: str
    findings: list[FindingShown]


@router.post(
    "/check",
    summary="Check an invoice",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/xml": {
                    "schema": {"type": "string", "description": "UBL-TR, or an envelope.", "examples": [_UBL]}
                },
                "application/json": {
                    "schema": {
                        "type": "object",
                        "description": "As `invoice` of `POST /invoices`.",
                        "examples": [EXAMPLE],
                    }
                },
            },
        }
    },
)
@needs(Permission.INVOICES_READ)
async def check_invoice(call: Call, request: Request) -> Checked:
    """By GİB's XSD and schematron and our arithmetic. Nothing is issued, sent or kept."""
    from hub.einvoice.issue.trying import findings_of

    content = await request.body()
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type in _XML:
        return _told(await asyncio.to_thread(_of_document, content))
    values = _object(content, media_type)
    with of_invoice(""):
        return _told(await asyncio.to_thread(findings_of, issuing_of(call), call.tenant, values))


@router.get(
    "/{invoice}/document",
    summary="Download an invoice",
    responses={200: {"content": {"application/xml": {}}}},
    response_class=Response,
)
@needs(Permission.INVOICES_DOWNLOAD)
def download_invoice(call: Call, invoice: Reference) -> Response:
    """The bytes as they were signed; `ETag` is their SHA-256. The reading is in the audit log."""
    content = acts.content(call.database, call.keyring, call.tenant, invoice, actor=call.actor)
    headers = {
        "ETag": f'"{hashlib.sha256(content).hexdigest()}"',
        "Content-Disposition": 'attachment; filename="invoice.xml"',
        "Content-Security-Policy": SANDBOX,
    }
    return Response(content, media_type="application/xml", headers=headers)


@router.get(
    "/{invoice}/view",
    summary="Show an invoice's page",
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
    response_class=Response,
)
@needs(Permission.INVOICES_DOWNLOAD)
def view_invoice(
    call: Call,
    invoice: Reference,
    embedded: Annotated[bool, Query(description="By the stylesheet that the invoice carries, shut in.")] = False,
) -> Response:
    """A page in Turkish in which nothing runs and nothing is loaded. The reading is in the audit log."""
    from hub.einvoice.view.page import page

    content = acts.content(call.database, call.keyring, call.tenant, invoice, actor=call.actor)
    return Response(
        page(content, embedded=embedded), media_type="text/html", headers={"Content-Security-Policy": SANDBOX}
    )


def _of_document(content: bytes) -> list[Finding]:
    """What cannot be read is told as a finding, like whatever else is wrong with a document."""
    from hub.einvoice.check.checker import warm_checker

    try:
        return warm_checker().check(content)
    except HubError as error:
        if error.code.startswith("einvoice_rules_"):
            raise
        return [Finding(error.code, "/", "error", {name: str(value) for name, value in error.params.items()})]


def _object(content: bytes, media_type: str) -> dict[str, Any]:
    """HubError `body_not_json`, `einvoice_not_json`, `request_malformed`."""
    if media_type != "application/json":
        raise HubError("body_not_json")
    try:
        values: object = json.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise HubError("einvoice_not_json")
    if not storable(values):  # pyright: ignore[reportUnknownArgumentType]
        raise HubError("request_malformed")
    return values  # pyright: ignore[reportUnknownVariableType]


def _told(findings: list[Finding]) -> Checked:
    from hub.einvoice.check.rules import RULES_DATE

    return Checked(
        valid=not any(each.severity == "error" for each in findings),
        rules=str(RULES_DATE),
        findings=[finding_shown(each) for each in findings],
    )
