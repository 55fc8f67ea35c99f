-- Periods of subscriptions that were charged, with the payment that paid for each.
select
    landed.tenant_id,
    landed.subscription_reference_code as subscription_id,
    landed.reference_code as order_id,
    landed.payment_id
from {{ landing_rows('iyzico', 'subscription_orders') }}
