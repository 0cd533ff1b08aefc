-- One row per source, month of first purchase and month since then: how many of the cohort bought in that month.
with purchase_month as (

    select distinct
        source,
        cohort_month,
        namespace,
        account_id,
        date_diff('month', cohort_month, purchase_day) as months_since
    from {{ ref('int_purchase_day') }}
    where purchase_day <= {{ complete_through() }}

),

active as (

    select
        source,
        cohort_month,
        months_since,
        count(*) as active_customers
    from purchase_month
    group by source, cohort_month, months_since

),

-- Every customer of a cohort is active in its first month, by the definition of the cohort.
observed_month as (

    select
        source,
        cohort_month,
        active_customers as customers,
        unnest(range(date_diff('month', cohort_month, {{ complete_through() }}) + 1)) as months_since
    from active
    where months_since = 0

),

counted as (

    select
        observed_month.source,
        observed_month.cohort_month,
        observed_month.months_since,
        observed_month.customers,
        coalesce(active.active_customers, 0) as active_customers,
        last_day(observed_month.cohort_month + to_months(cast(observed_month.months_since as integer))) as month_end
    from observed_month
    left join active
        on observed_month.source = active.source
        and observed_month.cohort_month = active.cohort_month
        and observed_month.months_since = active.months_since

)

select
    source,
    cohort_month,
    months_since,
    customers,
    active_customers,
    cast(active_customers / customers as decimal(9, 6)) as retention,
    month_end <= {{ complete_through() }} as month_is_complete,
    {{ complete_through() }} as complete_through
from counted
