-- Whether a call's recording can be heard at the provider.
select
    landed.tenant_id,
    landed.call_id,
    landed.availability
from {{ landing_rows('bulutfon', 'recordings') }}
