-- One row per referral that has won a customer, of a known referrer: is it the one at which a circle of customers who have
-- won each other is cut? That is its last referral. Circles are followed for 50 links.
{{ with_links() }}

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

{{ follow_links(
    'walk', links='links', id='referred_customer_key', next_id='referrer_customer_key', latest='link_order',
    at_most=50, until_start=true
) }},

int_referral_cycles as (
    select
        links.brand,
        links.referral_id,
        links.referred_customer_key,
        links.referrer_customer_key,
        walk.latest is not null as closes_cycle
    from links
    left join walk
        on
            links.referred_customer_key = walk.start_id
            and links.referred_customer_key = walk.reached_id
            and links.link_order = walk.latest
)

select * from int_referral_cycles
