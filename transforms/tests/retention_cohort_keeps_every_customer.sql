-- Fails where the cohorts do not hold every customer with a purchase up to the last closed day exactly once.
with first_purchase as (

    select count(*) as customers
    from {{ ref('int_purchase_day') }}
    where purchase_number = 1
        and purchase_day <= {{ complete_through('retention_cohort') }}

),

mart as (

    select coalesce(sum(customers), 0) as customers
    from {{ ref('retention_cohort') }}
    where months_since = 0

)

select
    first_purchase.customers as expected_customers,
    mart.customers
from first_purchase
cross join mart
where first_purchase.customers != mart.customers
