-- A payout names a line item; the payment it belongs to is known from the daily list or from payments in detail.
-- The API tells payouts of marketplaces, report files those of every merchant: where both tell an item's, the API's counts.
with from_api as (
    select tenant_id, payment_item_id, payout_type, paid_out_on, amount, currency
    from {{ ref('stg_iyzico__payouts') }}
),

from_files as (
    select
        tenant_id,
        payment_item_id,
        'MERCHANT_PAYOUT' as payout_type,
        settled_on as paid_out_on,
        sum(payout_due) as amount,
        min(payout_currency) as currency
    from {{ ref('stg_iyzico__settlement_files') }}
    where report = 'settlement'
        and settled
        and payment_item_id is not null
        and coalesce(transaction_type, 'PAYMENT') not in ('REFUND', 'CANCEL')
    group by tenant_id, payment_item_id, settled_on
),

told as (
    select *, 'api' as told_by from from_api
    union all
    select *, 'file' as told_by
    from from_files
    where not exists (
        select from from_api
        where from_api.tenant_id = from_files.tenant_id and from_api.payment_item_id = from_files.payment_item_id
    )
)

select
    told.tenant_id,
    'iyzico' as provider,
    told.payment_item_id,
    told.payout_type,
    told.paid_out_on,
    items.payment_id,
    told.amount,
    told.currency,
    items.payment_id is not null as matched,
    told.told_by
from told
left join {{ ref('int_payment_items') }} as items using (tenant_id, payment_item_id)
