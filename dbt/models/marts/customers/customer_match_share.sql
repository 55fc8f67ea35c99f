-- How much of what each source holds can be told to belong to a person, and to a person another provider knows as well.
with records as (
    select tenant_id, provider, source, record_id, min(customer_id) as customer_id
    from {{ ref('int_customer_records') }}
    where source in ('iyzico.subscriptions', 'bulutfon.calls')
    group by tenant_id, provider, source, record_id

    union all

    -- All payments, not only those of subscriptions: iyzico's reporting names nobody.
    select
        payments.tenant_id,
        payments.provider,
        'iyzico.payments' as source,
        payments.payment_id as record_id,
        min(known.customer_id) as customer_id
    from {{ ref('payments') }} as payments
    left join {{ ref('int_customer_records') }} as known
        on known.tenant_id = payments.tenant_id
        and known.source = 'iyzico.payments'
        and known.record_id = payments.payment_id
    where payments.tenant_id in (select model_batch.tenant_id from model_batch)
    group by 1, 2, 3, 4
),

known_elsewhere as (
    select tenant_id, customer_id
    from {{ ref('int_customer_records') }}
    where customer_id is not null
    group by tenant_id, customer_id
    having count(distinct provider) > 1
)

select
    tenant_id,
    source,
    count(*) as records,
    count(records.customer_id) as identified,
    count(known_elsewhere.customer_id) as matched,
    count(*) - count(records.customer_id) as unidentified,
    count(*) - count(known_elsewhere.customer_id) as unmatched,
    round((count(*) - count(records.customer_id))::numeric / count(*), 4) as unidentified_share,
    round((count(*) - count(known_elsewhere.customer_id))::numeric / count(*), 4) as unmatched_share
from records
left join known_elsewhere using (tenant_id, customer_id)
group by tenant_id, source
