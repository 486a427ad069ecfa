-- One row per customer, with the attributes by which marts are cut: never null, 'unknown' where nothing is known. The
-- acquisition channel is fixed on the customer's first day and never revised: a profile made after that day, or a visit that
-- a link brings later, does not change it.
-- the path of an address: parameters and the site would make one page many
{% set page = remove_pattern('landing_address', '[?#;].*$') %}
{% set page = remove_pattern(page, '^(([a-z][a-z0-9+.-]*:)?//[^/]*|[^/]+[.][^/]*/)') %}
with

customers as (
    select * from {{ ref('customer_lifecycle', 'int_customers') }}
),

lifespans as (
    select customer_key, first_known_date from {{ ref('customer_lifecycle', 'int_customer_lifespans') }}
),

profiles as (
    select person_id, acquisition_source, created_date from {{ ref('customer_lifecycle', 'stg_shop__customers') }}
),

events as (
    select * from {{ ref('customer_lifecycle', 'int_customer_events') }}
    where source_table = 'touchpoints'
),

profile_channels as (
    select * from {{ ref('customer_lifecycle', 'int_profile_channels') }}
),

first_day_touchpoints as (
    select
        customers.customer_key, touchpoints.channel, touchpoints.campaign_id, visits.landing_page,
        row_number() over (
            partition by customers.customer_key order by touchpoints.occurred_at, touchpoints.touchpoint_id
        ) as touchpoint_number
    from events
    inner join lifespans on events.customer_key = lifespans.customer_key and events.known_from = lifespans.first_known_date
    inner join customers on events.customer_key = customers.customer_key
    inner join {{ ref('customer_lifecycle', 'int_touchpoint_channels') }} as touchpoints
        on customers.brand = touchpoints.brand and events.source_row = touchpoints.touchpoint_id
    inner join {{ ref('customer_lifecycle', 'stg_marketing__touchpoints') }} as visits
        on customers.brand = visits.brand and events.source_row = visits.touchpoint_id
),

acquisition_channels as (
    select
        customers.customer_key, customers.brand, customers.country_code, customers.segment,
        coalesce(profile_channels.channel, first_day_touchpoints.channel, 'unknown') as acquisition_channel,
        case
            when profile_channels.channel is not null then 'profile'
            when first_day_touchpoints.channel is not null then 'touchpoint'
            else 'unknown'
        end as channel_evidence,
        first_day_touchpoints.channel as touchpoint_channel,
        first_day_touchpoints.campaign_id,
        {{ web_address('first_day_touchpoints.landing_page') }} as landing_address
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
    left join profile_channels on profiles.acquisition_source = profile_channels.acquisition_source
    left join first_day_touchpoints
        on
            customers.customer_key = first_day_touchpoints.customer_key
            and first_day_touchpoints.touchpoint_number = 1
),

int_customer_dimensions as (
    select
        customer_key,
        brand,
        acquisition_channel,
        channel_evidence,
        case when touchpoint_channel = acquisition_channel then campaign_id end as acquisition_campaign_id,
        case when touchpoint_channel = acquisition_channel then '/' || {{ remove_pattern(page, '^/+|/+$') }} end
            as acquisition_landing_page,
        coalesce(country_code, 'unknown') as country_code,
        coalesce(segment, 'unknown') as segment
    from acquisition_channels
)

select * from int_customer_dimensions
