-- One row per referral that has not been deleted: what has come of it by the as-of date. Converted is what the lifecycle
-- says, self-referrals excepted; a customer that several have won by merging counts for the first of them.
with

parties as (
    select
        *,
        self_referral_evidence is not null as is_self_referral
    from {{ ref('customer_lifecycle', 'int_referral_parties') }}
),

ever_converted as (
    select
        brand,
        referral_id,
        max(case when valid_to = {{ end_of_time() }} then converted_date end) as converted_date
    from {{ ref('customer_lifecycle', 'int_referral_conversions') }}
    group by brand, referral_id
),

judged as (
    select
        parties.*,
        case when not parties.is_self_referral then ever_converted.converted_date end as converted_date,
        case
            when parties.is_self_referral then 'self_referral'
            when ever_converted.converted_date is not null then 'converted'
            when ever_converted.referral_id is not null then 'reversed'
            when parties.accepted_date is not null then 'accepted'
            else 'invited'
        end as status
    from parties
    left join ever_converted on parties.brand = ever_converted.brand and parties.referral_id = ever_converted.referral_id
),

int_referrals as (
    select
        brand,
        referral_id,
        referrer_customer_key,
        referred_customer_key,
        program,
        invite_channel,
        status,
        is_self_referral,
        self_referral_evidence,
        promised_reward_amount,
        invited_at,
        invited_date,
        accepted_date,
        converted_date,
        case
            when converted_date is null or referred_customer_key is null then false
            else row_number() over (
                partition by brand, referred_customer_key, converted_date is null
                order by converted_date, invited_at, referral_id
            ) = 1
        end as has_won_customer
    from judged
)

select * from int_referrals
