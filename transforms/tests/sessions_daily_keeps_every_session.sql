-- Fails for every platform whose sessions, or the interactions in them, are not all in the mart exactly once.
with session as (

    select
        namespace,
        count(*) as sessions,
        sum(interactions) as interactions
    from {{ ref('stg_session') }}
    group by namespace

),

mart as (

    select
        namespace,
        sum(sessions) as sessions,
        sum(interactions) as interactions
    from {{ ref('sessions_daily') }}
    group by namespace

)

select
    namespace,
    session.sessions as expected_sessions,
    session.interactions as expected_interactions,
    mart.sessions,
    mart.interactions
from session
full join mart using (namespace)
where session.sessions is distinct from mart.sessions
    or session.interactions is distinct from mart.interactions
