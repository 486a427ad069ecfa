-- One row per raw row of messages: cleaned, and with the reason why the row cannot be used, if any.
{% set raw = raw_columns('messages') -%}

with

{{ raw_rows('messages', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,
        {{ clean_id(raw.message_id) }} as message_id,
        {{ clean_customer_id(raw.customer_id) }} as customer_id,
        {{ clean_id(raw.campaign_id) }} as campaign_id,

        -- attributes
        {{ clean_code(raw.audience) }} as audience,
        {{ clean_code(raw.channel) }} as channel,
        {{ clean_currency('messages', raw) }} as currency,

        -- numbers
        {{ clean_amount(raw.cost_amount) }} as cost_amount,

        -- booleans
        {{ clean_boolean(raw.held_out) }} as held_out,

        -- times
        {{ clean_timestamp(raw.sent_at) }} as sent_at,
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

{{ checked_rows('messages', raw) }},

{{ validated_rows(
    'messages', raw,
    rates=ref('customer_lifecycle', 'base_calendar__exchange_rates'),
    rejected_customers=ref('customer_lifecycle', 'base_shop__rejected_customers'),
    invalid_if='audience is null and campaign_id is null', invalid_reason='missing_required_value'
) }},

base_marketing__messages as (
    select
        brand, message_id, sent_at, sent_date, customer_id, held_out, audience, campaign_id, channel, cost_amount,
        currency, reporting_rate,
        {{ person_id('brand', customer_id='customer_id') }} as person_id,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from validated_rows
)

select * from base_marketing__messages
