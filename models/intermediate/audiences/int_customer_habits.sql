-- One row per customer who was not merged: what it does most often, and what it did last. Ties go to the latest day, then to
-- the first name in the alphabet.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

category_counts as (
    -- an order counts once for a category, however many of its items are in it
    select
        orders.customer_key, products.category as choice,
        count(distinct orders.order_id) as times, max(orders.ordered_date) as last_date
    from {{ ref('customer_lifecycle', 'int_customer_orders') }} as orders
    cross join as_of
    inner join {{ ref('customer_lifecycle', 'stg_shop__order_items') }} as items
        on orders.brand = items.brand and orders.order_id = items.order_id
    inner join {{ ref('customer_lifecycle', 'stg_shop__products') }} as products
        on items.brand = products.brand and items.product_id = products.product_id
    where products.category is not null and (items.deleted_date is null or items.deleted_date > as_of.as_of_date)
    group by orders.customer_key, products.category
),

channel_counts as (
    select customer_key, channel as choice, count(*) as times, max(started_date) as last_date
    from {{ ref('customer_lifecycle', 'int_sessions') }}
    where customer_key is not null
    group by customer_key, channel
),

{% for favourites, counts in [('categories', 'category_counts'), ('channels', 'channel_counts')] %}
{{ favourites }} as (
    select
        customer_key, choice,
        row_number() over (partition by customer_key order by times desc, last_date desc, choice asc) as choice_number,
        max(last_date) over (partition by customer_key) as last_date
    from {{ counts }}
),

{% endfor %}
answers as (
    select
        customer_key, nps_group, responded_date,
        row_number() over (partition by customer_key order by responded_at desc, response_id desc) as answer_number
    from {{ ref('customer_lifecycle', 'int_survey_scores') }}
    where customer_key is not null and nps_group is not null
),

clicks as (
    select identity_map.customer_key, max(events.event_date) as last_clicked_date
    from {{ ref('customer_lifecycle', 'int_observed_events') }} as events
    inner join {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
        on events.person_id = identity_map.person_id and identity_map.valid_to = {{ end_of_time() }}
    cross join as_of
    {{ join_shared_ids('events', 'event_date') }}
    where
        events.event_type = 'email_clicked'
        and {{ known_until('events.deleted_date', 'as_of.as_of_date') }} = {{ end_of_time() }}
        and (shared_ids.person_id is null or events.has_two_ids)
    group by identity_map.customer_key
),

order_counts as (
    select customer_key, sum(case when is_discounted then 1 else 0 end) as discounted_order_count
    from {{ ref('customer_lifecycle', 'int_customer_orders') }}
    group by customer_key
),

int_customer_habits as (
    select
        customers.customer_key,
        categories.choice as favourite_category,
        channels.choice as favourite_channel,
        channels.last_date as last_visit_date,
        answers.nps_group as last_nps_group,
        answers.responded_date as last_nps_date,
        clicks.last_clicked_date,
        cast(coalesce(order_counts.discounted_order_count, 0) as bigint) as discounted_order_count
    from {{ ref('customer_lifecycle', 'int_customers') }} as customers
    left join categories on customers.customer_key = categories.customer_key and categories.choice_number = 1
    left join channels on customers.customer_key = channels.customer_key and channels.choice_number = 1
    left join answers on customers.customer_key = answers.customer_key and answers.answer_number = 1
    left join clicks on customers.customer_key = clicks.customer_key
    left join order_counts on customers.customer_key = order_counts.customer_key
    where customers.merged_date is null
)

select * from int_customer_habits
