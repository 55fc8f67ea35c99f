-- The daily list, one row a movement: PAYMENT by line item, REFUND and CANCEL.
select
    landed.tenant_id,
    landed.transaction_type,
    landed.transaction_id,
    landed.payment_id,
    coalesce(landed.payment_tx_id, case when landed.transaction_type = 'PAYMENT' then landed.transaction_id end) as payment_item_id,
    landed.transaction_date as moved_at,
    landed.transaction_status,
    landed.after_settlement,
    coalesce(landed.paid_price, landed.price, 0) as amount,
    landed.transaction_currency as currency,
    coalesce(landed.settlement_currency, landed.transaction_currency) as payout_currency,
    coalesce(landed.parity, 1) as parity,
    landed.installment as installments,
    landed.three_ds,
    coalesce(landed.iyzico_commission, 0) as commission,
    coalesce(landed.iyzico_fee, 0) as fee,
    coalesce(landed.merchant_payout_amount, 0) as payout_due
from {{ landing_rows('iyzico', 'transactions') }}
  and landed.payment_id is not null
