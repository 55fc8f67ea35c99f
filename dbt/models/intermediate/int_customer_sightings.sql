-- Every record that names a customer of the tenant, under pseudonyms alone. A pseudonym is the same for one value
-- wherever it came from, so further providers join by adding their records here (calls by phone, reports by tckn).
with subscriptions as (
    select
        tenant_id,
        subscriptions.subscription_id,
        customers.tckn,
        coalesce(subscriptions.phone, customers.phone) as phone,
        coalesce(subscriptions.email, customers.email) as email,
        coalesce(subscriptions.created_at, subscriptions.seen_at) as created_at
    from {{ ref('stg_iyzico__subscriptions') }} as subscriptions
    left join {{ ref('stg_iyzico__subscription_customers') }} as customers using (tenant_id, customer_reference)
)

select
    tenant_id,
    'iyzico' as provider,
    'iyzico.subscriptions' as source,
    subscription_id as record_id,
    tckn,
    phone,
    email,
    created_at as seen_at
from subscriptions

union all

select
    tenant_id,
    'iyzico' as provider,
    'iyzico.customers' as source,
    customer_reference as record_id,
    tckn,
    phone,
    email,
    created_at as seen_at
from {{ ref('stg_iyzico__subscription_customers') }}

union all

-- A payment itself names nobody; one that paid for a subscription's period is its customer's.
select
    attempts.tenant_id,
    'iyzico' as provider,
    'iyzico.payments' as source,
    attempts.payment_id as record_id,
    subscriptions.tckn,
    subscriptions.phone,
    subscriptions.email,
    coalesce(attempts.tried_at, subscriptions.created_at) as seen_at
from {{ ref('stg_iyzico__subscription_attempts') }} as attempts
inner join subscriptions using (tenant_id, subscription_id)
where attempts.succeeded and attempts.payment_id is not null

union all

-- Report files do name the buyer of a payment.
select
    tenant_id,
    'iyzico' as provider,
    'iyzico.payments' as source,
    payment_id as record_id,
    null::text as tckn,
    min(phone) as phone,
    min(email) as email,
    min(coalesce(moved_at, report_date::timestamp at time zone 'Europe/Istanbul')) as seen_at
from {{ ref('stg_iyzico__settlement_files') }}
where payment_id is not null and (phone is not null or email is not null)
group by tenant_id, payment_id

union all

-- Whoever is on the line outside. Calls between extensions have nobody there; a withheld number stays unidentified.
select
    tenant_id,
    'bulutfon' as provider,
    'bulutfon.calls' as source,
    call_id as record_id,
    null::text as tckn,
    phone,
    null::text as email,
    began_at as seen_at
from {{ ref('stg_bulutfon__calls') }}
where direction <> 'LOCAL'
