-- One row per raw table and day, of the last sixteen weeks: how many rows came. A table that is loaded often is counted by
-- the day of loading, another by the day on which its rows happened.
{{ config(schema='intermediate', access='protected') }}
{% set weeks, least_weeks = 8, 4 %}
with

arrivals as (
    {%- for table in raw_tables() %}
    select '{{ table }}' as entity, cast(loaded_at as date) as loaded_date, main_date, count(*) as row_count
    from {{ ref('customer_lifecycle', base_model(table)) }}
    group by cast(loaded_at as date), main_date
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

loads as (
    select
        entity, min(loaded_date) as first_loaded_date, max(loaded_date) as last_loaded_date,
        min(main_date) as first_main_date,
        count(distinct loaded_date) >= {{ weeks }}
        and {{ days_between('min(loaded_date)', 'max(loaded_date)') }} >= {{ 7 * least_weeks }} as is_loaded_often
    from arrivals
    group by entity
),

as_of as (
    -- the last night's load comes after the last day that is published
    select
        as_of.as_of_date,
        greatest(as_of.as_of_date, coalesce(max(loads.last_loaded_date), as_of.as_of_date)) as last_loaded_date
    from {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    cross join loads
    group by as_of.as_of_date
),

measured as (
    select
        loads.entity, loads.is_loaded_often,
        case when loads.is_loaded_often then 'loaded_at' else 'happened_on' end as measured_by,
        case when loads.is_loaded_often then as_of.last_loaded_date else as_of.as_of_date end as last_date,
        case when loads.is_loaded_often then loads.first_loaded_date else loads.first_main_date end as first_date
    from loads
    cross join as_of
),

counts as (
    select
        arrivals.entity, sum(arrivals.row_count) as row_count,
        case when measured.is_loaded_often then arrivals.loaded_date else arrivals.main_date end as date_day
    from arrivals
    inner join measured on arrivals.entity = measured.entity
    group by
        arrivals.entity, case when measured.is_loaded_often then arrivals.loaded_date else arrivals.main_date end
),

numbers as (
    select
        entity, measured_by, first_date, last_date,
        {{ unnest_integers('0', 14 * weeks) }} as day_number
    from measured
    {{ join_integers('0', 14 * weeks) }}
),

days as (
    select entity, measured_by, first_date, last_date, {{ add_days('last_date', '-day_number') }} as date_day
    from numbers
    where {{ add_days('last_date', '-day_number') }} >= first_date
),

int_raw_rows_daily as (
    select
        days.entity, days.measured_by, days.last_date, days.date_day,
        cast(coalesce(counts.row_count, 0) as bigint) as row_count
    from days
    left join counts on days.entity = counts.entity and days.date_day = counts.date_day
)

select * from int_raw_rows_daily
