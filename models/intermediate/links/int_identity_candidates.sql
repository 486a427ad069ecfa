-- One row per pair of ids that some raw row links, whether that row was erased, and day on which the link ends: the merged
-- id, the canonical id, and the first row that says so. What rows of test accounts say about whose a device or an e-mail is,
-- holds; what erased rows say of it only tells which other rows go with them.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

erasures as (
    select * from {{ ref('customer_lifecycle', 'int_erasures') }}
),

linking_rows as (
    select
        brand, id_type as merged_id_type, merged_person_id, canonical_person_id, linked_date,
        'identity_links' as source_table, link_id as source_row, merged_person_id as other_person_id,
        deleted_date as ended_date, cast(null as {{ text_type() }}) as rejection_reason
    from {{ ref('customer_lifecycle', 'base_identity__identity_links') }}
    where rejection_reason is null or was_made_again

    union all

    -- a profile's e-mail is its customer's since the profile was made, or always; customer ids that are e-mails are hashed
    select
        brand, 'email' as merged_id_type, email_person_id, person_id, coalesce(created_date, {{ beginning_of_time() }}),
        'customers', case when customer_id like '%_@_%' then {{ email_id('customer_id') }} else customer_id end,
        email_person_id as other_person_id, cast(null as date) as ended_date, rejection_reason
    from {{ ref('customer_lifecycle', 'base_shop__customers') }}

    {% for source in event_sources() if 'anonymous_id' in source.person %}
    {% set email_id = 'email_person_id' if 'email' in source.person else 'cast(null as ' ~ text_type() ~ ')' %}
    union all

    -- a visitor signs in or, without an account, leaves an e-mail
    select
        brand, 'anonymous_id' as merged_id_type, anonymous_person_id,
        case when customer_id is not null then person_id else {{ email_id }} end,
        {{ source.date }}, '{{ source.table }}', {{ source.key }}, {{ email_id }}, cast(null as date), rejection_reason
    from {{ ref('customer_lifecycle', 'base_' ~ source.folder ~ '__' ~ source.table) }}
    where anonymous_id is not null
    {% endfor %}
),

dated_pairs as (
    select
        linking_rows.brand, linking_rows.merged_id_type, linking_rows.merged_person_id, linking_rows.canonical_person_id,
        linking_rows.linked_date, linking_rows.source_table, min(linking_rows.source_row) as source_row,
        {{ known_until('linking_rows.ended_date', 'as_of.as_of_date') }} as ended_date,
        coalesce(
            linking_rows.linked_date <= owners.erased_until_date
            or linking_rows.linked_date <= others.erased_until_date, false
        ) as is_erased
    from linking_rows
    cross join as_of
    left join erasures as owners on linking_rows.canonical_person_id = owners.person_id
    left join erasures as others on linking_rows.other_person_id = others.person_id
    where
        coalesce(linking_rows.rejection_reason, 'test_account') = 'test_account'
        and linking_rows.merged_person_id <> linking_rows.canonical_person_id
        and linking_rows.linked_date <= as_of.as_of_date
    group by 1, 2, 3, 4, 5, 6, 8, 9
),

ranked_pairs as (
    select
        *,
        row_number() over (
            partition by merged_person_id, canonical_person_id, ended_date, is_erased
            order by linked_date, source_table, source_row
        ) as pair_rank
    from dated_pairs
    where linked_date < ended_date
),

int_identity_candidates as (
    select
        brand, merged_id_type, merged_person_id, canonical_person_id, linked_date, ended_date, source_table, source_row,
        is_erased
    from ranked_pairs
    where
        pair_rank = 1
        -- a link that absorbs a test account counts as absent
        and merged_person_id not in (
            select accounts.person_id from {{ ref('customer_lifecycle', 'base_shop__customers') }} as accounts
            where accounts.rejection_reason = 'test_account' and accounts.person_id is not null
        )
)

select * from int_identity_candidates
