-- A payment counts on the day it was made, whatever happens to it later, so that a day can be settled once and for all.
-- `received` alone is the day's own: what reached the bank account on it.
with payment_days as (
    select
        tenant_id,
        paid_on as day,
        currency,
        count(*) as payments,
        sum(amount) as gross,
        sum(refunded + cancelled) as refunds,
        sum(commission) as commission
    from {{ ref('payments') }}
    where status <> 'rejected' and tenant_id in (select model_batch.tenant_id from model_batch)
    group by tenant_id, paid_on, currency
),

payout_days as (
    select
        tenant_id,
        paid_on as day,
        payout_currency as currency,
        sum(expected_payout) as expected_payout,
        sum(paid_out) as paid_out,
        sum(awaiting_payout) as awaiting_payout,
        sum(difference) as difference
    from {{ ref('payments') }}
    where tenant_id in (select model_batch.tenant_id from model_batch)
    group by tenant_id, paid_on, payout_currency
),

received_days as (
    select tenant_id, paid_out_on as day, currency, sum(amount) as received
    from {{ ref('payouts') }}
    where tenant_id in (select model_batch.tenant_id from model_batch)
    group by tenant_id, paid_out_on, currency
)

select
    tenant_id,
    day,
    currency,
    coalesce(payments, 0) as payments,
    coalesce(gross, 0) as gross,
    coalesce(refunds, 0) as refunds,
    coalesce(commission, 0) as commission,
    coalesce(expected_payout, 0) as expected_payout,
    coalesce(paid_out, 0) as paid_out,
    coalesce(awaiting_payout, 0) as awaiting_payout,
    coalesce(difference, 0) as difference,
    coalesce(received, 0) as received
from payment_days
full join payout_days using (tenant_id, day, currency)
full join received_days using (tenant_id, day, currency)
