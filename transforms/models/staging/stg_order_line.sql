-- One row per order line, with the columns the growth marts read.
select
    day,
    source,
    namespace,
    order_id,
    account_id,
    currency,
    amount,
    is_cancellation
from {{ source('events', 'order_line') }}
