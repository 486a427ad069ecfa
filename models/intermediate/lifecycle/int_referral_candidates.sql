-- One row per referral, purchase date of the referred customer and period [starts_on, ends_on) in which it counts. The
-- referred customer's purchases are those of every id that was the same customer on the purchase date. Dates after the
-- first purchase that is never taken back are left out: they can never be the earliest one.
with

memberships as (
    select * from {{ ref('int_identity_memberships') }}
),

invitations as (
    select * from {{ ref('int_referral_invitations') }}
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
    where memberships.customer_key in (select invitations.referred_customer_key from invitations)
),

referred_purchases as (
    select
        invitations.brand,
        invitations.referral_id,
        invitations.referrer_person_id,
        invitations.referred_customer_key,
        invitations.invited_at,
        invitations.invited_date,
        invitations.member_from,
        invitations.member_to,
        invitations.ended_date,
        invitations.deleted_until,
        purchases.purchase_date,
        purchases.valid_from as starts_on,
        purchases.valid_to as ends_on,
        min(case
            when purchases.valid_from = purchases.purchase_date and purchases.valid_to = {{ end_of_time() }}
                then purchases.purchase_date
        end) over (partition by invitations.brand, invitations.referral_id) as lasting_purchase_date
    from invitations
    inner join purchases
        on
            invitations.referred_customer_key = purchases.customer_key
            and invitations.member_from <= purchases.purchase_date
            and invitations.member_to > purchases.purchase_date
),

int_referral_candidates as (
    select * from referred_purchases
    where lasting_purchase_date is null or purchase_date <= lasting_purchase_date
)

select * from int_referral_candidates
