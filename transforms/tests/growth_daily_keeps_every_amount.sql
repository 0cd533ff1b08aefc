-- Fails for every currency whose net sales are not the sum of its order lines' amounts.
with lines as (

    select
        currency,
        sum(amount) as amount
    from {{ ref('stg_order_line') }}
    group by currency

),

mart as (

    select
        currency,
        sum(net_sales) as net_sales
    from {{ ref('growth_daily') }}
    group by currency

)

select
    currency,
    amount,
    net_sales
from lines
full join mart using (currency)
where amount is distinct from net_sales
