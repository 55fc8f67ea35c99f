-- Credit accounts of reports.
select
    landed.tenant_id,
    landed.reference_no as report_id,
    landed.seq,
    landed.credit_type,
    coalesce(landed.currency, 'TRY') as currency,
    landed.opened_on,
    landed.closed_on,
    coalesce(landed.limit_or_amount, 0) as limit_or_amount,
    coalesce(landed.balance, 0) as balance,
    coalesce(landed.overdue_balance, 0) as overdue
from {{ landing_rows('findeks', 'accounts') }}
