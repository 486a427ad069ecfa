-- One row per build, customer and period of days published before on which its stage has become another, with what has
-- changed it. Rows of earlier builds stay, in a full refresh as well: no later build could find them again.
{{ config(
    materialized=incremental_or_table(),
   
    full_refresh=false,
    pre_hook='{{ delete_interrupted_build() }}',
    post_hook='{{ delete_erased_customers() }}',
) }}
-- depends_on: {{ ref('customer_lifecycle', 'int_customers') }}
-- depends_on: {{ ref('customer_lifecycle', 'int_erased_ids') }}
with

differences as (
    select * from {{ ref('customer_lifecycle', 'int_stage_differences') }}
),

causes as (
    select * from {{ ref('customer_lifecycle', 'int_restatement_causes') }}
    where cause_number = 1
),

int_stage_restatements as (
    select
        current_build.build_number,
        current_build.as_of_date,
        current_build.published_as_of_date,
        differences.brand,
        differences.customer_id,
        differences.valid_from,
        differences.valid_to,
        differences.published_stage,
        differences.restated_stage,
        -- the same history and thresholds, and yet another stage: the rules themselves are others
        coalesce(causes.cause, 'rules') as cause,
        causes.source_table as caused_by_table,
        causes.source_row as caused_by_row
    from differences
    cross join {{ ref('customer_lifecycle', 'int_current_build') }} as current_build
    left join causes on differences.customer_key = causes.customer_key and differences.valid_from = causes.valid_from
)

select * from int_stage_restatements
