-- Calls of the switchboard, with the agent where the call itself names one: the caller's extension, if it went out.
select
    landed.tenant_id,
    landed.call_id,
    coalesce(landed.direction, 'UNKNOWN') as direction,
    landed.customer_phone as phone,
    case when landed.direction = 'IN' then landed.caller_kind else landed.callee_kind end as outside_kind,
    case
        when landed.direction is distinct from 'IN'
            then coalesce(case when landed.extension ~ '^[0-9]{1,6}$' then landed.extension end, landed.caller_short)
    end as calling_extension,
    landed.call_time as began_at,
    {{ istanbul_day('landed.call_time') }} as day,
    landed.answered,
    landed.in_progress,
    coalesce(landed.missed, landed.direction = 'IN' and not landed.answered, false) as missed,
    landed.wait_seconds,
    landed.talk_seconds,
    coalesce(landed.call_price, 0) as price
from {{ landing_rows('bulutfon', 'calls') }}
