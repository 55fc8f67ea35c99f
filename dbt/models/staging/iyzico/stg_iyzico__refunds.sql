-- Refunds as payments in detail tell them.
select
    landed.tenant_id,
    landed.refund_tx_id as refund_id,
    landed.payment_id,
    landed.payment_transaction_id as payment_item_id,
    landed.created_date as given_back_at,
    coalesce(landed.refund_price, 0) as amount,
    landed.currency_code as currency,
    landed.iyzi_commission_rate_amount as commission_back,
    landed.refund_status,
    coalesce(landed.is_after_settlement, false) as after_payout
from {{ landing_rows('iyzico', 'refunds') }}
