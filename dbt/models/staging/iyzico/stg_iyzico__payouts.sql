-- Money that iyzico says it has paid out, by line item and day.
select
    landed.tenant_id,
    landed.payment_transaction_id as payment_item_id,
    landed.payout_type,
    landed.payout_date as paid_out_on,
    coalesce(landed.payout_amount, 0) as amount,
    landed.currency
from {{ landing_rows('iyzico', 'payouts') }}
