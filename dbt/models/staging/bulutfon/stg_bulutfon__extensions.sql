-- The person behind each short number now. A deleted extension's number may be given to another, so the last seen counts.
select distinct on (landed.tenant_id, landed.number)
    landed.tenant_id,
    landed.number as extension,
    landed.caller_name as name
from {{ landing_rows('bulutfon', 'extensions') }}
  and landed.number is not null
order by landed.tenant_id, landed.number, landed._version desc, landed.extension_id desc
