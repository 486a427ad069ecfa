-- One row per event of a profile, with the name of its metric, which says what the event is, and the mailing that caused it.
{{ config(enabled=fills('klaviyo', 'engagements')) }}

with

events as (
    {{ vendor_rows('klaviyo', 'events') }}
),

metrics as (
    {{ vendor_rows('klaviyo', 'metrics') }}
),

klaviyo__events as (
    select
        events.brand,
        events.id,
        events.profile_id,
        coalesce(metrics.name, events.metric_name) as metric_name,
        events.occurred_at,
        coalesce(events.campaign_id, events.flow_id) as campaign_id,
        events.event_id,
        events.value,
        events.currency,
        -- links that a scanner followed, images that a mail program fetched ahead
        coalesce(events.bot_click, events.machine_open) as is_bot,
        events.loaded_at,
        events.deleted_at
    from events
    left join metrics on events.brand = metrics.brand and events.metric_id = metrics.id
)

select * from klaviyo__events
