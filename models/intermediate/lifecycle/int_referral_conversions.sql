-- One row per referral and period [valid_from, valid_to) in which it is converted: the referred customer's earliest valid
-- purchase is on or after the invitation's date, referrer and referred are two customers, and no earlier invitation of the
-- same customer comes first. If the purchase is taken back, the next valid one takes its place.
with

candidates as (
    select * from {{ ref('int_referral_candidates') }}
),

memberships as (
    select * from {{ ref('int_identity_memberships') }}
),

turning_days as (
    select brand, referral_id, starts_on as turning_day from candidates
    union
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
    select periods.brand, periods.referral_id, periods.starts_on, periods.ends_on, min(candidates.purchase_date) as purchase_date
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

united as (
    -- the first day on which referrer and referred are one customer
    select invited.brand, invited.referral_id, min(greatest(referrer.valid_from, referred.valid_from)) as united_date
    from (select distinct brand, referral_id, referrer_person_id, invited_person_id from candidates) as invited
    inner join memberships as referrer on invited.referrer_person_id = referrer.person_id
    inner join memberships as referred
        on
            invited.invited_person_id = referred.person_id
            and referrer.customer_key = referred.customer_key
            and referrer.valid_from < referred.valid_to
            and referred.valid_from < referrer.valid_to
    group by invited.brand, invited.referral_id
),

ranked as (
    -- one referred customer converts for one referral: the first invitation that is no self-referral
    select
        candidates.*,
        coalesce(united.united_date, {{ end_of_time() }}) as united_date,
        rank() over (
            partition by candidates.referred_customer_key, candidates.purchase_date
            order by candidates.invited_at, candidates.referral_id
        ) as invitation_rank
    from candidates
    left join united on candidates.brand = united.brand and candidates.referral_id = united.referral_id
    where
        coalesce(united.united_date, {{ end_of_time() }}) > candidates.purchase_date
        and candidates.deleted_until > candidates.purchase_date
),

firsts as (
    select distinct
        brand, referral_id, referrer_person_id, referred_customer_key, invited_date, purchase_date, united_date, deleted_until
    from ranked
    where invitation_rank = 1 and purchase_date >= invited_date
),

int_referral_conversions as (
    select
        firsts.brand,
        firsts.referral_id,
        firsts.referrer_person_id,
        firsts.referred_customer_key,
        firsts.purchase_date as converted_date,
        purchase_periods.starts_on as valid_from,
        least(purchase_periods.ends_on, firsts.united_date, firsts.deleted_until) as valid_to,
        firsts.deleted_until as stated_until
    from firsts
    inner join purchase_periods
        on
            firsts.brand = purchase_periods.brand
            and firsts.referral_id = purchase_periods.referral_id
            and firsts.purchase_date = purchase_periods.purchase_date
)

select * from int_referral_conversions
where valid_from < valid_to
