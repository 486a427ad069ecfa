-- One row per scope (program, all), program and month in which invitations were sent, with what has come of them.
-- Conversions within 90 days are counted of those invitations whose 90 days are over, so that months can be compared.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

referrals as (
    select
        referrals.*,
        {{ period_start('month', 'referrals.invited_date') }} as month_date,
        case when referrals.is_self_referral then 0 else 1 end as is_invite,
        case
            when not referrals.is_self_referral and {{ add_days('referrals.invited_date', 90) }} <= as_of.as_of_date then 1
            else 0
        end as is_eligible_invite
    from {{ ref('customer_lifecycle', 'int_referral_results') }} as referrals
    cross join as_of
),

invites as (
    select
        *,
        case when is_eligible_invite = 1 and cycle_days <= 90 then cycle_days end as eligible_cycle_days
    from referrals
),

int_referral_measures as (
    {% for scope in ['program', 'all'] %}
    select
        '{{ scope }}' as scope,
        brand,
        {{ 'program' if scope == 'program' else "'all'" }} as program,
        month_date,
        cast(count(distinct case when is_invite = 1 then referrer_customer_key end) as bigint) as referrer_count,
        cast(count(distinct case when eligible_cycle_days is not null then referrer_customer_key end) as bigint)
            as winning_referrer_count,
        cast(sum(is_invite) as bigint) as invite_count,
        cast(sum(is_eligible_invite) as bigint) as eligible_invite_count,
        cast(sum(case when accepted_date is not null then is_invite else 0 end) as bigint) as accepted_count,
        cast(sum(case when converted_date is not null then is_invite else 0 end) as bigint) as converted_count,
        cast(count(eligible_cycle_days) as bigint) as converted_within_90d_count,
        {{ percentile_of('eligible_cycle_days', 0.5) }} as median_cycle_days,
        cast(sum(referred_net_revenue_amount) as decimal(18, 2)) as referred_net_revenue_amount,
        cast(sum(reward_amount) as decimal(18, 2)) as reward_amount,
        cast(sum(1 - is_invite) as bigint) as self_referral_count
    from invites
    group by brand, month_date{{ ', program' if scope == 'program' }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from int_referral_measures
