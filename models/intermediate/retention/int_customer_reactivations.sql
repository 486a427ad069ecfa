-- One row per living customer and win-back: a later episode of unbroken activity than the first, by the facts that count
-- at the as-of date, survivors' histories joined.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

customers as (
    select customer_key, brand from {{ ref('customer_lifecycle', 'int_customers') }}
    where merged_date is null
),

int_customer_reactivations as (
    select
        customers.brand,
        episodes.customer_key,
        episodes.starts_on as reactivated_date,
        episodes.ends_on as active_to
    from {{ ref('customer_lifecycle', 'int_customer_episodes') }} as episodes
    inner join customers on episodes.customer_key = customers.customer_key
    cross join as_of
    where
        episodes.version_to = {{ end_of_time() }}
        and episodes.episode_number > 1
        and episodes.starts_on <= as_of.as_of_date
)

select * from int_customer_reactivations
