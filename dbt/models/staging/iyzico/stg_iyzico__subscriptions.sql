-- Subscriptions, with the pseudonyms under which their customers are known.
select
    landed.tenant_id,
    landed.reference_code as subscription_id,
    landed.customer_reference_code as customer_reference,
    landed.customer_email as email,
    landed.customer_gsm_number as phone,
    landed.subscription_status,
    landed.created_date as created_at,
    landed._loaded_at as seen_at
from {{ landing_rows('iyzico', 'subscriptions') }}
