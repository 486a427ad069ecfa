-- One row per referral and period [valid_from, valid_to) in which it is converted: the referred customer's earliest valid
-- purchase is on or after the invitation's date, referrer and referred are two customers, and no earlier invitation of the
-- same customer comes first. If the purchase is taken back, the next valid one takes its place.
with

candidates as (
    select * from {{ ref('int_referral_candidates') }}
),

turning_days as (
    select brand, referral_id, starts_on as turning_day from candidates
    {{ union_distinct() }}
    select brand, referral_id, ends_on from candidates
),

periods as (
    select
        brand,
        referral_id,
        turning_day as starts_on,
        lead(turning_day) over (partition by brand, referral_id order by turning_day) as ends_on
    from turning_days
),

earliest_purchases as (
    select
        periods.brand, periods.referral_id, periods.starts_on, periods.ends_on,
        min(candidates.purchase_date) as purchase_date
    from periods
    inner join candidates
        on
            periods.brand = candidates.brand
            and periods.referral_id = candidates.referral_id
            and periods.starts_on >= candidates.starts_on
            and periods.starts_on < candidates.ends_on
    group by periods.brand, periods.referral_id, periods.starts_on, periods.ends_on
),

{{ merged_windows('purchase_periods', windows='earliest_purchases', keys=['brand', 'referral_id', 'purchase_date']) }},

ranked as (
    -- one referred customer converts for one referral: the first invitation that stands on the purchase date
    select
        candidates.brand,
        candidates.referral_id,
        candidates.purchase_date,
        rank() over (
            partition by candidates.brand, candidates.referral_id, candidates.purchase_date
            order by rivals.invited_at, rivals.referral_id
        ) as invitation_rank,
        rivals.referral_id as rival_referral_id
    from candidates
    inner join {{ ref('int_referral_invitations') }} as rivals
        on
            candidates.referred_customer_key = rivals.referred_customer_key
            and candidates.purchase_date >= rivals.member_from
            and candidates.purchase_date < rivals.member_to
),

firsts as (
    select distinct brand, referral_id, purchase_date from ranked
    where invitation_rank = 1 and rival_referral_id = referral_id
),

conversions as (
    select distinct
        candidates.brand,
        candidates.referral_id,
        candidates.referrer_person_id,
        candidates.referred_customer_key,
        candidates.purchase_date,
        candidates.ended_date,
        candidates.deleted_until
    from candidates
    inner join firsts
        on
            candidates.brand = firsts.brand
            and candidates.referral_id = firsts.referral_id
            and candidates.purchase_date = firsts.purchase_date
    where candidates.purchase_date >= candidates.invited_date
),

int_referral_conversions as (
    select
        conversions.brand,
        conversions.referral_id,
        conversions.referrer_person_id,
        conversions.referred_customer_key,
        conversions.purchase_date as converted_date,
        purchase_periods.starts_on as valid_from,
        least(purchase_periods.ends_on, conversions.ended_date) as valid_to,
        conversions.deleted_until as stated_until
    from conversions
    inner join purchase_periods
        on
            conversions.brand = purchase_periods.brand
            and conversions.referral_id = purchase_periods.referral_id
            and conversions.purchase_date = purchase_periods.purchase_date
)

select * from int_referral_conversions
where valid_from < valid_to
