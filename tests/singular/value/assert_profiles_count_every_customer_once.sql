-- Each attribute parts all customers of a brand, and all of its most valuable fifth, among its values.
select
    brand,
    attribute,
    sum(customer_count) as customer_count,
    sum(top_value_customer_count) as top_value_customer_count
from {{ ref('customer_lifecycle', 'ideal_customer_profile') }}
group by brand, attribute
having
    sum(customer_count) <> max(all_customer_count)
    or sum(top_value_customer_count) <> max(all_top_value_customer_count)
    or min(all_customer_count) <> max(all_customer_count)
