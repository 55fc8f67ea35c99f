-- What the bureau last said of each customer or company, and what changed since the report before that.
with reports as (
    select * from {{ ref('stg_findeks__reports') }}
    -- Nobody is known to owe what an erased person's report tells.
    where subject is not null
),

-- A query that was refused or found nothing says something of itself and takes nothing from an earlier report.
ranked as (
    select
        *,
        row_number() over (partition by tenant_id, subject order by queried_at desc nulls last, report_id desc) as place
    from reports
    where report_type = 'RISK' and status = 'READY'
),

latest as (select * from ranked where place = 1),

previous as (select * from ranked where place = 2),

accounts as (
    select
        tenant_id,
        report_id,
        -- Balances of two currencies have no sum.
        case when count(distinct currency) = 1 and min(currency) = 'TRY' then sum(balance) end as debt
    from {{ ref('stg_findeks__accounts') }}
    group by tenant_id, report_id
),

cheques as (
    select distinct on (tenant_id, subject) tenant_id, subject, queried_at, cheque_index, cheque_ban, bankruptcy
    from reports
    where report_type <> 'RISK' and status = 'READY'
    order by tenant_id, subject, queried_at desc nulls last, report_id desc
),

subjects as (
    select
        tenant_id,
        subject,
        (array_agg(subject_type order by queried_at desc nulls last, report_id desc))[1] as subject_type,
        (array_agg(status order by queried_at desc nulls last, report_id desc))[1] as last_status,
        max(queried_at) as last_queried_at,
        count(*) as reports
    from reports
    group by tenant_id, subject
),

bands as (
    select band, rank
    from (values ('VERY_RISKY', 1), ('MEDIUM_RISK', 2), ('LOW_RISK', 3), ('GOOD', 4), ('VERY_GOOD', 5)) as b (band, rank)
)

select
    subjects.tenant_id,
    subjects.subject,
    subjects.subject_type,
    subjects.reports,
    subjects.last_queried_at,
    subjects.last_status,
    latest.report_id,
    latest.queried_at,
    {{ istanbul_day('latest.queried_at') }} as queried_on,
    latest.score_model,
    latest.score_band,
    latest.score_from,
    latest.no_score_reason,
    latest.total_limit,
    latest.total_debt,
    coalesce(latest.available_limit, latest.total_limit - latest.total_debt) as available_limit,
    accounts.debt as account_debt,
    latest.accounts,
    latest.overdue,
    latest.overdue_accounts,
    latest.legal_follow_up,
    round(
        coalesce(latest.total_debt / nullif(latest.total_limit, 0), latest.debt_to_limit_pct / 100), 4
    ) as utilisation,
    latest.enquiries_last_month,
    cheques.cheque_index,
    cheques.cheque_ban,
    cheques.bankruptcy,
    previous.report_id as previous_report_id,
    previous.queried_at as previous_queried_at,
    previous.score_band as previous_score_band,
    -- Scores of two models do not compare.
    case when latest.score_model is not distinct from previous.score_model then now_band.rank - then_band.rank end
        ::bigint as band_change,
    latest.total_limit - previous.total_limit as limit_change,
    latest.total_debt - previous.total_debt as debt_change,
    latest.overdue - previous.overdue as overdue_change
from subjects
left join latest using (tenant_id, subject)
left join previous using (tenant_id, subject)
left join cheques using (tenant_id, subject)
left join accounts on accounts.tenant_id = latest.tenant_id and accounts.report_id = latest.report_id
left join bands as now_band on now_band.band = latest.score_band
left join bands as then_band on then_band.band = previous.score_band
