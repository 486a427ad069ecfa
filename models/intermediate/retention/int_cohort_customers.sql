-- One row per customer with a purchase, with every attribute by which its cohort is cut: what was known of the customer, and
-- what its first purchase was. An attribute that is not known is 'unknown'. 'none' says that there was no such thing.
{% set shares = {'up to 10 %': 0.1, 'over 10 to 25 %': 0.25, 'over 25 to 50 %': 0.5} %}
{% set sizes = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000, 1000000] %}
with

purchases as (
    select * from {{ ref('customer_lifecycle', 'int_customer_first_purchases') }}
),

touchpoints as (
    select
        touchpoints.customer_key, touchpoints.channel,
        row_number() over (
            partition by touchpoints.customer_key order by touchpoints.occurred_at, touchpoints.touchpoint_id
        ) as touch_number
    from {{ ref('customer_lifecycle', 'int_stitched_touchpoints') }} as touchpoints
    inner join purchases on touchpoints.customer_key = purchases.customer_key
    where touchpoints.is_path_touch and touchpoints.occurred_date <= purchases.first_purchase_date
),

int_cohort_customers as (
    select
        purchases.brand, purchases.customer_key, purchases.first_purchase_date,
        'all' as all_customers,
        dimensions.acquisition_channel,
        case
            when dimensions.channel_evidence = 'profile' then dimensions.acquisition_channel
            else coalesce(touchpoints.channel, 'unknown')
        end as stitched_channel,
        coalesce(dimensions.acquisition_campaign_id, 'none') as acquisition_campaign,
        coalesce(dimensions.acquisition_landing_page, 'none') as acquisition_landing_page,
        dimensions.country_code, dimensions.segment,
        case when purchases.is_subscription then 'subscription' else 'one_time' end as first_purchase_type,
        coalesce(purchases.product_id, 'unknown') as first_product,
        coalesce(purchases.category, 'unknown') as first_category,
        coalesce(purchases.sales_channel, 'unknown') as first_sales_channel,
        case
            when purchases.discount_code is not null then purchases.discount_code
            when purchases.discount_amount is null then 'unknown'
            when purchases.discount_amount > 0 then 'without code'
            else 'none'
        end as first_discount_code,
        case
            when purchases.discount_amount is null or (purchases.discount_amount = 0 and purchases.discount_code is not null)
                then 'unknown'
            when purchases.discount_amount = 0 then 'none'
            -- multiplied and not divided: as a double, a tenth of a price may be more than 0.1 of it
            {% for name, share in shares.items() %}
            when purchases.discount_amount <= {{ share }} * (purchases.revenue_amount + purchases.discount_amount)
                then '{{ name }}'
            {% endfor %}
            else 'over 50 %'
        end as first_discount_share,
        case
            when purchases.order_id is null then 'unknown'
            {% for size in sizes %}
            when purchases.revenue_amount < {{ size }} then '{{ loop.previtem or 0 }} to {{ size }}'
            {% endfor %}
            else 'over {{ sizes | last }}'
        end as first_order_size
    from purchases
    inner join {{ ref('customer_lifecycle', 'int_customer_dimensions') }} as dimensions
        on purchases.customer_key = dimensions.customer_key
    left join touchpoints on purchases.customer_key = touchpoints.customer_key and touchpoints.touch_number = 1
)

select * from int_cohort_customers
