-- No raw row vanishes and none is counted twice: the rows of a raw table are those accepted, future-dated and rejected,
-- and the quarantine holds exactly the rejected ones.
with

raw_counts as (
    {%- for table in raw_tables() %}
    select '{{ table }}' as entity, {{ 'count(*)' if found_columns(table) else '0' }} as raw_count
    {%- if found_columns(table) %}
    from {{ raw_relation(table) }}
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

outcome_counts as (
    select
        entity,
        sum(row_count) as outcome_count,
        sum(case when outcome = 'rejected' then row_count else 0 end) as rejected_count
    from {{ ref('customer_lifecycle', 'raw_row_outcomes') }}
    group by entity
),

quarantine_counts as (
    select
        entity,
        count(*) as quarantine_count
    from {{ ref('customer_lifecycle', 'rejected_records') }}
    group by entity
),

assert_every_raw_row_is_accounted_for as (
    select
        raw_counts.entity,
        raw_counts.raw_count,
        outcome_counts.outcome_count,
        outcome_counts.rejected_count,
        quarantine_counts.quarantine_count
    from raw_counts
    left join outcome_counts on raw_counts.entity = outcome_counts.entity
    left join quarantine_counts on raw_counts.entity = quarantine_counts.entity
    where
        raw_counts.raw_count <> coalesce(outcome_counts.outcome_count, 0)
        or coalesce(outcome_counts.rejected_count, 0) <> coalesce(quarantine_counts.quarantine_count, 0)
)

select * from assert_every_raw_row_is_accounted_for
