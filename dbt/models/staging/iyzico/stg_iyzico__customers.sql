-- Subscription customers, under pseudonyms.
select
    landed.tenant_id,
    landed.reference_code as customer_reference,
    landed.identity_number as tckn,
    landed.gsm_number as phone,
    landed.email,
    landed.created_date as created_at
from {{ landing_rows('iyzico', 'customers') }}
