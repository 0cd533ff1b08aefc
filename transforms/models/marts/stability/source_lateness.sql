-- One row per source and event day: how late its records came, and which of them lost to another delivery.
with record as (

    select
        *,
        row(received_hour, object_name, position, object_sha256) as arrival
    from {{ ref('int_record_fate') }}
    where event_day is not null

)

select
    source,
    event_day,
    count(*) as records,
    count(*) filter (where days_late = 0) as on_the_day,
    count(*) filter (where days_late = 1) as one_day_late,
    count(*) filter (where days_late = 2) as two_days_late,
    count(*) filter (where days_late >= 3) as three_or_more_days_late,
    cast(quantile_disc(hours_late, 0.5) as bigint) as median_hours_late,
    cast(quantile_disc(hours_late, 0.95) as bigint) as p95_hours_late,
    cast(max(hours_late) as bigint) as most_hours_late,
    count(*) filter (where fate = 'duplicate') as duplicates,
    count(*) filter (where fate = 'superseded') as superseded,
    count(*) filter (where fate = 'conflict') as conflicts,
    max(timezone('UTC', received_hour)) filter (where fate = 'conflict') as newest_conflict_received_hour,
    arg_max(object_sha256, arrival) filter (where fate = 'conflict') as newest_conflict_object_sha256,
    arg_max(object_name, arrival) filter (where fate = 'conflict') as newest_conflict_object_name,
    arg_max(position, arrival) filter (where fate = 'conflict') as newest_conflict_position,
    {{ complete_through() }} as complete_through
from record
group by source, event_day
