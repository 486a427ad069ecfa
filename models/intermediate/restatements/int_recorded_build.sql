-- One row: number and as-of date of the last complete build. Written after everything that a build may fail to reach.
-- depends_on: {{ ref('int_recorded_fingerprints') }}
with

int_recorded_build as (
    select
        build_number,
        as_of_date
    from {{ ref('int_current_build') }}
)

select * from int_recorded_build
