-- One row per pair of ids that some raw row links: the absorbed id, the id that survives, and the first row that says so.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

linking_rows as (
    select
        brand, id_type as absorbed_id_type, absorbed_person_id, survivor_person_id, linked_date,
        'identity_links' as source_table, link_id as source_row
    from {{ ref('stg_identity__identity_links') }}

    union all

    -- a profile's e-mail is its customer's since the profile was made, or always; customer ids that are e-mails are hashed
    select
        profiles.brand, 'email' as absorbed_id_type, profiles.email_person_id, profiles.person_id,
        coalesce(profiles.created_date, {{ beginning_of_time() }}), 'customers',
        case when profiles.customer_id like '%_@_%' then {{ email_id('profiles.customer_id') }} else profiles.customer_id end
            as source_row
    from {{ ref('stg_shop__customers') }} as profiles
    cross join as_of
    where coalesce(profiles.created_date, {{ beginning_of_time() }}) <= as_of.as_of_date

    {% for table, date, key in [
        ('stg_marketing__touchpoints', 'occurred_date', 'touchpoint_id'),
        ('stg_marketing__engagements', 'occurred_date', 'engagement_id'),
    ] %}
    union all

    -- a visitor signs in or, without an account, leaves an e-mail
    select
        brand, 'anonymous_id' as absorbed_id_type, anonymous_person_id,
        case when customer_id is not null then person_id else email_person_id end,
        {{ date }}, '{{ table.split('__')[1] }}', {{ key }}
    from {{ ref(table) }}
    where anonymous_id is not null
    {% endfor %}

    union all

    select brand, 'anonymous_id' as absorbed_id_type, anonymous_person_id, person_id, created_date, 'carts', cart_id
    from {{ ref('stg_shop__carts') }}
    where anonymous_id is not null
),

dated_pairs as (
    select
        brand, absorbed_id_type, absorbed_person_id, survivor_person_id, linked_date, source_table,
        min(source_row) as source_row
    from linking_rows
    where absorbed_person_id <> survivor_person_id
    group by brand, absorbed_id_type, absorbed_person_id, survivor_person_id, linked_date, source_table
),

ranked_pairs as (
    select
        *,
        row_number() over (
            partition by absorbed_person_id, survivor_person_id order by linked_date, source_table, source_row
        ) as pair_rank
    from dated_pairs
),

int_identity_candidates as (
    select
        brand,
        absorbed_id_type,
        absorbed_person_id,
        survivor_person_id,
        linked_date,
        source_table,
        source_row,
        row_number() over (partition by absorbed_person_id order by linked_date, survivor_person_id) as survivor_number
    from ranked_pairs
    where
        pair_rank = 1
        -- a link that absorbs a test account counts as absent
        and absorbed_person_id not in (select accounts.person_id from {{ ref('int_identity_test_accounts') }} as accounts)
)

select * from int_identity_candidates
