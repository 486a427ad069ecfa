-- One row per referral and period [valid_from, valid_to) in which it is converted: the referred customer's earliest valid
-- purchase is on or after the invitation's date, referrer and referred are two customers, and no earlier invitation of the
-- same customer comes first. If the purchase is reversed, the next valid one takes its place.
with

candidates as (
    select * from {{ ref('customer_lifecycle', 'int_referral_candidates') }}
),

change_days as (
    select brand, referral_id, starts_on as change_day from candidates
    {{ union_distinct() }}
    select brand, referral_id, ends_on from candidates
),

periods as (
    select
        brand,
        referral_id,
        change_day as starts_on,
        lead(change_day) over (partition by brand, referral_id order by change_day) as ends_on
    from change_days
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

conversions as (
    select distinct
        brand,
        referral_id,
        referrer_person_id,
        referred_customer_key,
        purchase_date,
        ended_date,
        deleted_until
    from candidates
    where is_first_invitation and purchase_date >= invited_date
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
