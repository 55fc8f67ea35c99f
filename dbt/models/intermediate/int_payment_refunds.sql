-- Every refund and cancel once. The daily list lags behind payments in detail, and old payments are no longer read in
-- detail, so either may know what the other does not.
with listed as (
    select
        tenant_id,
        lower(transaction_type) as kind,
        transaction_id as refund_id,
        payment_id,
        payment_item_id,
        moved_at as given_back_at,
        amount,
        currency,
        coalesce(after_settlement, false) as after_payout
    from {{ ref('stg_iyzico__movements') }}
    where transaction_type = 'REFUND'
),

detailed as (
    select *
    from {{ ref('stg_iyzico__refunds') }}
    where coalesce(refund_status, 1) = 1
),

refunds as (
    select
        tenant_id,
        'refund' as kind,
        refund_id,
        coalesce(listed.payment_id, detailed.payment_id) as payment_id,
        coalesce(listed.payment_item_id, detailed.payment_item_id) as payment_item_id,
        coalesce(listed.given_back_at, detailed.given_back_at) as given_back_at,
        coalesce(listed.amount, detailed.amount) as amount,
        coalesce(listed.currency, detailed.currency) as currency,
        coalesce(listed.after_payout, detailed.after_payout) as after_payout,
        detailed.commission_back,
        case when detailed.refund_id is null then 'list' when listed.refund_id is null then 'detail' else 'both' end as told_by
    from listed
    full join detailed using (tenant_id, refund_id)
),

-- A payment is cancelled once and whole; the two reports number a cancel differently.
cancel_reports as (
    select
        tenant_id,
        transaction_id as refund_id,
        payment_id,
        moved_at as given_back_at,
        amount,
        currency,
        'list' as told_by
    from {{ ref('stg_iyzico__movements') }}
    where transaction_type = 'CANCEL'
    union all
    select tenant_id, refund_id, payment_id, given_back_at, amount, currency, 'detail' as told_by
    from {{ ref('stg_iyzico__cancels') }}
    where coalesce(refund_status, 1) = 1
),

cancels as (
    select distinct on (tenant_id, payment_id)
        tenant_id,
        'cancel' as kind,
        refund_id,
        payment_id,
        null::text as payment_item_id,
        given_back_at,
        amount,
        currency,
        false as after_payout,
        null::numeric as commission_back,
        case when count(*) over (partition by tenant_id, payment_id) > 1 then 'both' else told_by end as told_by
    from cancel_reports
    order by tenant_id, payment_id, told_by desc, refund_id
)

select * from refunds
union all
select * from cancels
