-- One row per referral that has won a customer, with the revenue of that customer since, less what is taken back.
with

referrals as (
    select * from {{ ref('int_referrals') }}
    where has_won_customer
),

movements as (
    select * from {{ ref('int_revenue_movements') }}
),

int_referred_revenues as (
    select
        referrals.brand,
        referrals.referral_id,
        cast(sum(movements.net_revenue_amount) as decimal(18, 2)) as net_revenue_amount
    from referrals
    inner join movements
        on
            referrals.referred_customer_key = movements.customer_key
            and referrals.converted_date <= movements.ordered_date
    group by referrals.brand, referrals.referral_id
)

select * from int_referred_revenues
