-- One row per campaign as it was last; one that was removed stays, as its costs do. An end in 2037 is Google's word for none.
{{ config(enabled=fills('google_ads', 'campaigns')) }}

with

campaigns as (
    {{ vendor_rows('google_ads', 'campaigns') }}
),

accounts as (
    select * from {{ ref('google_ads__accounts') }}
),

versions as (
    select campaigns.*, row_number() over (partition by brand, id order by updated_at desc, loaded_at desc) as place
    from campaigns
),

days_in_zone as (
    select
        versions.*,
        coalesce(accounts.time_zone, 'UTC') as time_zone,
        cast(versions.start_date as {{ sql_type('timestamp') }}) as local_start,
        -- the last day is a day of the campaign
        case
            when versions.end_date < cast('2037-12-30' as date)
            then cast({{ customer_lifecycle.add_days('versions.end_date', 1) }} as {{ sql_type('timestamp') }})
        end as local_end
    from versions
    left join accounts on versions.brand = accounts.brand and versions.account_id = accounts.account_id
    where versions.place = 1
),

google_ads__campaigns as (
    select
        brand,
        {{ vendor_id('google_ads', 'id') }} as campaign_id,
        name,
        -- what a campaign was bought as, in words that the rules of channels know; of any other, the platform tells
        case
            when advertising_channel_type in ('DISPLAY', 'VIDEO', 'DISCOVERY', 'DEMAND_GEN') then 'display'
            when advertising_channel_type is not null then 'paid_search'
        end as channel,
        'google' as platform,
        {{ zoned_to_utc('local_start', 'time_zone') }} as started_at,
        {{ zoned_to_utc('local_end', 'time_zone') }} as ended_at,
        loaded_at
    from days_in_zone
)

select * from google_ads__campaigns
