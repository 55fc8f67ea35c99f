-- Which customer a record belongs to: the strongest identifier known for it, directly or through another one.
-- A phone or an e-mail leads on to a stronger identifier only where it leads to exactly one: a switchboard's number or a
-- shared mailbox would otherwise melt strangers into one customer.
with sightings as (
    select * from {{ ref('int_customer_sightings') }}
),

identity_of_phone as (
    select tenant_id, phone, min(identity) as identity
    from sightings
    where phone is not null and identity is not null
    group by tenant_id, phone
    having count(distinct identity) = 1
),

identity_of_email as (
    select tenant_id, email, min(identity) as identity
    from sightings
    where email is not null and identity is not null
    group by tenant_id, email
    having count(distinct identity) = 1
),

phone_of_email as (
    select tenant_id, email, min(phone) as phone
    from sightings
    where email is not null and phone is not null
    group by tenant_id, email
    having count(distinct phone) = 1
)

select
    sightings.tenant_id,
    sightings.provider,
    sightings.source,
    sightings.record_id,
    sightings.identity,
    sightings.phone,
    sightings.email,
    sightings.seen_at,
    coalesce(
        sightings.identity,
        by_phone.identity,
        by_email.identity,
        through_email.identity,
        sightings.phone,
        phone_of_email.phone,
        sightings.email
    ) as customer_id
from sightings
left join identity_of_phone as by_phone using (tenant_id, phone)
left join identity_of_email as by_email on by_email.tenant_id = sightings.tenant_id and by_email.email = sightings.email
left join phone_of_email on phone_of_email.tenant_id = sightings.tenant_id and phone_of_email.email = sightings.email
left join identity_of_phone as through_email
    on through_email.tenant_id = sightings.tenant_id and through_email.phone = phone_of_email.phone
