-- One row per raw row of touchpoints: cleaned, and with the reason why the row cannot be used, if any.
{% set raw = raw_columns('touchpoints') -%}

with

{{ raw_rows('touchpoints', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,
        {{ clean_id(raw.touchpoint_id) }} as touchpoint_id,
        {{ clean_customer_id(raw.customer_id) }} as customer_id,
        {{ clean_anonymous_id(raw.anonymous_id) }} as anonymous_id,
        {{ clean_email(raw.email) }} as email,
        {{ clean_id(raw.campaign_id) }} as campaign_id,

        -- attributes
        {{ spelling_of(clean_code(raw.touch_type)) }} as touch_type,
        {{ clean_text(raw.utm_source) }} as utm_source,
        {{ clean_text(raw.utm_medium) }} as utm_medium,
        {{ clean_text(raw.utm_campaign) }} as utm_campaign,
        {{ clean_text(raw.referrer) }} as referrer,
        {{ clean_text(raw.landing_page) }} as landing_page,

        -- booleans
        {{ clean_boolean(raw.is_bot) }} as is_bot,

        -- times
        {{ clean_timestamp(raw.occurred_at) }} as occurred_at,
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

{{ checked_rows('touchpoints', raw) }},

{{ validated_rows(
    'touchpoints', raw,
    rejected_customers=ref('customer_lifecycle', 'base_shop__rejected_customers')
) }},

-- what the addresses say of where a visit came from
addressed_rows as {{ inlined() }} (
    select
        validated_rows.*,
        {{ web_address('landing_page') }} as landing_address,
        {{ url_host(web_address('referrer')) }} as referring_host,
        {{ url_host(web_address('landing_page')) }} as landing_host
    from validated_rows
),

-- the column, else the parameter of that name: as columns, since decoding reads each several times
origin_texts as {{ inlined() }} (
    select
        visits.*,
        coalesce(visits.utm_source, {{ url_parameter('visits.landing_address', 'utm_source') }}) as source_text,
        coalesce(visits.utm_medium, {{ url_parameter('visits.landing_address', 'utm_medium') }}) as medium_text,
        coalesce(visits.utm_campaign, {{ url_parameter('visits.landing_address', 'utm_campaign') }}) as campaign_text,
        coalesce(
            {{ url_parameter('visits.landing_address', 'utm_id') }},
            {{ url_parameter('visits.landing_address', 'campaign_id') }},
            {{ url_parameter('visits.landing_address', 'gad_campaignid') }}
        ) as campaign_id_text
    from addressed_rows as visits
),

{{ origin_names('named_visits', rows='origin_texts', names={
    'source_name': 'source_text', 'medium_name': 'medium_text', 'campaign_name': 'campaign_text',
    'landing_campaign_id': 'campaign_id_text',
}) }},

base_marketing__touchpoints as (
    select
        brand, touchpoint_id, occurred_at, occurred_date, customer_id, anonymous_id, email, touch_type,
        source_name as utm_source, medium_name as utm_medium, campaign_name as utm_campaign,
        campaign_id, referrer,
        -- a page of the same site is no origin, nor is the page on which a visitor logs in with an account elsewhere
        case
            when landing_host <> '' and referring_host = landing_host then null
            when landing_host <> '' and referring_host like '%.' || landing_host then null
            when landing_host like '%.' || referring_host then null
            when {{ matches_pattern('lower(referrer)', '/(oauth2?|saml2?|openid|ap/signin)(/|[?]|$)') }} then null
            else nullif(referring_host, '')
        end as referrer_host,
        landing_page,
        {{ parameter_names('landing_address') }} as landing_parameters,
        landing_campaign_id,
        is_bot,
        {{ person_id('brand', customer_id='customer_id', anonymous_id='anonymous_id', email='email') }} as person_id,
        {{ person_id('brand', anonymous_id='anonymous_id') }} as anonymous_person_id,
        {{ person_id('brand', email='email') }} as email_person_id,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from named_visits
)

select * from base_marketing__touchpoints
