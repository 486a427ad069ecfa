-- One row per customer and stay in a stage [valid_from, valid_to), those included that are scheduled after the as-of date.
with

stays as (
    select * from {{ ref('int_customer_stays') }}
),

customers as (
    select * from {{ ref('int_customers') }}
),

causes as (
    select * from {{ ref('int_stay_causes') }}
    where cause_number = 1
),

customer_stage_intervals as (
    select
        customers.brand,
        customers.customer_id,
        stays.stage,
        stays.valid_from,
        {{ null_if_never('stays.valid_to') }} as valid_to,
        stays.previous_stage,
        stays.is_scheduled,
        stays.rule,
        causes.source_table as caused_by_table,
        causes.source_row as caused_by_row
    from stays
    inner join customers on stays.customer_key = customers.customer_key
    left join causes on stays.customer_key = causes.customer_key and stays.valid_from = causes.valid_from
)

select * from customer_stage_intervals
