-- One row per referral, customer whom it invited and days [member_from, member_to) on which the invited id is that customer,
-- up to the day on which referrer and referred become one. A referral from somebody to themselves has no row.
with

memberships as (
    select * from {{ ref('int_identity_memberships') }}
),

referrals as (
    select
        referrals.brand,
        referrals.referral_id,
        referrals.referrer_person_id,
        coalesce(referrals.referred_person_id, referrals.referred_email_person_id) as invited_person_id,
        referrals.invited_at,
        referrals.invited_date,
        {{ known_until('referrals.deleted_date', 'as_of.as_of_date') }} as deleted_until
    from {{ ref('stg_referral__referrals') }} as referrals
    cross join {{ ref('stg_calendar__as_of_date') }} as as_of
),

united as (
    select referrals.brand, referrals.referral_id, min(greatest(referrer.valid_from, referred.valid_from)) as united_date
    from referrals
    inner join memberships as referrer on referrals.referrer_person_id = referrer.person_id
    inner join memberships as referred
        on
            referrals.invited_person_id = referred.person_id
            and referrer.customer_key = referred.customer_key
            and referrer.valid_from < referred.valid_to
            and referrer.valid_to > referred.valid_from
    group by referrals.brand, referrals.referral_id
),

int_referral_invitations as (
    select
        referrals.brand,
        referrals.referral_id,
        referrals.referrer_person_id,
        memberships.customer_key as referred_customer_key,
        referrals.invited_at,
        referrals.invited_date,
        memberships.valid_from as member_from,
        least(memberships.valid_to, coalesce(united.united_date, {{ end_of_time() }}), referrals.deleted_until) as member_to,
        least(coalesce(united.united_date, {{ end_of_time() }}), referrals.deleted_until) as ended_date,
        referrals.deleted_until
    from referrals
    inner join memberships on referrals.invited_person_id = memberships.person_id
    left join united on referrals.brand = united.brand and referrals.referral_id = united.referral_id
)

select * from int_referral_invitations
where member_from < member_to
