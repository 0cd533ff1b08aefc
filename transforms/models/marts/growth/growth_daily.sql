-- One row per business day, source and currency with an order line: who bought, how often and for how much.
with sales as (

    select
        day,
        source,
        currency,
        count(distinct order_id) filter (where not is_cancellation) as orders,
        coalesce(sum(amount) filter (where not is_cancellation), 0) as gross_sales,
        sum(amount) as net_sales
    from {{ ref('stg_order_line') }}
    group by day, source, currency

),

customers as (

    select
        day,
        source,
        currency,
        count(*) as active_customers,
        count(*) filter (where is_first_day) as new_customers
    from {{ ref('int_customer_day') }}
    group by day, source, currency

)

select
    sales.day,
    sales.source,
    sales.currency,
    coalesce(customers.active_customers, 0) as active_customers,
    coalesce(customers.new_customers, 0) as new_customers,
    sales.orders,
    cast(sales.gross_sales as decimal(18, 4)) as gross_sales,
    cast(sales.net_sales as decimal(18, 4)) as net_sales,
    {{ complete_through() }} as complete_through
from sales
left join customers
    on sales.day = customers.day
    and sales.source = customers.source
    and sales.currency = customers.currency
