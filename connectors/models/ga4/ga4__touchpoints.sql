-- One row per session in which a page or screen was seen. Its origin is that of the first event that has one, its landing page
-- the first page, its customer the last who was known.
{{ config(enabled=fills('ga4', 'touchpoints')) }}

with

numbered_events as (
    select
        events.*,
        {%- for name, column in {'origin': 'utm_source', 'page': 'page_location', 'customer': 'customer_id'}.items() %}
        row_number() over (
            partition by brand, session_key
            order by case when {{ column }} is null then 1 else 0 end, event_number {{ 'desc' if name == 'customer' }}
        ) as place_of_{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('ga4__events') }} as events
    where session_key is not null
),

sessions as (
    select
        brand,
        session_key,
        min(anonymous_id) as anonymous_id,
        min(occurred_at) as occurred_at,
        max(occurred_at) as last_occurred_at,
        {%- for column in ['utm_source', 'utm_medium', 'utm_campaign', 'campaign_id'] %}
        max(case when place_of_origin = 1 then {{ column }} end) as {{ column }},
        {%- endfor %}
        max(case when place_of_page = 1 then page_referrer end) as referrer,
        max(case when place_of_page = 1 then page_location end) as landing_page,
        max(case when place_of_customer = 1 then customer_id end) as customer_id,
        max(case when event_name in ('session_start', 'page_view', 'screen_view') then 1 else 0 end) as is_visit
    from numbered_events
    group by brand, session_key
),

ga4__touchpoints as (
    select
        brand,
        {{ vendor_id('ga4', 'session_key') }} as touchpoint_id,
        occurred_at,
        customer_id,
        anonymous_id,
        'visit' as touch_type,
        utm_source,
        utm_medium,
        utm_campaign,
        campaign_id,
        referrer,
        landing_page,
        last_occurred_at as loaded_at
    from sessions
    where is_visit = 1
)

select * from ga4__touchpoints
