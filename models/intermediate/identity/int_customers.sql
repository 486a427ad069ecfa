-- One row per id that has ever lived as a customer of its own, prospects and visitors included, test accounts left out. An
-- id keeps its customer_key from build to build, and no other id gets the key while the last complete build has the id. Keys
-- are looked up in three tables: this one; the record of the last complete build, since an interrupted build may have
-- rewritten this one; and the stage periods saved of that build, since it may have rewritten the record, too.
{% set previous = previous_build() %}
{% set recorded = earlier_table('int_recorded_fingerprints') %}
{% set saved = earlier_table('int_published_stage_periods') %}
with

observed_ids as (
    select person_id as customer_id, brand from {{ ref('customer_lifecycle', 'int_observed_events') }}
    {{ union_distinct() }}
    select canonical_person_id, brand from {{ ref('customer_lifecycle', 'int_identity_links') }}
    where link_status = 'accepted'
),

given_keys as (
    {% for earlier in [previous, recorded, saved] if earlier -%}
    select customer_id, customer_key from {{ earlier }}
    union all
    {% endfor -%}
    select customer_id, cast(null as integer) as customer_key from observed_ids
    where 1 = 0
),

known_keys as (
    -- one key each even if the last build stopped because an id stood there twice
    select customer_id, min(customer_key) as customer_key from given_keys
    group by customer_id
),

last_key as (
    select coalesce(max(customer_key), 0) as customer_key from known_keys
),

accepted_links as (
    select * from {{ ref('customer_lifecycle', 'int_identity_links') }}
    where link_status = 'accepted' and unlinked_date = {{ end_of_time() }}
),

profiles as (
    select * from {{ ref('customer_lifecycle', 'stg_shop__customers') }}
),

int_customers as (
    select
        coalesce(
            known_keys.customer_key,
            cast(
                last_key.customer_key
                + row_number() over (
                    partition by known_keys.customer_key is null order by observed_ids.customer_id
                ) as integer
            )
        ) as customer_key,
        observed_ids.customer_id,
        observed_ids.brand,
        accepted_links.canonical_person_id as merged_into_customer_id,
        profiles.acquisition_source,
        profiles.country_code,
        profiles.segment,
        coalesce(thresholds.segment, 'default') as threshold_segment,
        profiles.marketing_consent,
        accepted_links.linked_date as merged_date
    from observed_ids
    cross join last_key
    left join known_keys on observed_ids.customer_id = known_keys.customer_id
    left join accepted_links on observed_ids.customer_id = accepted_links.merged_person_id
    left join profiles on observed_ids.customer_id = profiles.person_id
    left join {{ seed('lifecycle_thresholds') }} as thresholds
        on {{ segment_key('profiles.segment') }} = {{ segment_key('thresholds.segment') }}
    where
        observed_ids.customer_id is not null
        and observed_ids.customer_id not in (
            select accounts.person_id from {{ ref('customer_lifecycle', 'base_shop__customers') }} as accounts
            where accounts.rejection_reason = 'test_account' and accounts.person_id is not null
        )
)

select * from int_customers
