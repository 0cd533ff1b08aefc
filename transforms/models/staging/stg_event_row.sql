-- One row per row of every events table, with the place in the landing object it came from.
with no_row as (

    select
        cast(null as varchar) as target,
        cast(null as varchar) as source,
        cast(null as date) as day,
        cast(null as varchar) as object_sha256,
        cast(null as varchar) as object_name,
        cast(null as bigint) as position
    where false

)

select * from no_row
{%- for event_table in var('event_tables') %}
union all
select
    '{{ event_table }}',
    source,
    day,
    object_sha256,
    object_name,
    position
from {{ source('events', event_table) }}
{%- endfor %}
