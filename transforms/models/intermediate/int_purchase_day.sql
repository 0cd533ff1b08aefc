-- One row per customer and day with a purchase, numbered, beside the customer's first purchase.
with purchase_day as (

    select
        namespace,
        account_id,
        day as purchase_day,
        min(source) as source
    from {{ ref('int_customer_day') }}
    group by namespace, account_id, day

),

numbered as (

    select
        namespace,
        account_id,
        purchase_day,
        row_number() over customer_history as purchase_number,
        first_value(source) over customer_history as first_source,
        first_value(purchase_day) over customer_history as first_purchase_day
    from purchase_day
    window customer_history as (partition by namespace, account_id order by purchase_day)

)

select
    namespace,
    account_id,
    purchase_day,
    purchase_number,
    first_source as source,
    first_purchase_day,
    cast(date_trunc('month', first_purchase_day) as date) as cohort_month
from numbered
