-- Attributes of customers, and how much more often than others those who have one are among the most valuable fifth.
select
    brand, attribute, $attribute_value as attribute_value, sum(customer_count) as customer_count,
    sum(top_value_customer_count) as top_value_customer_count, max(lift) as lift, max(lift_lower) as lift_lower,
    max(lift_upper) as lift_upper
from marts.ideal_customer_profile
group by all
