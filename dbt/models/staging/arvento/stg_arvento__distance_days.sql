-- The distance report: a vehicle's day by its odometer.
select
    landed.tenant_id,
    landed.day,
    landed.node as vehicle_id,
    landed.license_plate as plate,
    landed.driver,
    landed.distance_km,
    landed.first_odometer_km,
    landed.last_odometer_km
from {{ landing_rows('arvento', 'distance_days') }}
