-- One row per raw row of identity_links: cleaned, and with the reason why the row cannot be used, if any.
{% set raw = raw_columns('identity_links') -%}

with

{{ raw_rows('identity_links', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,
        {{ clean_id(raw.link_id) }} as link_id,
        {{ clean_customer_id(raw.id_value) }} as id_value,
        {{ clean_customer_id(raw.customer_id) }} as customer_id,

        -- attributes
        {{ clean_code(raw.id_type) }} as id_type,

        -- times
        {{ clean_timestamp(raw.linked_at) }} as linked_at,
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

{{ checked_rows('identity_links', raw) }},

rows_with_merges as {{ inlined() }} (
    select
        checked_rows.*,
        case when checked_rows.id_type = 'customer_id' then checked_rows.id_value end as merged_customer_id
    from checked_rows
),

{{ validated_rows(
    'identity_links', raw,
    rows='rows_with_merges',
    invalid_if="id_type not in ('customer_id', 'anonymous_id', 'email')",
    rejected_customers=ref('customer_lifecycle', 'base_shop__rejected_customers')
) }},

base_identity__identity_links as (
    select
        brand, link_id, linked_at, linked_date, id_type, id_value, customer_id, merged_customer_id,
        case id_type
            when 'customer_id' then {{ person_id('brand', customer_id='id_value') }}
            when 'anonymous_id' then {{ person_id('brand', anonymous_id='id_value') }}
            when 'email' then {{ person_id('brand', email='id_value') }}
        end as merged_person_id,
        {{ person_id('brand', customer_id='customer_id') }} as canonical_person_id,
        -- undone before it was made again under its id: it holds on its own days
        coalesce(
            rejection_reason = 'superseded_version' and deleted_date <= min(linked_date) over (
                partition by brand, link_id, coalesce(rejection_reason, 'superseded_version')
                order by version_number rows between unbounded preceding and 1 preceding
            ), false
        ) as was_made_again,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from validated_rows
)

select * from base_identity__identity_links
