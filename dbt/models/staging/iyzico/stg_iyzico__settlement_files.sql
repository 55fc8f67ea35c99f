-- Rows of the daily report files: the only place where a payment names its buyer, and the only one that tells an ordinary
-- merchant's payouts. The same movement stands in up to three kinds of report.
select
    landed.tenant_id,
    landed.report,
    landed.report_date,
    landed.transaction_type,
    landed.payment_gid as payment_id,
    landed.payment_tx_id as payment_item_id,
    landed.transaction_date as moved_at,
    landed.buyer_email as email,
    landed.buyer_phone as phone,
    coalesce(landed.merchant_payout_amount, 0) as payout_due,
    coalesce(landed.settlement_currency, 'TRY') as payout_currency,
    landed.settlement_reference_code is not null as settled,
    coalesce({{ istanbul_day('landed.settlement_resolve_date') }}, landed.report_date) as settled_on
from {{ landing_rows('iyzico', 'settlement_files') }}
