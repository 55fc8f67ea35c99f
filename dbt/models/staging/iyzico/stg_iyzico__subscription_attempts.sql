-- Tries to charge a card for a subscription's period, with the payment that came of them.
select
    landed.tenant_id,
    landed.subscription_reference_code as subscription_id,
    landed.order_reference_code as order_id,
    landed.attempt_id,
    landed.payment_status = 'SUCCESS' as succeeded,
    landed.payment_id,
    landed.created_date as tried_at
from {{ landing_rows('iyzico', 'subscription_attempts') }}
