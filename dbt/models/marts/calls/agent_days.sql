-- Who took and made calls on a day. Incoming calls are known from their steps; without those they are nobody's.
select
    agent_calls.tenant_id,
    'bulutfon' as provider,
    agent_calls.day,
    agent_calls.extension,
    extensions.name as agent_name,
    count(*) filter (where kind = 'incoming') as rang,
    count(*) filter (where kind = 'incoming' and taken) as taken,
    count(*) filter (where kind = 'outgoing') as outgoing,
    count(*) filter (where kind = 'outgoing' and taken) as outgoing_answered,
    count(*) filter (where kind = 'internal') as internal,
    coalesce(sum(talk_seconds) filter (where kind = 'incoming' and taken), 0)::bigint as taken_talk_seconds,
    coalesce(sum(talk_seconds) filter (where kind = 'outgoing' and taken), 0)::bigint as outgoing_talk_seconds,
    round((percentile_cont(0.5) within group (order by wait_seconds) filter (where kind = 'incoming' and taken))::numeric, 1)
        as median_wait_seconds
from {{ ref('int_agent_calls') }} as agent_calls
left join {{ ref('stg_bulutfon__extensions') }} as extensions using (tenant_id, extension)
group by agent_calls.tenant_id, agent_calls.day, agent_calls.extension, extensions.name
