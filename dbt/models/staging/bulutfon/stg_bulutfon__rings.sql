-- Extensions that rang for an incoming call. A destination that is no extension is somebody's telephone outside.
select
    landed.tenant_id,
    landed.call_id,
    landed.destination as extension,
    landed.answer_time is not null or coalesce(landed.result = 'ANSWERED', false) as taken,
    extract(epoch from landed.hangup_time - landed.answer_time)::bigint as talk_seconds
from {{ landing_rows('bulutfon', 'call_step_targets') }}
  and landed.destination_kind = 'short'
