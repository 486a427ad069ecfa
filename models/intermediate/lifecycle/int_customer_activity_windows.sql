-- Step 3, as windows. One row per customer, fact and period [starts_on, ends_on) in which the fact follows from an episode:
-- active; won_back (a later episode than the first, in its first reactivation_days); tenured (loyalty_min_tenure_days on).
{{ config(materialized='view') }}
with

customers as (
    select * from {{ ref('int_computed_customers') }}
),

episodes as (
    select * from {{ ref('int_customer_episodes') }}
),

int_customer_activity_windows as (
    select
        episodes.customer_key,
        'active' as fact,
        greatest(episodes.starts_on, episodes.version_from)
            as starts_on,
        least(episodes.ends_on, episodes.version_to) as ends_on
    from episodes
    inner join customers on episodes.customer_key = customers.customer_key

    union all

    select
        episodes.customer_key,
        'won_back' as fact,
        greatest(episodes.starts_on, episodes.version_from)
            as starts_on,
        least(episodes.ends_on, episodes.version_to, {{ add_days('episodes.starts_on', 'customers.reactivation_days') }})
            as ends_on
    from episodes
    inner join customers on episodes.customer_key = customers.customer_key
    where episodes.episode_number > 1

    union all

    select
        episodes.customer_key,
        'tenured' as fact,
        greatest({{ add_days('episodes.starts_on', 'customers.loyalty_min_tenure_days') }}, episodes.version_from)
            as starts_on,
        least(episodes.ends_on, episodes.version_to) as ends_on
    from episodes
    inner join customers on episodes.customer_key = customers.customer_key
)

select * from int_customer_activity_windows
where starts_on < ends_on
