-- Speed violations, each on its Istanbul day.
select
    landed.tenant_id,
    landed.node as vehicle_id,
    {{ istanbul_day('landed.alarm_time') }} as day,
    landed.alarm_time as exceeded_at,
    landed.license_plate as plate,
    landed.driver,
    landed.speed - landed.speed_limit as excess,
    coalesce(landed.violation_seconds, 0) as violation_seconds
from {{ landing_rows('arvento', 'speed_alarms') }}
