"""The daily list of movements: payments by line item, refunds and cancels."""

from __future__ import annotations

from datetime import timedelta

from connectors.contract import Belonging, Days, Stream
from connectors.fields import RecordMap, field
from connectors.iyzico.settings import TRAILING_DAYS

CURRENCIES = ("TRY", "USD", "EUR", "GBP", "NOK", "CHF")

RECORD = RecordMap(
    (
        field(
            "transactionType",
            "text",
            "What moved: PAYMENT, CANCEL or REFUND",
            required=True,
            allowed=("PAYMENT", "CANCEL", "REFUND"),
        ),
        field("transactionId", "text", "iyzico's id of this movement", required=True),
        field("transactionDate", "timestamp", "When it happened (given in Istanbul time)", required=True),
        field("transactionStatus", "int", "0 in review, -1 rejected, 1 or 2 approved", minimum=-1, maximum=2),
        field("afterSettlement", "bool", "Whether a refund happened after the payout"),
        field("paymentTxId", "text", "The payment's line item"),
        field("paymentId", "text", "The payment"),
        field("conversationId", "text", "The merchant's reference for the request; merchants type what they like"),
        field("basketId", "text", "The merchant's basket or order number; merchants type what they like"),
        field("paymentPhase", "text", "Phase of the payment, for example AUTH"),
        field("price", "decimal", "Amount of the line item before instalment charges", minimum=0),
        field("paidPrice", "decimal", "Amount that the card was charged or given back", minimum=0),
        field("transactionCurrency", "text", "Currency of the movement", allowed=CURRENCIES),
        field("settlementCurrency", "text", "Currency of the payout", allowed=CURRENCIES),
        field("installment", "int", "Number of instalments", minimum=1),
        field("threeDS", "bool", "Whether the card holder confirmed by 3-D Secure"),
        field("iyzicoCommission", "decimal", "Commission taken by iyzico (PAYMENT)"),
        field("iyzicoFee", "decimal", "Fixed fee taken by iyzico (PAYMENT)"),
        field("parity", "decimal", "Exchange rate applied"),
        field("iyzicoConversionAmount", "decimal", "Cost of the currency conversion"),
        field("merchantPayoutAmount", "decimal", "Amount due to the merchant (PAYMENT)"),
        field("subMerchantPayoutAmount", "decimal", "Amount due to the sub-merchant of a marketplace"),
        field("subMerchantKey", "text", "Sub-merchant of a marketplace"),
        field("connectorType", "text", "Kind of point of sale behind the payment"),
        field("posOrderId", "text", "Order number at the point of sale"),
        field("posName", "text", "Name of the point of sale"),
        field("authCode", "text", "The bank's authorisation code"),
        field("hostReference", "text", "The bank's reference"),
    )
)

STREAM = Stream(
    name="transactions",
    title="iyzico movements",
    description="Payments by line item, refunds and cancels as iyzico's daily report lists them.",
    columns=RECORD.columns,
    key=("transaction_type", "transaction_id"),
    plan=Days(trailing=TRAILING_DAYS),
    fresh_within=timedelta(hours=24),
    belongs_to=(Belonging("payment_details", ("payment_id",), ("payment_id",)),),
)
