-- One row per customer won by a referral: how many referrals lead to it from somebody who was not won by one. Where
-- customers have won each other in a circle, the last referral of it is cut out. Chains are followed for 50 links.
{% set longest_chain = 50 %}
{% set walk_columns = ['link_order', 'referred_customer_key', 'reached_customer_key', 'latest_order', 'step_count'] %}
with recursive

links as (
    select
        brand,
        referral_id,
        referred_customer_key,
        referrer_customer_key,
        row_number() over (order by converted_date, invited_at, brand, referral_id) as link_order
    from {{ ref('int_referrals') }}
    where has_won_customer and referrer_customer_key is not null
),

walk {{ recursive_columns(walk_columns) }} as (
    select
        link_order, referred_customer_key, referrer_customer_key as reached_customer_key,
        link_order as latest_order, 1 as step_count
    from links
    where referrer_customer_key in (select others.referred_customer_key from links as others)

    union all

    select
        walk.link_order, walk.referred_customer_key, links.referrer_customer_key,
        greatest(walk.latest_order, links.link_order), walk.step_count + 1
    from walk
    inner join links on walk.reached_customer_key = links.referred_customer_key
    where walk.reached_customer_key <> walk.referred_customer_key and walk.step_count < {{ longest_chain }}
),

closing as (
    select link_order from walk
    where reached_customer_key = referred_customer_key and latest_order = link_order
),

open_links as (
    select * from links
    where link_order not in (select closing.link_order from closing)
),

climb {{ recursive_columns(['link_order', 'reached_customer_key', 'depth']) }} as (
    select link_order, referrer_customer_key as reached_customer_key, 1 as depth
    from open_links

    union all

    select climb.link_order, open_links.referrer_customer_key, climb.depth + 1
    from climb
    inner join open_links on climb.reached_customer_key = open_links.referred_customer_key
    where climb.depth < {{ longest_chain }}
),

depths as (
    select link_order, max(depth) as depth from climb
    group by link_order
),

int_referral_chains as (
    select
        links.brand,
        links.referred_customer_key as customer_key,
        links.referral_id,
        cast(coalesce(depths.depth, 0) as integer) as depth,
        coalesce(depths.depth, 0) >= {{ longest_chain }} as is_depth_capped,
        depths.depth is null as closes_cycle
    from links
    left join depths on links.link_order = depths.link_order
)

select * from int_referral_chains
