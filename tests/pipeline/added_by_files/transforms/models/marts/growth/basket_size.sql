-- One row per namespace: how many pieces an order has.
with basket as (

    select * from {{ source('features', 'basket_day') }}

)

select
    namespace,
    avg(pieces)::bigint as pieces_an_order,
    {{ complete_through() }} as complete_through
from basket
group by namespace
