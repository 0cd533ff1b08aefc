-- One row per source and landing object version: what became of every record that was received in it.
with object as (

    select
        source,
        object_sha256,
        object_name,
        sum(records) as received,
        sum(records) filter (where verdict = 'superseded') as superseded_object
    from {{ ref('stg_object') }}
    group by source, object_sha256, object_name

),

fates as (

    select
        source,
        object_sha256,
        object_name,
        count(*) filter (where fate = 'quarantined') as quarantined,
        count(*) filter (where fate = 'duplicate') as duplicates,
        count(*) filter (where fate = 'superseded') as superseded,
        count(*) filter (where fate = 'conflict') as conflicts
    from {{ ref('int_record_fate') }}
    group by source, object_sha256, object_name

),

published as (

    select
        source,
        object_sha256,
        object_name,
        count(*) filter (where state = 'good') as good,
        count(*) filter (where state = 'held') as held,
        count(*) filter (where state = 'outdated') as outdated
    from {{ ref('int_publication') }}
    group by source, object_sha256, object_name

),

-- An object known to one side only still gets its row, and does not balance.
counted as (

    select
        source,
        object_sha256,
        object_name,
        cast(coalesce(received, 0) as bigint) as received,
        coalesce(good, 0) as good,
        coalesce(quarantined, 0) as quarantined,
        coalesce(duplicates, 0) as duplicates,
        coalesce(superseded, 0) as superseded,
        coalesce(conflicts, 0) as conflicts,
        cast(coalesce(superseded_object, 0) as bigint) as superseded_object,
        -- Nothing erases records yet, so none was erased: a count of what exists, not of what is left over.
        cast(0 as bigint) as erased,
        coalesce(held, 0) as held,
        coalesce(outdated, 0) as outdated
    from object
    full join fates using (source, object_sha256, object_name)
    full join published using (source, object_sha256, object_name)

)

select
    source,
    object_sha256,
    object_name,
    received,
    good,
    quarantined,
    duplicates,
    superseded,
    conflicts,
    superseded_object,
    erased,
    held,
    outdated,
    received
        = good + quarantined + duplicates + superseded + conflicts + superseded_object + erased + held as balanced,
    {{ complete_through() }} as complete_through
from counted
