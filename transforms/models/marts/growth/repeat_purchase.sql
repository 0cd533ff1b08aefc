-- One row per source and month of first purchase: how many of the cohort came back, and how soon.
{%- set horizons_days = [30, 60, 90] %}
with customer as (

    select
        source,
        cohort_month,
        namespace,
        account_id,
        min(purchase_day) filter (where purchase_number = 2) - first_purchase_day as days_to_second,
        {{ complete_through() }} - first_purchase_day as days_observed
    from {{ ref('int_purchase_day') }}
    where purchase_day <= {{ complete_through() }}
    group by source, cohort_month, namespace, account_id, first_purchase_day

),

cohort as (

    select
        source,
        cohort_month,
        count(*) as customers,
        count(days_to_second) as repeat_customers,
        median(days_to_second) as median_days_to_second,
        {%- for days in horizons_days %}
        count(*) filter (where days_to_second <= {{ days }}) as repeat_customers_{{ days }}d,
        {%- endfor %}
        min(days_observed) as days_all_observed
    from customer
    group by source, cohort_month

)

select
    source,
    cohort_month,
    customers,
    repeat_customers,
    cast(repeat_customers / customers as decimal(9, 6)) as repeat_share,
    cast(median_days_to_second as decimal(9, 1)) as median_days_to_second,
    {%- for days in horizons_days %}
    case
        when days_all_observed >= {{ days }} then cast(repeat_customers_{{ days }}d / customers as decimal(9, 6))
    end as repeat_share_{{ days }}d,
    {%- endfor %}
    {{ complete_through() }} as complete_through
from cohort
