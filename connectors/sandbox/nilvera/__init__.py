"""Nilvera's stand-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Router

from connectors.sandbox.nilvera import books, documents, general, purchases, sending
from connectors.sandbox.nilvera.desk import Desk, company_of, credentials, keyed_route
from connectors.sandbox.nilvera.envelope import error, spoil
from connectors.sandbox.provider import SandboxProvider

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from connectors.sandbox.world import World


def _app(world: World) -> ASGIApp:
    desk = Desk.of(world)
    routes = (
        ("GET", "/general/Company", general.company),
        ("GET", "/general/GlobalCompany/Check/TaxNumber/{number}", general.check),
        ("GET", "/general/GlobalCompany/GetGlobalCustomerInfo/{number}", general.customer),
        ("GET", "/general/GlobalCompany/PK/Invoice", general.user_list),
        ("POST", "/einvoice/Send/Xml", sending.einvoice),
        ("POST", "/earchive/Send/Xml", sending.earchive),
        ("GET", "/einvoice/Sale/{uuid}/Status", documents.sale_status),
        ("GET", "/einvoice/Sale/{uuid}/CheckFromGib", documents.check_from_gib),
        ("GET", "/einvoice/Sale/{uuid}/{format}", documents.fetch),
        ("GET", "/earchive/Invoices/{uuid}/Status", documents.archive_status),
        ("PUT", "/earchive/Invoices/{uuid}/Cancel", documents.cancel),
        ("PUT", "/earchive/Invoices/{uuid}/RevertCancel", documents.revert_cancel),
        ("GET", "/earchive/Invoices/{uuid}/{format}", documents.fetch),
        ("GET", "/einvoice/Purchase", purchases.listed),
        ("POST", "/einvoice/Purchase/SendAnswer", purchases.send_answer),
        ("GET", "/einvoice/Purchase/{uuid}/Status", purchases.status),
        ("GET", "/einvoice/Purchase/{uuid}/{format}", purchases.fetch),
        ("GET", "/{kind}/Series", books.series),
        ("POST", "/{kind}/Series", books.create_series),
        ("PUT", "/{kind}/Series", books.set_series),
        ("GET", "/earchive/Report", books.reports),
        ("GET", "/earchive/Report/ToReport", books.unreported),
        ("POST", "/earchive/Send/Report", books.send_report),
    )
    return Router([keyed_route(desk, method, path, endpoint) for method, path, endpoint in routes])


STAND_IN = SandboxProvider(
    name="nilvera",
    prefixes=("/general/", "/einvoice/", "/earchive/"),
    app=_app,
    credentials=credentials,
    company_of=company_of,
    error=error,
    spoil=spoil,
)
