"""Rows of the daily reports that iyzico leaves on its SFTP server: they name the buyer, which the API does not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.contract import Days, Stream
from connectors.fields import RecordMap, field, to_decimal
from connectors.iyzico.settings import SLOW_STREAMS_EVERY, TRAILING_DAYS


def _amount(value: Any) -> Decimal:
    """A number with a point, or as Turkish spreadsheets write it: 1.234,56."""
    if isinstance(value, str) and "," in value:
        return to_decimal(value.replace(".", "").replace(",", "."))
    return to_decimal(value)


RECORD = RecordMap(
    (
        field(None, "text", "Kind of report: transaction, cutoff or settlement", name="report", required=True),
        field(None, "date", "Istanbul day of the report", name="report_date", required=True),
        field(None, "int", "Place of the row in the report", name="line", required=True),
        field(None, "text", "The merchant number in the file's name", name="merchant_id", required=True),
        field("transactionDate", "timestamp", "When it happened (given in Istanbul time)"),
        field("transactionType", "text", "What moved: PAYMENT, REFUND, CANCEL and phases of a payment"),
        field("transactionStatus", "text", "State of the movement"),
        field("afterSettlement", "bool", "Whether it happened after the payout"),
        field("paymentTxId", "text", "The payment's line item"),
        field("paymentGid", "text", "The payment"),
        field("conversationId", "text", "The merchant's reference for the request; merchants type what they like"),
        field("basketId", "text", "The merchant's basket or order number; merchants type what they like"),
        field("paymentIP", "text", "Internet address that paid"),
        field("price", "decimal", "Amount of the line item before instalment charges", convert=_amount),
        field("paidPrice", "decimal", "Amount that the card was charged or given back", convert=_amount),
        field("installment", "int", "Number of instalments"),
        field("binNumber", "text", "First digits of the card: they name its bank"),
        field("cardFamily", "text", "The bank's card programme"),
        field("cardAssoc", "text", "Scheme of the card"),
        field("cardType", "text", "Credit, debit or prepaid card"),
        field("isThreeD", "bool", "Whether the card holder confirmed by 3-D Secure"),
        field("buyerId", "text", "The merchant's number of the buyer"),
        field("buyerName", "text", "Given name of the buyer"),
        field("buyerSurname", "text", "Surname of the buyer"),
        field("buyerEmail", "text", "E-mail address of the buyer"),
        field("buyerPhone", "text", "Mobile number of the buyer"),
        field("paymentTxOwner", "text", "Owner of the line item"),
        field("owner", "text", "Owner of the payment"),
        field("iyziCommissionRate", "decimal", "Commission of iyzico, in per cent", convert=_amount),
        field("iyziCommissionRateAmount", "decimal", "The same as an amount", convert=_amount),
        field("iyziCommissionFee", "decimal", "Fixed fee taken by iyzico", convert=_amount),
        field("paidPriceTRY", "decimal", "Amount charged, in lira", convert=_amount),
        field("settlementPriceTRY", "decimal", "Amount paid out, in lira", convert=_amount),
        field("settlementCurrency", "text", "Currency of the payout"),
        field("merchantPayoutAmount", "decimal", "Amount due to the merchant", convert=_amount),
        field("settlementReferenceCode", "text", "iyzico's reference of the payout"),
        field("settlementResolveDate", "timestamp", "When the payout became due (given in Istanbul time)"),
    )
)

STREAM = Stream(
    name="settlement_files",
    title="iyzico report files",
    description="Rows of the daily transaction, cut-off and settlement reports, with the buyer's name and contact. "
    "Read where the integration's `settlement_directory` says that they arrive; without it there are none.",
    columns=RECORD.columns,
    # A company may have several merchant numbers, and each has a first line.
    key=("report", "report_date", "merchant_id", "line"),
    plan=Days(trailing=TRAILING_DAYS),
    every=SLOW_STREAMS_EVERY,
)
