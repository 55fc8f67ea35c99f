-- Two reports tell the distance of a day: one adds up points, the other subtracts odometers. They are held against each
-- other, and the odometer counts where it is known: points that a unit never uploaded are missing from the sum alone.
with speeding as (
    select
        tenant_id,
        day,
        vehicle_id,
        max(plate) as plate,
        case when count(distinct driver) = 1 then min(driver) end as driver,
        count(*) as speedings,
        sum(violation_seconds) as speeding_seconds,
        max(excess) as worst_excess
    from {{ ref('stg_arvento__speed_alarms') }}
    group by tenant_id, day, vehicle_id
),

days as (
    select
        tenant_id,
        day,
        vehicle_id,
        coalesce(distance.plate, operating.plate, speeding.plate) as plate,
        coalesce(distance.driver, operating.driver, speeding.driver) as driver,
        operating.vehicle_id is not null as has_operating,
        distance.vehicle_id is not null as has_distance,
        operating.distance_km as operating_distance_km,
        distance.distance_km as odometer_distance_km,
        distance.first_odometer_km,
        distance.last_odometer_km,
        operating.maximum_speed,
        operating.ignition_on_seconds,
        operating.idling_seconds,
        operating.motion_seconds,
        operating.first_ignition_on_at,
        operating.last_ignition_off_at,
        coalesce(speeding.speedings, 0) as speedings,
        coalesce(speeding.speeding_seconds, 0) as speeding_seconds,
        speeding.worst_excess
    from {{ ref('stg_arvento__operating_days') }} as operating
    full join {{ ref('stg_arvento__distance_days') }} as distance using (tenant_id, day, vehicle_id)
    full join speeding using (tenant_id, day, vehicle_id)
)

select
    days.tenant_id,
    'arvento' as provider,
    days.day,
    days.vehicle_id,
    coalesce(days.plate, vehicles.plate) as plate,
    vehicles.vehicle_class,
    coalesce(days.driver, drivers.driver) as driver,
    coalesce(days.odometer_distance_km, days.operating_distance_km) as distance_km,
    days.operating_distance_km,
    days.odometer_distance_km,
    days.odometer_distance_km - days.operating_distance_km as distance_difference_km,
    days.first_odometer_km,
    days.last_odometer_km,
    days.ignition_on_seconds,
    days.idling_seconds,
    days.motion_seconds,
    days.first_ignition_on_at,
    days.last_ignition_off_at,
    days.maximum_speed,
    days.speedings,
    days.speeding_seconds,
    days.worst_excess,
    case
        when not (days.has_operating or days.has_distance) then 'alarms_only'
        when not days.has_distance then 'operating_only'
        when not days.has_operating then 'distance_only'
        when
            abs(coalesce(days.odometer_distance_km, 0) - coalesce(days.operating_distance_km, 0))
            > {{ var('distance_tolerance') }} then 'differs'
        else 'agrees'
    end as status
from days
left join {{ ref('stg_arvento__vehicles') }} as vehicles using (tenant_id, vehicle_id)
left join {{ ref('stg_arvento__drivers') }} as drivers using (tenant_id, vehicle_id)
