-- One row per build, customer and period [valid_from, valid_to) of days published before on which the build has changed the
-- customer's stage: which stage stood there, which stands there now, and why.
{{ config(materialized='view') }}
with

stage_restatements as (
    select
        cast(build_number as integer) as build_number,
        as_of_date,
        published_as_of_date,
        brand,
        customer_id,
        valid_from,
        valid_to,
        cast({{ days_between('valid_from', 'valid_to') }} as integer) as day_count,
        published_stage,
        restated_stage,
        cause,
        caused_by_table,
        caused_by_row
    from {{ ref('customer_lifecycle', 'int_stage_restatements') }}
)

select * from stage_restatements
