-- What each line item should bring the merchant. Worked out by item, since a payout names one.
-- The daily list is the ledger; payments in detail fill in what it does not have yet.
with listed as (
    select
        tenant_id,
        payment_item_id,
        min(payment_id) as payment_id,
        sum(amount) as amount,
        sum(commission) as commission,
        sum(fee) as fee,
        sum(payout_due) as payout_due,
        max(case when currency = payout_currency then 1 else parity end) as rate
    from {{ ref('stg_iyzico__movements') }}
    where transaction_type = 'PAYMENT'
    group by tenant_id, payment_item_id
),

items as (
    select
        tenant_id,
        payment_item_id,
        coalesce(listed.payment_id, detailed.payment_id) as payment_id,
        coalesce(listed.amount, detailed.amount) as amount,
        coalesce(listed.commission, detailed.commission) as commission,
        coalesce(listed.fee, detailed.fee) as fee,
        coalesce(listed.payout_due, detailed.payout_due) as payout_due,
        coalesce(listed.rate, 1) as rate,
        detailed.released_at
    from listed
    full join {{ ref('stg_iyzico__payment_items') }} as detailed using (tenant_id, payment_item_id)
),

-- A refund before the payout is taken from it, less the commission that iyzico gives back: as told, or else in proportion.
taken as (
    select
        refunds.tenant_id,
        refunds.payment_item_id,
        sum(
            refunds.amount
            - coalesce(refunds.commission_back, round(refunds.amount * items.commission / nullif(items.amount, 0), 2), 0)
        ) as amount
    from {{ ref('int_payment_refunds') }} as refunds
    inner join items using (tenant_id, payment_item_id)
    where refunds.kind = 'refund' and not refunds.after_payout
    group by refunds.tenant_id, refunds.payment_item_id
)

select
    items.tenant_id,
    items.payment_item_id,
    items.payment_id,
    items.amount,
    items.commission + items.fee as commission,
    items.released_at,
    greatest(items.payout_due - coalesce(taken.amount, 0) * items.rate, 0) as expected_payout
from items
left join taken using (tenant_id, payment_item_id)
