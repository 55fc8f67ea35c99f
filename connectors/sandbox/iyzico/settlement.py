"""The daily report files that iyzico leaves on its SFTP server."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.sandbox.chance import number
from connectors.sandbox.iyzico.desk import Desk
from connectors.sandbox.iyzico.payouts import paid_out
from connectors.sandbox.iyzico.transactions import FEE, commission, local_time, money, payout

if TYPE_CHECKING:
    from connectors.sandbox.iyzico.ledger import Payment
    from connectors.sandbox.world import World

_NAME = re.compile(r"(transaction|cutoff|settlement)-(\d+)-(\d{8})\.csv")
# fmt: off
_COLUMNS = (
    "transactionDate", "transactionType", "transactionStatus", "afterSettlement", "paymentTxId", "conversationId",
    "basketId", "paymentIP", "paymentGid", "price", "paidPrice", "installment", "binNumber", "cardFamily",
    "cardAssoc", "cardType", "isThreeD", "buyerId", "buyerName", "buyerSurname", "buyerEmail", "buyerPhone",
    "paymentTxOwner", "iyziCommissionRate", "iyziCommissionRateAmount", "iyziCommissionFee", "paidPriceTRY",
    "settlementPriceTRY", "owner", "settlementCurrency", "merchantPayoutAmount",
)
# fmt: on
_SETTLED_COLUMNS = ("settlementReferenceCode", "settlementResolveDate")


def merchant_number(world: World, company_id: str) -> str:
    """The MID in the files' names."""
    return str(3_000_000 + number(world.seed, company_id, "merchant") % 1_000_000)


def settlement_file(world: World, company_id: str, name: str) -> str | None:
    """The content of a report by its file name; None if there is no such report (yet)."""
    named = _NAME.fullmatch(name)
    if named is None or named[2] != merchant_number(world, company_id):
        return None
    day = datetime.strptime(named[3], "%Y%m%d").date()  # noqa: DTZ007 - a calendar day
    if day < world.first_day or day >= world.clock.now().date():
        return None  # a day's report is written when the day is over
    return _text(Desk.of(world), company_id, named[1], day)


def drop_settlement_files(world: World, company_id: str, directory: Path, *, days: int = 3) -> list[Path]:
    """Write the reports of the last `days` days as an SFTP client would; the files written."""
    written: list[Path] = []
    today = world.clock.now().date()
    for back in range(days, 0, -1):
        for report in ("transaction", "settlement"):
            name = f"{report}-{merchant_number(world, company_id)}-{today - timedelta(days=back):%Y%m%d}.csv"
            content = settlement_file(world, company_id, name)
            if content is not None:
                path = directory / report / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding="utf-8")
                written.append(path)
    return written


def _text(desk: Desk, company_id: str, report: str, day: date) -> str:
    settled = report == "settlement"
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*_COLUMNS, *(_SETTLED_COLUMNS if settled else ())])
    total = 0
    if settled:
        for payment, item, amount in paid_out(desk, company_id, day):
            reference = f"STL{day:%Y%m%d}{payment.payment_id % 1000:03d}"
            writer.writerow([*_row(desk, company_id, payment, item, amount), reference, f"{day} 10:00:00"])
            total += amount
    else:
        for payment in desk.payments(company_id, day):
            for item in range(len(payment.amounts)):
                writer.writerow(_row(desk, company_id, payment, item, payout(payment.amounts[item])))
    writer.writerow([])
    writer.writerow(["totalMerchantPayoutAmount", money(total)])
    return out.getvalue()


def _row(desk: Desk, company_id: str, payment: Payment, item: int, paid: int) -> list[object]:
    buyer = desk.world.company(company_id).customer(payment.buyer)
    amount = payment.amounts[item]
    bin_number, association, family, _ = payment.card
    return [
        local_time(payment.at),
        "PAYMENT",
        "SUCCESS",
        0,
        payment.item_id(item),
        payment.conversation_id,
        payment.basket_id,
        f"198.51.100.{payment.payment_id % 250 + 1}",
        payment.payment_id,
        money(amount),
        money(amount),
        payment.installment,
        bin_number,
        family,
        association,
        "CREDIT_CARD",
        int(payment.three_ds),
        f"M-{payment.buyer:04d}",
        buyer.given_name,
        buyer.surname,
        buyer.email,
        buyer.phone,
        "MERCHANT",
        "2.89",
        money(commission(amount)),
        money(FEE),
        money(amount),
        money(paid),
        "MERCHANT",
        "TRY",
        money(paid),
    ]
