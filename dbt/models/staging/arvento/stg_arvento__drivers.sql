-- The driver of a unit that has never had another one: of several, nobody can say who drove on a day.
select
    landed.tenant_id,
    landed.node as vehicle_id,
    min(landed.driver) as driver
from {{ landing_rows('arvento', 'drivers') }}
group by landed.tenant_id, landed.node
having count(distinct landed.driver) = 1
