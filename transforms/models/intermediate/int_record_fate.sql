-- One row per record of every raw source, with the first fate that applies to it by definition.
with decoded as (

    select
        *,
        row(object_sha256, object_name, position) as place
    from {{ ref('stg_raw_record') }}
    where reason is null

),

-- Few identities come more than once, and only those need the dear comparison.
repeated_identity as (

    select
        target,
        record_id
    from decoded
    group by target, record_id
    having count(*) > 1

),

compared as (

    select
        *,
        min(place) over same_payload as first_place,
        max(version) over same_identity as newest_version,
        max(payload_hash) over same_version as winning_payload
    from decoded
    semi join repeated_identity using (target, record_id)
    window
        same_payload as (
            partition by target, record_id, version, payload_hash {{ within_identity_window('event_day') }}
        ),
        same_identity as (
            partition by target, record_id {{ within_identity_window('event_day') }}
        ),
        same_version as (
            partition by target, record_id, version {{ within_identity_window('event_day') }}
        )

),

decided as (

    select
        *,
        case
            when first_place < place then 'duplicate'
            when newest_version > version or (newest_version is not null and version is null) then 'superseded'
            when winning_payload > payload_hash then 'conflict'
            else 'good'
        end as fate
    from compared

    union all by name

    select
        *,
        'good' as fate
    from decoded
    anti join repeated_identity using (target, record_id)

    union all by name

    select
        *,
        'quarantined' as fate
    from {{ ref('stg_raw_record') }}
    where reason is not null

)

select
    source,
    target,
    event_day,
    object_sha256,
    object_name,
    position,
    received_hour,
    days_late,
    hours_late,
    fate
from decided
