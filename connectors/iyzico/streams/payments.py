"""One row per payment, with its line items, the refunds of those, and its cancels as children."""

from __future__ import annotations

from connectors.contract import Belonging, Days, Stream
from connectors.fields import RecordMap, field, snake_case
from connectors.iyzico.settings import SLOW_STREAMS_EVERY, TRAILING_DAYS
from connectors.iyzico.streams.transactions import CURRENCIES

PAYMENT = RecordMap(
    (
        field("paymentId", "text", "The payment", required=True),
        field("paymentStatus", "int", "1 success; 2, 3 and above are stages of a payment that did not (yet) succeed"),
        field(
            "paymentRefundStatus",
            "text",
            "How much was given back",
            allowed=("NOT_REFUNDED", "PARTIALLY_REFUNDED", "TOTALLY_REFUNDED"),
        ),
        field("price", "decimal", "Sum of the basket before instalment charges", minimum=0),
        field("paidPrice", "decimal", "Amount that the card was charged", minimum=0),
        field("installment", "int", "Number of instalments", minimum=1),
        field("merchantCommissionRate", "decimal", "Instalment charge that the merchant passed on, in per cent"),
        field("merchantCommissionRateAmount", "decimal", "The same as an amount"),
        field("iyziCommissionRateAmount", "decimal", "Commission taken by iyzico"),
        field("iyziCommissionFee", "decimal", "Fixed fee taken by iyzico"),
        field(
            "paymentConversationId", "text", "The merchant's reference for the request; merchants type what they like"
        ),
        field("fraudStatus", "int", "1 accepted, 0 under review, -1 rejected", minimum=-1, maximum=1),
        field("cardType", "text", "Credit, debit or prepaid card"),
        field("cardAssociation", "text", "Scheme of the card"),
        field("cardFamily", "text", "The bank's card programme"),
        field("binNumber", "text", "First six or eight digits of the card: they name its bank"),
        field("lastFourDigits", "text", "Last four digits of the card"),
        field("basketId", "text", "The merchant's basket or order number; merchants type what they like"),
        field("currency", "text", "Currency of the payment", allowed=CURRENCIES),
        field("connectorName", "text", "Point of sale behind the payment"),
        field("authCode", "text", "The bank's authorisation code"),
        field("threeDS", "bool", "Whether the card holder confirmed by 3-D Secure"),
        field("phase", "text", "Phase of the payment, for example AUTH"),
        field("acquirerBankName", "text", "Bank that took the payment"),
        field("mdStatus", "text", "Result of 3-D Secure at the card's bank"),
        field("hostReference", "text", "The bank's reference"),
        field("createdDate", "timestamp", "When the payment was made"),
        field("updatedDate", "timestamp", "When iyzico last changed it"),
        field("orderId", "text", "Order number at the point of sale"),
    )
)

CONVERTED = "convertedPayout"
_CONVERTED_AMOUNTS = (
    ("paidPrice", "Amount charged for the item"),
    ("iyziCommissionRateAmount", "Commission taken by iyzico"),
    ("iyziCommissionFee", "Fixed fee taken by iyzico"),
    ("blockageRateAmountMerchant", "Amount held back from the merchant"),
    ("blockageRateAmountSubMerchant", "Amount held back from the sub-merchant"),
    ("subMerchantPayoutAmount", "Amount due to the sub-merchant"),
    ("merchantPayoutAmount", "Amount due to the merchant"),
    ("iyziConversionRate", "Exchange rate"),
    ("iyziConversionRateAmount", "Cost of the conversion"),
)

ITEM = RecordMap(
    (
        field(None, "text", "The payment that the item belongs to", name="payment_id", required=True),
        field("paymentTransactionId", "text", "The line item", required=True),
        field("itemId", "text", "The merchant's number of what was sold"),
        field("transactionStatus", "int", "0 in review, -1 rejected, 1 or 2 approved", minimum=-1, maximum=2),
        field("price", "decimal", "Amount of the item before instalment charges", minimum=0),
        field("paidPrice", "decimal", "Amount charged for the item", minimum=0),
        field("merchantCommissionRate", "decimal", "Instalment charge passed on, in per cent"),
        field("merchantCommissionRateAmount", "decimal", "The same as an amount"),
        field("iyziCommissionRateAmount", "decimal", "Commission taken by iyzico"),
        field("iyziCommissionFee", "decimal", "Fixed fee taken by iyzico"),
        field("blockageRate", "decimal", "Share held back, in per cent"),
        field("blockageRateAmountMerchant", "decimal", "Amount held back from the merchant"),
        field("blockageRateAmountSubMerchant", "decimal", "Amount held back from the sub-merchant"),
        field("blockageResolvedDate", "timestamp", "When what is held back is released (given in Istanbul time)"),
        field("subMerchantKey", "text", "Sub-merchant of a marketplace"),
        field("subMerchantPrice", "decimal", "The sub-merchant's share of the price"),
        field("subMerchantPayoutRate", "decimal", "The sub-merchant's share, in per cent"),
        field("subMerchantPayoutAmount", "decimal", "Amount due to the sub-merchant"),
        field("merchantPayoutAmount", "decimal", "Amount due to the merchant"),
        *(
            field(f"{CONVERTED}.{wire}", "decimal", f"{text}, converted", name=f"converted_{snake_case(wire)}")
            for wire, text in _CONVERTED_AMOUNTS
        ),
        field(f"{CONVERTED}.currency", "text", "Currency of the converted amounts", name="converted_currency"),
    )
)

REFUND = RecordMap(
    (
        field(None, "text", "The payment", name="payment_id", required=True),
        field(None, "text", "The line item that was refunded", name="payment_transaction_id", required=True),
        field("refundTxId", "text", "iyzico's id of the refund", required=True),
        field("refundConversationId", "text", "The merchant's reference; merchants type reasons into it"),
        field("refundPrice", "decimal", "Amount given back", minimum=0),
        field("refundStatus", "int", "1 when the money went back"),
        field("isAfterSettlement", "bool", "Whether the refund came after the payout"),
        field("createdDate", "timestamp", "When it was made"),
        field("currencyCode", "text", "Currency of the refund", allowed=CURRENCIES),
        field("authCode", "text", "The bank's authorisation code"),
        field("hostReference", "text", "The bank's reference"),
        field("iyziCommissionRateAmount", "decimal", "Commission given back"),
        field("errorCode", "text", "iyzico's code when the refund failed"),
        field("errorGroup", "text", "Group of that code"),
        field("errorMessage", "text", "What iyzico said of it"),
    )
)

CANCEL = RecordMap(
    (
        field(None, "text", "The payment that was cancelled", name="payment_id", required=True),
        field("refundId", "text", "iyzico's id of the cancel", required=True),
        field("cancelConversationId", "text", "The merchant's reference; merchants type reasons into it"),
        field("refundPrice", "decimal", "Amount given back", minimum=0),
        field("refundStatus", "int", "1 when the money went back"),
        field("isAfterSettlement", "bool", "Whether the cancel came after the payout"),
        field("createdDate", "timestamp", "When it was made"),
        field("currencyCode", "text", "Currency of the cancel", allowed=CURRENCIES),
        field("authCode", "text", "The bank's authorisation code"),
        field("hostReference", "text", "The bank's reference"),
        field("errorCode", "text", "iyzico's code when the cancel failed"),
        field("errorGroup", "text", "Group of that code"),
        field("errorMessage", "text", "What iyzico said of it"),
    )
)

_PLAN = Days(trailing=TRAILING_DAYS)

PAYMENTS = Stream(
    name="payment_details",
    title="iyzico payments",
    description="Payments that moved in a window, with card, commission and state of refund.",
    columns=PAYMENT.columns,
    key=("payment_id",),
    plan=_PLAN,
    every=SLOW_STREAMS_EVERY,
    belongs_to=(
        Belonging("subscription_attempts", ("payment_id",), ("payment_id",)),
        Belonging("settlement_files", ("payment_id",), ("payment_gid",)),
    ),
)
ITEMS = Stream(
    name="payment_items",
    title="iyzico line items",
    description="What each payment was for, with commission, blockage and payout by item.",
    columns=ITEM.columns,
    key=("payment_transaction_id",),
    plan=_PLAN,
    parent=PAYMENTS.name,
    belongs_to=(Belonging(PAYMENTS.name, ("payment_id",), ("payment_id",)),),
)
REFUNDS = Stream(
    name="refunds",
    title="iyzico refunds",
    description="Money given back for a line item.",
    columns=REFUND.columns,
    key=("refund_tx_id",),
    plan=_PLAN,
    parent=PAYMENTS.name,
    belongs_to=(Belonging(PAYMENTS.name, ("payment_id",), ("payment_id",)),),
)
CANCELS = Stream(
    name="cancels",
    title="iyzico cancels",
    description="Payments voided before the bank's end of day.",
    columns=CANCEL.columns,
    key=("payment_id", "refund_id"),
    plan=_PLAN,
    parent=PAYMENTS.name,
    belongs_to=(Belonging(PAYMENTS.name, ("payment_id",), ("payment_id",)),),
)
