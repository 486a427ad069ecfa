-- Which carts to remind?
-- One row per cart whose customer consents and has bought nothing since, those first who are worth most so far: whom to
-- write to, about which cart (caused_by_row), why, and since when the reminder is due. Remind once, soon: after thirty
-- days a cart leaves the list by itself. next_scheduled_stage and _date say what comes if nothing happens; start with
-- those for whom it is churned and near.
with

reminders as (
    select * from {{ ref('customer_lifecycle', 'lifecycle_audiences') }}
    where audience = 'cart_reminder'
)

select
    brand,
    customer_id,
    caused_by_row as cart_id,
    reason,
    since_date,
    stage,
    next_scheduled_stage,
    next_scheduled_date,
    net_revenue_amount
from reminders
order by brand asc, net_revenue_amount desc, since_date desc, customer_id asc
