-- One row per day, source, currency and identified customer with a line that is no cancellation.
with bought as (

    select distinct
        day,
        source,
        currency,
        namespace,
        account_id
    from {{ ref('stg_order_line') }}
    where account_id is not null
        and not is_cancellation

)

select
    day,
    source,
    currency,
    namespace,
    account_id,
    day = min(day) over (partition by namespace, account_id) as is_first_day
from bought
