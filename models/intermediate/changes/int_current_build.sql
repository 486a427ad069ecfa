-- One row: the number of this build, and the last day on which its result is compared with what the last complete build had
-- published. A build with an earlier as-of date withdraws the days after it. If they are published again, they are new.
{% set last_build = last_complete_build() %}
{% set records = [
    earlier_table('int_stage_restatements'), earlier_table('int_input_changes'), earlier_table('int_metric_publications'),
] | select | list %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

published as (
    {% if last_build -%}
    select build_number, as_of_date from {{ last_build.int_recorded_build }}
    {%- elif records -%}
    -- nothing is compared, but no number is given twice
    select max(build_number) as build_number, cast(null as date) as as_of_date
    from (
        {% for record in records -%}
        select build_number from {{ record }}
        {{ 'union all' if not loop.last }}
        {% endfor -%}
    ) as records
    {%- else -%}
    select 0 as build_number, cast(null as date) as as_of_date
    {%- endif %}
),

int_current_build as (
    select
        cast(coalesce(published.build_number, 0) + 1 as integer) as build_number,
        as_of.as_of_date,
        published.as_of_date as published_as_of_date,
        case
            when published.as_of_date is null then {{ beginning_of_time() }}
            else {{ add_days('least(published.as_of_date, as_of.as_of_date)', 1) }}
        end as compared_to
    from as_of
    cross join published
)

select * from int_current_build
