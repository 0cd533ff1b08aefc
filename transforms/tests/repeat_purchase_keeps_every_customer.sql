-- Fails where the cohorts do not hold every first and every second purchase up to the last closed day exactly once.
with purchase as (

    select
        count(*) filter (where purchase_number = 1) as customers,
        count(*) filter (where purchase_number = 2) as repeat_customers
    from {{ ref('int_purchase_day') }}
    where purchase_day <= {{ complete_through('repeat_purchase') }}

),

mart as (

    select
        coalesce(sum(customers), 0) as customers,
        coalesce(sum(repeat_customers), 0) as repeat_customers
    from {{ ref('repeat_purchase') }}

)

select
    purchase.customers as expected_customers,
    purchase.repeat_customers as expected_repeat_customers,
    mart.customers,
    mart.repeat_customers
from purchase
cross join mart
where purchase.customers != mart.customers
    or purchase.repeat_customers != mart.repeat_customers
