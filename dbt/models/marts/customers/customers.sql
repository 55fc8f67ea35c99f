select
    tenant_id,
    customer_id,
    split_part(customer_id, '_', 1) as identified_by,
    array_agg(distinct provider order by provider) as providers,
    count(distinct provider) as provider_count,
    count(distinct phone) as phones,
    count(distinct email) as emails,
    count(distinct record_id) filter (where source = 'iyzico.subscriptions') as subscriptions,
    count(distinct record_id) filter (where source = 'iyzico.payments') as payments,
    count(distinct record_id) filter (where source = 'bulutfon.calls') as calls,
    min(seen_at) as first_seen_at,
    {{ istanbul_day('min(seen_at)') }} as first_seen_on,
    max(seen_at) as last_seen_at,
    {{ istanbul_day('max(seen_at)') }} as last_seen_on
from {{ ref('int_customer_records') }}
where customer_id is not null
group by tenant_id, customer_id
