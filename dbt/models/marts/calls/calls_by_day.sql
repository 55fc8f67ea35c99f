-- A call counts on the Istanbul day on which it began, and in one of three ways: answered, unanswered or not over yet.
with taken as (
    select distinct tenant_id, call_id
    from {{ ref('int_agent_calls') }}
    where taken or kind <> 'incoming'
),

calls as (
    select
        calls.*,
        recordings.availability,
        taken.call_id is not null as agent_known,
        calls.answered and not calls.in_progress as was_answered,
        not calls.answered and not calls.in_progress as was_unanswered
    from {{ ref('stg_bulutfon__calls') }} as calls
    left join {{ ref('stg_bulutfon__recordings') }} as recordings using (tenant_id, call_id)
    left join taken using (tenant_id, call_id)
)

select
    tenant_id,
    'bulutfon' as provider,
    day,
    direction,
    count(*) as calls,
    count(*) filter (where was_answered) as answered,
    count(*) filter (where was_unanswered) as unanswered,
    count(*) filter (where in_progress) as in_progress,
    count(*) filter (where was_unanswered and missed) as missed,
    count(*) filter (where outside_kind = 'withheld' and direction in ('IN', 'OUT')) as withheld,
    count(distinct phone) as customers,
    count(*) filter (where was_answered and agent_known) as answered_by_known_agent,
    count(*) filter (where availability = 'YES') as recorded,
    coalesce(sum(talk_seconds) filter (where was_answered), 0)::bigint as talk_seconds,
    round((percentile_cont(0.5) within group (order by talk_seconds) filter (where was_answered))::numeric, 1)
        as median_talk_seconds,
    round((percentile_cont(0.5) within group (order by wait_seconds) filter (where was_answered))::numeric, 1)
        as median_wait_seconds,
    max(wait_seconds) filter (where not in_progress) as longest_wait_seconds,
    sum(price) as price
from calls
group by tenant_id, day, direction
