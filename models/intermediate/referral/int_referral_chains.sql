-- One row per customer won by a referral: how many referrals lead to it from somebody who was not won by one. Where
-- customers have won each other in a circle, the last referral of it is cut out. Chains are followed for 50 links.
{% set longest_chain = 50 %}
{{ with_links() }}

links as (
    select * from {{ ref('int_referral_cycles') }}
),

open_links as (
    select referred_customer_key, referrer_customer_key, 1 as link_order from links
    where not closes_cycle
),

{{ follow_links(
    'climb', links='open_links', id='referred_customer_key', next_id='referrer_customer_key', latest='link_order',
    at_most=longest_chain
) }},

depths as (
    select start_id, max(step_count) as depth from climb
    group by start_id
),

int_referral_chains as (
    select
        links.brand,
        links.referred_customer_key as customer_key,
        links.referral_id,
        cast(coalesce(depths.depth, 0) as integer) as depth,
        coalesce(depths.depth, 0) >= {{ longest_chain }} as is_depth_capped,
        links.closes_cycle
    from links
    left join depths on links.referred_customer_key = depths.start_id
)

select * from int_referral_chains
