-- The operating report: a vehicle's working day, counted from its points.
select
    landed.tenant_id,
    landed.day,
    landed.node as vehicle_id,
    landed.license_plate as plate,
    landed.driver,
    landed.distance_km,
    landed.maximum_speed,
    landed.ignition_on_seconds,
    landed.idling_seconds,
    landed.motion_seconds,
    landed.first_ignition_on_at,
    landed.last_ignition_off_at
from {{ landing_rows('arvento', 'operating_days') }}
