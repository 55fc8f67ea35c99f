-- A payout names a line item; the payment it belongs to is known from the daily list or from payments in detail.
with items as (
    select tenant_id, payment_item_id, min(payment_id) as payment_id
    from (
        select tenant_id, payment_item_id, payment_id
        from {{ ref('stg_iyzico__movements') }}
        where transaction_type = 'PAYMENT'
        union all
        select tenant_id, payment_item_id, payment_id
        from {{ ref('stg_iyzico__payment_items') }}
    ) as known
    group by tenant_id, payment_item_id
)

select
    payouts.tenant_id,
    'iyzico' as provider,
    payouts.payment_item_id,
    payouts.payout_type,
    payouts.paid_out_on,
    items.payment_id,
    payouts.amount,
    payouts.currency,
    items.payment_id is not null as matched
from {{ ref('stg_iyzico__payouts') }} as payouts
left join items using (tenant_id, payment_item_id)
