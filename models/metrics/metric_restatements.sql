-- One row per build and value of a metric that an earlier build had published as mature and this one publishes otherwise: as
-- it was first published, as it was before and is since then, and what has changed in that build.
{% set seeds = [
    'affiliate_statuses', 'brands', 'channel_rules', 'country_aliases', 'event_types', 'lifecycle_thresholds',
    'order_statuses', 'subscription_statuses', 'settings',
] %}
{% set named = [] %}
{% for name in (raw_tables() | list + ['exchange_rates'] + seeds) | sort %}
{% do named.append("max(case when input_name = '" ~ name ~ "' then ', " ~ name ~ "' else '' end)") %}
{% endfor %}
{% set value = 'partition by brand, metric_id, month_date, dimension_name, dimension_value order by build_number' %}
with

publications as (
    select
        *,
        -- a value that came after its month had been published was first published as none
        max(case when not is_restatement then value end) over ({{ value }}) as first_published_value,
        lag(value) over ({{ value }}) as published_value,
        lag(numerator) over ({{ value }}) as published_numerator,
        lag(denominator) over ({{ value }}) as published_denominator,
        lead(build_number) over ({{ value }}) is null as is_latest
    from {{ ref('customer_lifecycle', 'int_metric_publications') }}
),

restatements as (
    select * from publications
    where is_restatement and coalesce(published_value <> value, (published_value is null) <> (value is null))
),

restated_months as (
    select distinct build_number, published_as_of_date, brand, month_date from restatements
),

changes as (
    select
        months.build_number, months.brand, months.month_date, changes.input_name,
        changes.row_count - changes.previous_row_count as added_row_count,
        case
            when changes.input_name in ('{{ seeds | join("', '") }}') then 1
            when changes.month_date = months.month_date then 2
            when changes.month_date < {{ period_start('month', 'months.published_as_of_date') }} then 3
            else 4
        end as cause_number
    from restated_months as months
    inner join {{ ref('customer_lifecycle', 'int_input_changes') }} as changes
        on months.build_number = changes.build_number and (months.brand = changes.brand or changes.brand = '')
),

nearest_changes as (
    select *, min(cause_number) over (partition by build_number, brand, month_date) as first_cause_number
    from changes
),

causes as (
    select
        build_number, brand, month_date,
        min(cause_number) as cause_number,
        sum(added_row_count) as added_row_count,
        {{ named | join(' || ') }} as input_names
    from nearest_changes
    where cause_number = first_cause_number
    group by build_number, brand, month_date
),

metric_restatements as (
    select
        cast(restatements.build_number as integer) as build_number,
        restatements.as_of_date,
        restatements.brand, restatements.metric_id, restatements.month_date,
        restatements.dimension_name, restatements.dimension_value,
        restatements.first_published_value,
        restatements.published_numerator, restatements.published_denominator, restatements.published_value,
        restatements.numerator as restated_numerator, restatements.denominator as restated_denominator,
        restatements.value as restated_value,
        restatements.is_latest,
        case causes.cause_number
            when 1 then 'definitions' when 2 then 'rows_of_the_month' when 3 then 'rows_of_other_months'
            when 4 then 'later_rows' else 'rules'
        end as cause,
        substr(causes.input_names, 3) as changed_inputs,
        cast(causes.added_row_count as bigint) as added_row_count
    from restatements
    left join causes
        on
            restatements.build_number = causes.build_number and restatements.brand = causes.brand
            and restatements.month_date = causes.month_date
)

select * from metric_restatements
