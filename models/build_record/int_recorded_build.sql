-- One row: number and as-of date of the last complete build. Written after everything that a build may fail to reach.
-- depends_on: {{ ref('customer_lifecycle', 'int_recorded_fingerprints') }}
with

int_recorded_build as (
    select
        build_number,
        as_of_date
    from {{ ref('customer_lifecycle', 'int_current_build') }}
)

select * from int_recorded_build
