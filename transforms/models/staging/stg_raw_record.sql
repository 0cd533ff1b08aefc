-- One row per decoded record of every raw source, without what it says: where it lies, who it is, whether it is readable.
with no_record as (

    select
        cast(null as varchar) as source,
        cast(null as varchar) as target,
        cast(null as varchar) as object_sha256,
        cast(null as varchar) as object_name,
        cast(null as bigint) as position,
        cast(null as date) as event_day,
        cast(null as varchar) as record_id,
        cast(null as varchar) as payload_hash,
        cast(null as bigint) as version,
        cast(null as varchar) as reason,
        cast(null as timestamptz) as received_hour,
        cast(null as bigint) as days_late,
        cast(null as bigint) as hours_late
    where false

)

select * from no_record
{%- for raw_source in var('raw_sources') %}
union all
select
    '{{ raw_source.name }}',
    split_part(target, '.', -1),   -- a target may be written with its layer or without
    object_sha256,
    object_name,
    position,
    event_day,
    record_id,
    payload_hash,
    version,
    reason,
    received_hour,
    greatest(0, cast(timezone('{{ raw_source.timezone }}', received_hour) as date) - event_day) as days_late,
    greatest(0, date_diff(
        'hour',
        timezone('{{ raw_source.timezone }}', cast(event_day as timestamp) + interval 1 day),
        received_hour
    )) as hours_late
from {{ source('raw', raw_source.name) }}
{%- endfor %}
