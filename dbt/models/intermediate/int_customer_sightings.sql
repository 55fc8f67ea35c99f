-- Every record that names a customer of the tenant, under pseudonyms alone. A pseudonym is the same for one value
-- wherever it came from, so further providers join by adding their records here (calls by phone, reports by tckn).
select
    tenant_id,
    'iyzico' as provider,
    'iyzico.subscriptions' as source,
    subscriptions.subscription_id as record_id,
    customers.tckn,
    coalesce(subscriptions.phone, customers.phone) as phone,
    coalesce(subscriptions.email, customers.email) as email,
    coalesce(subscriptions.created_at, subscriptions.seen_at) as seen_at
from {{ ref('stg_iyzico__subscriptions') }} as subscriptions
left join {{ ref('stg_iyzico__customers') }} as customers using (tenant_id, customer_reference)

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
from {{ ref('stg_iyzico__customers') }}

union all

-- A payment itself names nobody; one that paid for a subscription's period is its customer's.
select
    orders.tenant_id,
    'iyzico' as provider,
    'iyzico.payments' as source,
    orders.payment_id as record_id,
    customers.tckn,
    coalesce(subscriptions.phone, customers.phone) as phone,
    coalesce(subscriptions.email, customers.email) as email,
    min(movements.moved_at) as seen_at
from {{ ref('stg_iyzico__subscription_orders') }} as orders
inner join {{ ref('stg_iyzico__subscriptions') }} as subscriptions using (tenant_id, subscription_id)
left join {{ ref('stg_iyzico__customers') }} as customers using (tenant_id, customer_reference)
left join {{ ref('stg_iyzico__movements') }} as movements
    on movements.tenant_id = orders.tenant_id
    and movements.payment_id = orders.payment_id
    and movements.transaction_type = 'PAYMENT'
where orders.payment_id is not null
group by 1, 4, 5, 6, 7
