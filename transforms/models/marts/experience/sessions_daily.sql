-- One row per business day and namespace with a session that started then: who came, for how long and how far they got.
with started as (

    select
        day,
        namespace,
        count(*) as sessions,
        count(distinct visitor_id) as visitors,
        count(distinct account_id) as accounts,
        sum(interactions) as interactions,
        count(*) filter (where interactions = 1) as bounces,
        count(*) filter (where cart_adds > 0) as sessions_with_cart,
        count(*) filter (where checkouts > 0) as sessions_with_checkout,
        median(duration_seconds) as median_duration_seconds
    from {{ ref('stg_session') }}
    group by day, namespace

)

select
    day,
    namespace,
    sessions,
    visitors,
    accounts,
    cast(interactions as bigint) as interactions,
    bounces,
    sessions_with_cart,
    sessions_with_checkout,
    cast(median_duration_seconds as decimal(9, 1)) as median_duration_seconds,
    {{ complete_through() }} as complete_through
from started
