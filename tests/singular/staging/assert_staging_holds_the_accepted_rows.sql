-- What the staging models show is what the count of outcomes calls accepted; rows under a shared identifier are the one
-- exception: staging still shows them, and only the identity models know that they belong to no customer.
-- An earlier paid period of a subscription is told by a version that is superseded.
with

staging_counts as (
    {%- for table in raw_tables() %}
    select '{{ table }}' as entity, count(*) as staging_count from {{ ref('customer_lifecycle', base_model(table, 'stg')) }}
    {{ 'where version_number = 1' if table == 'subscriptions' }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

accepted_counts as (
    select
        entity,
        sum(row_count) as accepted_count
    from {{ ref('customer_lifecycle', 'raw_row_outcomes') }}
    where
        outcome = 'accepted'
        or rejection_reason = 'shared_identifier'
    group by entity
),

assert_staging_holds_the_accepted_rows as (
    select
        staging_counts.entity,
        staging_counts.staging_count,
        accepted_counts.accepted_count
    from staging_counts
    left join accepted_counts on staging_counts.entity = accepted_counts.entity
    where staging_counts.staging_count <> coalesce(accepted_counts.accepted_count, 0)
)

select * from assert_staging_holds_the_accepted_rows
