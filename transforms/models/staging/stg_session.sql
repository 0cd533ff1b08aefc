-- One row per session, with the columns the experience marts read.
select
    day,
    namespace,
    visitor_id,
    account_id,
    duration_seconds,
    interactions,
    cart_adds,
    checkouts
from {{ source('features', 'session') }}
