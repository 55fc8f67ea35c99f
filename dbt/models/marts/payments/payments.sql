with listed as (
    select
        tenant_id,
        payment_id,
        min(moved_at) as paid_at,
        min(currency) as currency,
        min(payout_currency) as payout_currency,
        max(installments) as installments,
        bool_or(three_ds) as three_ds,
        sum(amount) as amount,
        bool_and(transaction_status = -1) as rejected
    from {{ ref('stg_iyzico__movements') }}
    where transaction_type = 'PAYMENT'
    group by tenant_id, payment_id
),

items as (
    select
        tenant_id,
        payment_id,
        sum(commission) as commission,
        sum(expected_payout) as expected_payout,
        count(*) filter (where expected_payout > 0) as items_due,
        count(*) as items,
        max(released_at) as released_at
    from {{ ref('int_payment_items') }}
    group by tenant_id, payment_id
),

given_back as (
    select
        tenant_id,
        payment_id,
        coalesce(sum(amount) filter (where kind = 'refund'), 0) as refunded,
        coalesce(sum(amount) filter (where kind = 'cancel'), 0) as cancelled,
        count(*) filter (where kind = 'refund') as refunds,
        bool_or(kind = 'cancel') as is_cancelled,
        max(given_back_at) as last_given_back_at
    from {{ ref('int_payment_refunds') }}
    group by tenant_id, payment_id
),

paid_out as (
    select
        tenant_id,
        payment_id,
        sum(amount) as paid_out,
        count(distinct payment_item_id) as items_paid_out,
        max(paid_out_on) as last_paid_out_on
    from {{ ref('payouts') }}
    where matched and tenant_id in (select model_batch.tenant_id from model_batch)
    group by tenant_id, payment_id
),

-- The daily list is the ledger; payments in detail fill in what it does not have yet, and what it never has.
known as (
    select
        tenant_id,
        payment_id,
        coalesce(listed.paid_at, detailed.created_at) as paid_at,
        coalesce(listed.currency, detailed.currency) as currency,
        coalesce(listed.payout_currency, detailed.currency) as payout_currency,
        coalesce(listed.installments, detailed.installments) as installments,
        coalesce(listed.three_ds, detailed.three_ds) as three_ds,
        detailed.card_type,
        detailed.card_association,
        coalesce(listed.amount, detailed.amount, 0) as amount,
        coalesce(items.commission, 0) as commission,
        coalesce(items.expected_payout, 0) as payout_due,
        coalesce(items.items, 0) as items,
        coalesce(items.items_due, 0) as items_due,
        coalesce(listed.rejected, detailed.payment_status <> 1, false) as rejected,
        items.released_at
    from listed
    full join {{ ref('stg_iyzico__payments') }} as detailed using (tenant_id, payment_id)
    left join items using (tenant_id, payment_id)
),

expected as (
    select
        known.*,
        coalesce(given_back.refunds, 0) as refunds,
        coalesce(given_back.refunded, 0) as refunded,
        coalesce(given_back.cancelled, 0) as cancelled,
        given_back.last_given_back_at,
        coalesce(paid_out.paid_out, 0) as paid_out,
        coalesce(paid_out.items_paid_out, 0) as items_paid_out,
        paid_out.last_paid_out_on,
        case
            when known.rejected or coalesce(given_back.is_cancelled, false) then 0
            else known.payout_due
        end as expected_payout
    from known
    left join given_back using (tenant_id, payment_id)
    left join paid_out using (tenant_id, payment_id)
),

judged as (
    select
        *,
        case
            when rejected and paid_out = 0 then 'rejected'
            when refunded + cancelled > amount then 'mismatch'
            when expected_payout > 0 and items_paid_out < items_due and paid_out < expected_payout then 'awaiting_payout'
            when abs(paid_out - expected_payout) > {{ var('payout_tolerance') }} * (items + refunds) then 'mismatch'
            when refunded + cancelled = amount then 'refunded'
            else 'settled'
        end as status
    from expected
)

select
    tenant_id,
    'iyzico' as provider,
    payment_id,
    paid_at,
    {{ istanbul_day('paid_at') }} as paid_on,
    currency,
    payout_currency,
    installments,
    three_ds,
    card_type,
    card_association,
    items,
    amount,
    refunds,
    refunded,
    cancelled,
    last_given_back_at,
    {{ istanbul_day('last_given_back_at') }} as last_given_back_on,
    commission,
    expected_payout,
    paid_out,
    case when status = 'awaiting_payout' then expected_payout - paid_out else 0 end as awaiting_payout,
    case when status = 'awaiting_payout' then 0 else paid_out - expected_payout end as difference,
    status,
    {{ istanbul_day('released_at') }} as payout_due_on,
    last_paid_out_on
from judged
