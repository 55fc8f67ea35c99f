-- A call once for every agent it rang for or who made it. A call that is handed over counts for both who took it.
with incoming as (
    select
        tenant_id,
        call_id,
        rings.extension,
        calls.day,
        'incoming' as kind,
        bool_or(rings.taken) as taken,
        case when bool_or(rings.taken) then min(calls.wait_seconds) end as wait_seconds,
        sum(rings.talk_seconds) filter (where rings.taken) as talk_seconds
    from {{ ref('stg_bulutfon__rings') }} as rings
    inner join {{ ref('stg_bulutfon__calls') }} as calls using (tenant_id, call_id)
    group by tenant_id, call_id, rings.extension, calls.day
)

select * from incoming

union all

select
    tenant_id,
    call_id,
    calling_extension as extension,
    day,
    case when direction = 'LOCAL' then 'internal' else 'outgoing' end as kind,
    answered as taken,
    wait_seconds,
    talk_seconds
from {{ ref('stg_bulutfon__calls') }}
where calling_extension is not null
