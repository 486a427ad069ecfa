-- One row per referral, purchase date of the referred customer and period [starts_on, ends_on) in which it counts. The
-- referred customer's purchases are those of every id that was the same customer on the purchase date, up to the day on
-- which referrer and referred become one. Dates after the first purchase that is never reversed are left out: they can
-- never be the earliest one.
with

identity_map as (
    select * from {{ ref('customer_lifecycle', 'int_identity_map') }}
),

referrals as (
    select
        referrals.brand, referrals.referral_id, referrals.referrer_person_id,
        coalesce(referrals.referred_person_id, referrals.referred_email_person_id) as invited_person_id,
        referrals.invited_at, referrals.invited_date,
        {{ known_until('referrals.deleted_date', 'as_of.as_of_date') }} as deleted_until
    from {{ ref('customer_lifecycle', 'stg_referral__referrals') }} as referrals
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
),

united as (
    select referrals.brand, referrals.referral_id, min(greatest(referrer.valid_from, referred.valid_from)) as united_date
    from referrals
    inner join identity_map as referrer on referrals.referrer_person_id = referrer.person_id
    inner join identity_map as referred
        on
            referrals.invited_person_id = referred.person_id
            and referrer.customer_key = referred.customer_key
            and referrer.valid_from < referred.valid_to
            and referrer.valid_to > referred.valid_from
    group by referrals.brand, referrals.referral_id
),

invitations as (
    select
        referrals.*,
        identity_map.customer_key as referred_customer_key,
        identity_map.valid_from as member_from, identity_map.valid_to as member_to,
        least(coalesce(united.united_date, {{ end_of_time() }}), referrals.deleted_until) as ended_date
    from referrals
    inner join identity_map on referrals.invited_person_id = identity_map.person_id
    left join united on referrals.brand = united.brand and referrals.referral_id = united.referral_id
),

purchases as (
    select identity_map.customer_key, purchases.purchase_date, purchases.valid_from, purchases.valid_to
    from {{ ref('customer_lifecycle', 'int_purchases') }} as purchases
    inner join identity_map
        on
            purchases.person_id = identity_map.person_id
            and purchases.purchase_date >= identity_map.valid_from
            and purchases.purchase_date < identity_map.valid_to
    where identity_map.customer_key in (select invitations.referred_customer_key from invitations)
),

referred_purchases as (
    select
        invitations.*,
        purchases.purchase_date, purchases.valid_from as starts_on, purchases.valid_to as ends_on,
        -- one referred customer converts for one referral: the first invitation that stands on the purchase date
        rank() over (
            partition by invitations.referred_customer_key, purchases.purchase_date
            order by invitations.invited_at, invitations.referral_id
        ) = 1 as is_first_invitation,
        min(case
            when purchases.valid_from = purchases.purchase_date and purchases.valid_to = {{ end_of_time() }}
                then purchases.purchase_date
        end) over (partition by invitations.brand, invitations.referral_id) as lasting_purchase_date
    from invitations
    inner join purchases
        on
            invitations.referred_customer_key = purchases.customer_key
            and invitations.member_from <= purchases.purchase_date
            and least(invitations.member_to, invitations.ended_date) > purchases.purchase_date
),

int_referral_candidates as (
    select
        brand, referral_id, referrer_person_id, referred_customer_key, invited_date, ended_date, deleted_until,
        purchase_date, starts_on, ends_on, is_first_invitation
    from referred_purchases
    where lasting_purchase_date is null or purchase_date <= lasting_purchase_date
)

select * from int_referral_candidates
