"""What iyzico paid out, by day."""

from __future__ import annotations

from connectors.contract import Belonging, Days, Stream
from connectors.fields import RecordMap, field
from connectors.iyzico.settings import SLOW_STREAMS_EVERY, TRAILING_DAYS
from connectors.iyzico.streams.transactions import CURRENCIES

RECORD = RecordMap(
    (
        field(None, "date", "Istanbul day of the payout", name="payout_date", required=True),
        field("paymentTransactionId", "text", "The line item that was paid out", required=True),
        field("payoutType", "text", "Who was paid, for example MERCHANT_PAYOUT", required=True),
        field("payoutAmount", "decimal", "Amount paid out"),
        field("subMerchantKey", "text", "Sub-merchant of a marketplace"),
        field("currency", "text", "Currency of the payout", allowed=CURRENCIES),
    )
)

STREAM = Stream(
    name="payouts",
    title="iyzico payouts",
    description="Line items whose money iyzico has transferred, by day of the transfer.",
    columns=RECORD.columns,
    key=("payout_date", "payment_transaction_id", "payout_type"),
    plan=Days(trailing=TRAILING_DAYS),
    every=SLOW_STREAMS_EVERY,
    belongs_to=(Belonging("payment_items", ("payment_transaction_id",), ("payment_transaction_id",)),),
)
