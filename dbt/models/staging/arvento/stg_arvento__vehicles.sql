-- Each unit as the list last had it: the plate it is mounted under now, or was when it vanished.
select distinct on (landed.tenant_id, landed.node)
    landed.tenant_id,
    landed.node as vehicle_id,
    landed.license_plate as plate,
    landed.vehicle_class
from {{ landing_rows('arvento', 'vehicles') }}
order by landed.tenant_id, landed.node, landed.last_listed_on desc, landed.plate
