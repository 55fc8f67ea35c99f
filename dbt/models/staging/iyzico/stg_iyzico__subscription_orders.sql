-- Periods of subscriptions that are paid for.
select
    landed.tenant_id,
    landed.subscription_reference_code as subscription_id,
    landed.reference_code as order_id,
    landed.order_status,
    coalesce(landed.price, 0) as amount,
    landed.currency_code as currency,
    landed.start_period as starts_at,
    landed.end_period as ends_at
from {{ landing_rows('iyzico', 'subscription_orders') }}
