-- Payments in detail: the card's family, and iyzico's own view of refunds.
select
    landed.tenant_id,
    landed.payment_id,
    landed.created_date as created_at,
    landed.payment_status,
    landed.payment_refund_status as refund_status,
    coalesce(landed.paid_price, landed.price, 0) as amount,
    landed.currency,
    landed.installment as installments,
    landed.three_ds,
    landed.card_type,
    landed.card_association
from {{ landing_rows('iyzico', 'payment_details') }}
