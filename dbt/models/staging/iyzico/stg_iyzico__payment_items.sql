-- Line items of payments in detail: what each is worth to the merchant, and when its money is released.
select
    landed.tenant_id,
    landed.payment_id,
    landed.payment_transaction_id as payment_item_id,
    coalesce(landed.paid_price, landed.price, 0) as amount,
    coalesce(landed.iyzi_commission_rate_amount, 0) as commission,
    coalesce(landed.iyzi_commission_fee, 0) as fee,
    coalesce(landed.merchant_payout_amount, 0) as payout_due,
    landed.blockage_resolved_date as released_at
from {{ landing_rows('iyzico', 'payment_items') }}
