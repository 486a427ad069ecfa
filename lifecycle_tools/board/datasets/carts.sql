-- Carts by the day of their last change, and whether they were ordered within 24 hours.
select
    brand, ${currency}date_trunc('month', date_day)::date as month, $last_step as last_step, sum(cart_count) as cart_count,
    sum(abandoned_count) as abandoned_count, sum(recovered_count) as recovered_count, sum(abandoned_amount) as abandoned_amount,
    bool_and(is_mature) as is_mature
from marts.cart_abandonment_daily
group by all
