"""`hub einvoice from-payment`: an invoice for a payment that stands in the warehouse."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from hub.cli import entering
from hub.cli.einvoice_issue import issue_now, show_document
from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.errors import HubError
from hub.i18n import N_


def register(group: typer.Typer) -> None:
    """Add the command to its group."""
    group.command("from-payment", help=N_("Issue the invoice of an iyzico payment, to the kuruş of what was paid."))(
        from_payment
    )


def from_payment(
    payment: Annotated[str, typer.Argument(metavar="PAYMENT", help=N_("iyzico's id of the payment."))],
    tenant: TenantOption,
    customer: Annotated[
        Path, typer.Option("--customer", metavar="FILE.json", help=N_("The buyer; - reads standard input."))
    ],
    vat: Annotated[str, typer.Option("--vat", metavar="RATE", help=N_("VAT that is in the price, in percent."))],
    name: Annotated[
        str, typer.Option("--name", metavar="TEXT", help=N_("What was sold, as it stands on every line."))
    ] = "Satış bedeli",
    once: Annotated[
        str | None,
        typer.Option("--once", metavar="KEY", help=N_("Your name for it; without one a payment is invoiced once.")),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Amounts come from the warehouse, the buyer from the file: no buyer stands in the warehouse in clear."""
    from hub.einvoice.issue.payment import asked_for
    from hub.einvoice.issue.payment import payment as landed

    buyer = entering.document(customer)
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        paid = landed(hub.database, tenant_id, payment)
        issued = issue_now(hub, tenant_id, asked_for(paid, buyer, _rate(vat), name=name, idempotency_key=once))
    show_document(issued.document, as_json=as_json)


def _rate(text: str) -> Decimal:
    try:
        rate = Decimal(text.replace(",", "."))
    except InvalidOperation:
        rate = Decimal(-1)
    if not rate.is_finite() or not 0 < rate <= 100:
        raise HubError("einvoice_vat_rate_wrong")
    return rate
