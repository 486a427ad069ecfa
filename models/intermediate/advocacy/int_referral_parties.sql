-- One row per referral that has not been deleted, with the customers that referrer and referred are at the as-of date, and
-- whether the two are one: the same customer, or two with one e-mail or telephone number.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

identity_map as (
    select * from {{ ref('customer_lifecycle', 'int_identity_map') }}
    where valid_to = {{ end_of_time() }}
),

contacts as (
    select * from {{ ref('customer_lifecycle', 'int_customer_contact_ids') }}
),

referrals as (
    select
        referrals.*,
        coalesce(referrals.referred_person_id, referrals.referred_email_person_id) as invited_person_id,
        as_of.as_of_date
    from {{ ref('customer_lifecycle', 'stg_referral__referrals') }} as referrals
    cross join as_of
    where referrals.deleted_date is null or referrals.deleted_date > as_of.as_of_date
),

parties as (
    select
        referrals.*,
        referrers.customer_key as referrer_customer_key,
        referred.customer_key as referred_customer_key,
        addressees.customer_key as addressee_customer_key
    from referrals
    left join identity_map as referrers on referrals.referrer_person_id = referrers.person_id
    left join identity_map as referred on referrals.invited_person_id = referred.person_id
    left join identity_map as addressees on referrals.referred_email_person_id = addressees.person_id
),

shared_contacts as (
    select parties.brand, parties.referral_id, referrer_contacts.contact_type
    from parties
    inner join contacts as referrer_contacts on parties.referrer_customer_key = referrer_contacts.customer_key
    left join contacts as referred_contacts
        on
            parties.referred_customer_key = referred_contacts.customer_key
            and referrer_contacts.contact_id = referred_contacts.contact_id
    where
        referred_contacts.contact_id is not null
        or parties.referred_email_person_id = referrer_contacts.contact_id
),

evidence as (
    select brand, referral_id, min(contact_type) as contact_type from shared_contacts
    group by brand, referral_id
),

int_referral_parties as (
    select
        parties.brand, parties.referral_id, parties.referrer_person_id, parties.invited_person_id,
        parties.referrer_customer_key, parties.referred_customer_key,
        coalesce(parties.program, 'unknown') as program,
        parties.invite_channel,
        case
            when
                parties.referrer_person_id = parties.invited_person_id
                or parties.referrer_customer_key = parties.referred_customer_key
                then 'customer'
            when parties.referrer_customer_key = parties.addressee_customer_key then 'email'
            else evidence.contact_type
        end as self_referral_evidence,
        parties.invited_at, parties.invited_date,
        case when parties.accepted_date <= parties.as_of_date then parties.accepted_date end as accepted_date,
        cast(round(parties.reward_amount * parties.reporting_rate, 2) as decimal(18, 2)) as promised_reward_amount
    from parties
    left join evidence on parties.brand = evidence.brand and parties.referral_id = evidence.referral_id
)

select * from int_referral_parties
