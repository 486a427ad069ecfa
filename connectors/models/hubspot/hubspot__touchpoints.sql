-- One row per marketing e-mail that was delivered or opened. The recipient is an address; the contract finds its customer.
{{ config(enabled=fills('hubspot', 'touchpoints')) }}

with

email_events as (
    {{ vendor_rows('hubspot', 'email_events') }}
),

hubspot__touchpoints as (
    select
        brand,
        {{ vendor_id('hubspot', 'id') }} as touchpoint_id,
        created as occurred_at,
        recipient as email,
        case when type = 'DELIVERED' then 'email_delivered' else 'email_opened' end as touch_type,
        {{ vendor_id('hubspot', 'campaign_id') }} as campaign_id,
        -- by the filters that the account has against bots and its own staff
        filtered_event as is_bot,
        loaded_at,
        deleted_at
    from email_events
    where type in ('DELIVERED', 'OPEN')
)

select * from hubspot__touchpoints
