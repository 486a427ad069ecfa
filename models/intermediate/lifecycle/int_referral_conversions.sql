-- One row per referral and period [valid_from, valid_to) in which a purchase of the referred customer makes it converted.
-- The referred customer's purchases are those of every id that belonged to the same customer on the purchase date; the
-- earliest valid one decides, and counts only if it is on or after the invitation's date.
with

memberships as (
    select * from {{ ref('int_identity_memberships') }}
),

referrals as (
    select
        referrals.*,
        {{ known_until('referrals.deleted_date', 'as_of.as_of_date') }} as deleted_until,
        coalesce(referrals.referred_person_id, referrals.referred_email_person_id) as invited_person_id
    from {{ ref('stg_referral__referrals') }} as referrals
    cross join {{ ref('stg_calendar__as_of_date') }} as as_of
),

purchase_days as (
    -- whose purchase it was on that date
    select
        purchases.brand,
        memberships.customer_key,
        purchases.purchase_date,
        min(purchases.valid_from) as valid_from,
        max(purchases.valid_to) as valid_to
    from {{ ref('int_purchases') }} as purchases
    inner join memberships
        on
            purchases.person_id = memberships.person_id
            and purchases.purchase_date >= memberships.valid_from
            and purchases.purchase_date < memberships.valid_to
    where memberships.customer_key in (
        select invited.customer_key
        from referrals
        inner join memberships as invited on referrals.invited_person_id = invited.person_id
    )
    group by purchases.brand, memberships.customer_key, purchases.purchase_date
),

referred_purchases as (
    select
        referrals.referral_id,
        referrals.brand,
        referrals.referrer_person_id,
        referrals.invited_person_id,
        referrals.invited_at,
        referrals.invited_date,
        referrals.deleted_until,
        purchase_days.customer_key,
        purchase_days.purchase_date,
        purchase_days.valid_from,
        purchase_days.valid_to,
        -- earlier purchases hide this one until the last of them is reversed
        coalesce(max(purchase_days.valid_to) over (
            partition by referrals.brand, referrals.referral_id
            order by purchase_days.purchase_date
            rows between unbounded preceding and 1 preceding
        ), {{ beginning_of_time() }}) as hidden_until_date
    from referrals
    inner join memberships on referrals.invited_person_id = memberships.person_id
    inner join purchase_days
        on
            memberships.customer_key = purchase_days.customer_key
            and purchase_days.purchase_date >= memberships.valid_from
            and purchase_days.purchase_date < memberships.valid_to
),

unions as (
    -- the first day on which referrer and invited are one customer
    select
        referrals.brand,
        referrals.referral_id,
        min(greatest(referrer.valid_from, invited.valid_from)) as united_date
    from referrals
    inner join memberships as referrer on referrals.referrer_person_id = referrer.person_id
    inner join memberships as invited
        on
            referrals.invited_person_id = invited.person_id
            and referrer.customer_key = invited.customer_key
            and referrer.valid_from < invited.valid_to
            and invited.valid_from < referrer.valid_to
    group by referrals.brand, referrals.referral_id
),

ranked as (
    -- one referred customer converts for one referral: the first invitation that is no self-referral
    select
        referred_purchases.*,
        coalesce(unions.united_date, {{ end_of_time() }}) as united_date,
        row_number() over (
            partition by referred_purchases.customer_key, referred_purchases.purchase_date
            order by referred_purchases.invited_at, referred_purchases.referral_id
        ) as invitation_rank
    from referred_purchases
    left join unions
        on referred_purchases.brand = unions.brand and referred_purchases.referral_id = unions.referral_id
    where coalesce(unions.united_date, {{ end_of_time() }}) > referred_purchases.purchase_date
),

int_referral_conversions as (
    select
        brand,
        referral_id,
        referrer_person_id,
        customer_key as referred_customer_key,
        purchase_date as converted_date,
        greatest(valid_from, hidden_until_date) as valid_from,
        least(valid_to, united_date, deleted_until) as valid_to,
        deleted_until as stated_until
    from ranked
    where
        invitation_rank = 1
        and purchase_date >= invited_date
)

select * from int_referral_conversions
where valid_from < valid_to
