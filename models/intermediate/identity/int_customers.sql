-- One row per id that has ever lived as a customer of its own, prospects and visitors included; test accounts are nobody.
-- An id keeps its customer_key from build to build: increments go by it. A key is not given to another id as long as the
-- last complete build has the first one, even if a build has been interrupted since.
{% set previous = previous_build() %}
{% set recorded = earlier_table('int_recorded_fingerprints') %}
{% set saved = earlier_table('int_published_stays') %}
with

sightings as (
    {% for table, column in [
        ('stg_shop__customers', 'person_id'),
        ('stg_shop__orders', 'person_id'),
        ('stg_shop__carts', 'person_id'),
        ('stg_billing__subscriptions', 'person_id'),
        ('stg_marketing__touchpoints', 'person_id'),
        ('stg_marketing__engagements', 'person_id'),
        ('stg_feedback__survey_responses', 'person_id'),
        ('stg_feedback__support_tickets', 'person_id'),
        ('stg_feedback__reviews', 'person_id'),
        ('stg_referral__referrals', 'referrer_person_id'),
        ('stg_referral__affiliate_sales', 'affiliate_person_id'),
    ] %}
    select {{ column }} as customer_id, brand from {{ ref(table) }}
    {{ union_distinct() if not loop.last }}
    {% endfor %}
    {{ union_distinct() }}
    select survivor_person_id, brand from {{ ref('int_identity_links') }}
    where link_status = 'accepted'
),

given_keys as (
    {% for earlier in [previous, recorded, saved] if earlier -%}
    select customer_id, customer_key from {{ earlier }}
    union all
    {% endfor -%}
    select customer_id, cast(null as integer) as customer_key from sightings
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

absorptions as (
    select * from {{ ref('int_identity_links') }}
    where link_status = 'accepted'
),

profiles as (
    select * from {{ ref('stg_shop__customers') }}
),

int_customers as (
    select
        coalesce(
            known_keys.customer_key,
            cast(
                last_key.customer_key
                + row_number() over (partition by known_keys.customer_key is null order by sightings.customer_id) as integer
            )
        ) as customer_key,
        sightings.customer_id,
        sightings.brand,
        absorptions.survivor_person_id as absorbed_by_customer_id,
        profiles.acquisition_source,
        profiles.country_code,
        profiles.segment,
        coalesce(thresholds.segment, 'default') as threshold_segment,
        profiles.marketing_consent,
        absorptions.linked_date as absorbed_date
    from sightings
    cross join last_key
    left join known_keys on sightings.customer_id = known_keys.customer_id
    left join absorptions on sightings.customer_id = absorptions.absorbed_person_id
    left join profiles on sightings.customer_id = profiles.person_id
    left join {{ ref('lifecycle_thresholds') }} as thresholds on profiles.segment = thresholds.segment
    where
        sightings.customer_id is not null
        and sightings.customer_id not in (select accounts.person_id from {{ ref('int_identity_test_accounts') }} as accounts)
)

select * from int_customers
