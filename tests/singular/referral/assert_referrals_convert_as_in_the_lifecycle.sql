-- A referral converts here if and only if the lifecycle gives its referrer an advocacy event that still counts, on the same
-- date, self-referrals that only e-mail or telephone betray excepted; and a referral that is gone is nowhere.
with

conversions as (
    select
        brand,
        referral_id,
        converted_date
    from {{ ref('customer_lifecycle', 'int_referral_conversions') }}
    where valid_to = {{ end_of_time() }}
)

select coalesce(referrals.referral_id, conversions.referral_id) as referral_id
from {{ ref('customer_lifecycle', 'customer_referrals') }} as referrals
full outer join conversions
    on referrals.brand = conversions.brand and referrals.referral_id = conversions.referral_id
where
    referrals.referral_id is null
    or (not referrals.is_self_referral and (referrals.converted_date is null) <> (conversions.converted_date is null))
    or referrals.converted_date <> conversions.converted_date
    or (referrals.is_self_referral and referrals.converted_date is not null)
    or (referrals.status = 'converted') <> (referrals.converted_date is not null)
    or (referrals.converted_date is null and (referrals.reward_amount <> 0 or referrals.referred_net_revenue_amount <> 0))
    or referrals.cycle_days < 0
