-- One row per customer won by a referral: how many referrals lead to it from a customer who was not won by one. Where
-- customers have won each other in a circle, the last referral of it is cut out. Chains are followed for 50 links.
{% set longest_chain = 50 %}
{{ with_links() }}

links as (
    select
        brand,
        referral_id,
        referred_customer_key,
        referrer_customer_key,
        row_number() over (order by converted_date, invited_at, brand, referral_id) as link_order
    from {{ ref('customer_lifecycle', 'int_referrals') }}
    where has_won_customer and referrer_customer_key is not null
),

{{ follow_links(
    'walk', links='links', id='referred_customer_key', next_id='referrer_customer_key', latest='link_order',
    at_most=longest_chain, until_start=true
) }},

steps as (
    -- who comes back to the start stands on a circle, whose last link is the latest on the way
    select
        walk.start_id,
        walk.step_count,
        case when walk.start_id = walk.reached_id then walk.latest end as cut_link,
        next_links.link_order = max(case when walk.start_id = walk.reached_id then walk.latest end)
            over (partition by walk.reached_id) as reaches_cut_link
    from walk
    left join links as next_links on walk.reached_id = next_links.referred_customer_key
),

depths as (
    select
        start_id,
        max(cut_link) as cut_link,
        coalesce(min(case when reaches_cut_link then step_count end), max(step_count)) as depth
    from steps
    group by start_id
),

chains as (
    select
        links.*,
        coalesce(links.link_order = depths.cut_link, false) as closes_cycle,
        depths.depth
    from links
    left join depths on links.referred_customer_key = depths.start_id
),

int_referral_chains as (
    select
        brand,
        referred_customer_key as customer_key,
        referral_id,
        cast(case when closes_cycle then 0 else depth end as integer) as depth,
        not closes_cycle and depth >= {{ longest_chain }} as is_depth_capped,
        closes_cycle
    from chains
)

select * from int_referral_chains
