-- One row per record that is good by definition or stands in an events table, with what became of it.
with matched as (

    select
        source,
        target,
        object_sha256,
        object_name,
        position,
        coalesce(event_row.day, record.event_day) as day,
        record.fate is not null as is_good,
        event_row.day is not null as is_published
    from (select * from {{ ref('int_record_fate') }} where fate = 'good') as record
    full join {{ ref('stg_event_row') }} as event_row
        using (source, target, object_sha256, object_name, position)

),

-- A gate holds all days of a source that were due together: the good records that are missing show which.
beside_held_days as (

    select
        *,
        bool_or(is_good and not is_published) over (
            partition by source, target {{ within_identity_window('day') }}
        ) as is_day_held
    from matched

)

select
    source,
    target,
    object_sha256,
    object_name,
    position,
    case
        when is_good and not is_published then 'held'
        when not is_good and is_day_held then 'outdated'
        else 'good'
    end as state
from beside_held_days
