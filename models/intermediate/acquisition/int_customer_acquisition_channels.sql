-- One row per customer, with the channel it was won by. Fixed on the customer's first day, and never revised: a profile made
-- after that day, or a visit learnt of later through a link, comes too late.
with

customers as (
    select * from {{ ref('int_customers') }}
),

lifespans as (
    select
        customer_key,
        first_known_date
    from {{ ref('int_customer_lifespans') }}
),

profiles as (
    select
        person_id,
        acquisition_source,
        created_date
    from {{ ref('stg_shop__customers') }}
),

events as (
    select * from {{ ref('int_customer_events') }}
    where source_table = 'touchpoints'
),

touchpoints as (
    select * from {{ ref('int_touchpoint_channels') }}
),

channels as (
    select distinct channel from {{ ref('channel_rules') }}
),

first_day_touchpoints as (
    select
        customers.customer_key,
        touchpoints.channel,
        touchpoints.campaign_id,
        row_number() over (
            partition by customers.customer_key order by touchpoints.occurred_at, touchpoints.touchpoint_id
        ) as touchpoint_number
    from events
    inner join lifespans on events.customer_key = lifespans.customer_key and events.known_from = lifespans.first_known_date
    inner join customers on events.customer_key = customers.customer_key
    inner join touchpoints on customers.brand = touchpoints.brand and events.source_row = touchpoints.touchpoint_id
),

acquisition_channels as (
    select
        customers.customer_key,
        coalesce(channels.channel, profiles.acquisition_source, first_day_touchpoints.channel, 'unknown')
            as acquisition_channel,
        case
            when profiles.acquisition_source is not null then 'profile'
            when first_day_touchpoints.channel is not null then 'touchpoint'
            else 'unknown'
        end as channel_evidence,
        first_day_touchpoints.channel as touchpoint_channel,
        first_day_touchpoints.campaign_id
    from customers
    left join lifespans on customers.customer_key = lifespans.customer_key
    left join profiles
        on
            customers.customer_id = profiles.person_id
            and (
                profiles.created_date is null
                or lifespans.first_known_date is null
                or lifespans.first_known_date >= profiles.created_date
            )
    left join channels
        on replace(replace(lower(profiles.acquisition_source), ' ', '_'), '-', '_') = channels.channel
    left join first_day_touchpoints
        on
            customers.customer_key = first_day_touchpoints.customer_key
            and first_day_touchpoints.touchpoint_number = 1
),

int_customer_acquisition_channels as (
    select
        customer_key,
        acquisition_channel,
        channel_evidence,
        case when touchpoint_channel = acquisition_channel then campaign_id end as acquisition_campaign_id
    from acquisition_channels
)

select * from int_customer_acquisition_channels
