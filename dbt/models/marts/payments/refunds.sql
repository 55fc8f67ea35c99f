select
    tenant_id,
    'iyzico' as provider,
    kind,
    refund_id,
    payment_id,
    payment_item_id,
    given_back_at,
    {{ istanbul_day('given_back_at') }} as given_back_on,
    amount,
    currency,
    after_payout,
    told_by
from {{ ref('int_payment_refunds') }}
