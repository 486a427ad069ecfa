-- What do loyal customers have in common?
-- One row per brand, attribute and value among customers who have bought: how many of them are loyal now, how much more
-- often than all (loyal_lift: 2 is twice as often), and beside it how much more often they were among the most valuable
-- fifth in their first days (value_lift with its 95 % interval, of ideal_customer_profile). Trust a value whose interval
-- leaves 1 out (stands_out) and whose two lifts agree; what is loyal without early value was grown, not won. A common
-- trait is no cause.
with

customers as (
    select * from {{ ref('customer_lifecycle', 'lifecycle_customers') }}
    where purchase_date_count > 0
),

traits as (
    {% for attribute, column in [
        ('acquisition_channel', 'acquisition_channel'), ('country', 'country_code'), ('segment', 'segment'),
    ] %}
    select brand, '{{ attribute }}' as attribute, {{ column }} as attribute_value, is_loyal from customers
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

trait_counts as (
    select
        brand,
        attribute,
        attribute_value,
        count(*) as customer_count,
        sum(case when is_loyal then 1 else 0 end) as loyal_count
    from traits
    group by brand, attribute, attribute_value
),

shares as (
    select
        *,
        {{ ratio_of('loyal_count', 'customer_count') }} as loyal_share,
        sum(customer_count) over (partition by brand, attribute) as all_customer_count,
        sum(loyal_count) over (partition by brand, attribute) as all_loyal_count
    from trait_counts
)

select
    shares.brand,
    shares.attribute,
    shares.attribute_value,
    shares.customer_count,
    shares.loyal_count,
    shares.loyal_share,
    shares.loyal_share / nullif({{ ratio_of('shares.all_loyal_count', 'shares.all_customer_count') }}, 0) as loyal_lift,
    profile.lift as value_lift,
    profile.lift_lower as value_lift_lower,
    profile.lift_upper as value_lift_upper,
    coalesce(profile.lift_lower > 1 or profile.lift_upper < 1, false) as stands_out
from shares
left join {{ ref('customer_lifecycle', 'ideal_customer_profile') }} as profile
    on
        shares.brand = profile.brand
        and shares.attribute = profile.attribute
        and shares.attribute_value = profile.attribute_value
order by shares.brand asc, shares.attribute asc, shares.loyal_count desc, shares.attribute_value asc
