-- Subscription customers, under pseudonyms.
select
    landed.tenant_id,
    landed.reference_code as customer_reference,
    landed.identity_number as tckn,
    coalesce(landed.gsm_number, landed.contact_gsm_number) as phone,
    coalesce(landed.email, landed.contact_email) as email,
    landed.created_date as created_at
from {{ landing_rows('iyzico', 'subscription_customers') }}
