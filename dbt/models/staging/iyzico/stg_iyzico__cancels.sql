-- Cancels as payments in detail tell them.
select
    landed.tenant_id,
    landed.refund_id,
    landed.payment_id,
    landed.created_date as given_back_at,
    coalesce(landed.refund_price, 0) as amount,
    landed.currency_code as currency,
    landed.refund_status
from {{ landing_rows('iyzico', 'cancels') }}
