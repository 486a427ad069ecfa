-- One row per referral, purchase date of the referred customer and period [starts_on, ends_on) in which it counts. The
-- referred customer's purchases are those of every id that was the same customer on the purchase date. Dates after the
-- first purchase that is never taken back are left out: they can never be the earliest one.
with

memberships as (
    select * from {{ ref('int_identity_memberships') }}
),

referrals as (
    select
        referrals.*,
        coalesce(referrals.referred_person_id, referrals.referred_email_person_id) as invited_person_id,
        {{ known_until('referrals.deleted_date', 'as_of.as_of_date') }} as deleted_until
    from {{ ref('stg_referral__referrals') }} as referrals
    cross join {{ ref('stg_calendar__as_of_date') }} as as_of
),

invited as (
    select
        referrals.brand,
        referrals.referral_id,
        referrals.referrer_person_id,
        referrals.invited_person_id,
        referrals.invited_at,
        referrals.invited_date,
        referrals.deleted_until,
        memberships.customer_key as referred_customer_key,
        memberships.valid_from as member_from,
        memberships.valid_to as member_to
    from referrals
    inner join memberships on referrals.invited_person_id = memberships.person_id
),

purchases as (
    select
        memberships.customer_key,
        purchases.purchase_date,
        purchases.valid_from,
        purchases.valid_to
    from {{ ref('int_purchases') }} as purchases
    inner join memberships
        on
            purchases.person_id = memberships.person_id
            and purchases.purchase_date >= memberships.valid_from
            and purchases.purchase_date < memberships.valid_to
    where memberships.customer_key in (select referred_customer_key from invited)
),

referred_purchases as (
    select
        invited.*,
        purchases.purchase_date,
        purchases.valid_from as starts_on,
        purchases.valid_to as ends_on,
        min(case when purchases.valid_to = {{ end_of_time() }} then purchases.purchase_date end)
            over (partition by invited.brand, invited.referral_id) as lasting_purchase_date
    from invited
    inner join purchases
        on
            invited.referred_customer_key = purchases.customer_key
            and purchases.purchase_date >= invited.member_from
            and purchases.purchase_date < invited.member_to
),

int_referral_candidates as (
    select * from referred_purchases
    where lasting_purchase_date is null or purchase_date <= lasting_purchase_date
)

select * from int_referral_candidates
