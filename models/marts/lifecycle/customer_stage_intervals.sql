-- One row per customer and stage period [valid_from, valid_to), those included that are scheduled after the as-of date.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

spells as (
    select * from {{ ref('customer_lifecycle', 'int_customer_stage_periods') }}
),

customers as (
    select * from {{ ref('customer_lifecycle', 'int_customers') }}
),

causes as (
    select * from {{ ref('customer_lifecycle', 'int_stage_period_causes') }}
    where cause_number = 1
),

customer_stage_intervals as (
    select
        customers.brand,
        customers.customer_id,
        spells.stage,
        spells.valid_from,
        {{ null_if_never('spells.valid_to') }} as valid_to,
        spells.previous_stage,
        spells.valid_from > as_of.as_of_date as is_scheduled,
        spells.rule,
        causes.source_table as caused_by_table,
        causes.source_row as caused_by_row
    from spells
    cross join as_of
    inner join customers on spells.customer_key = customers.customer_key
    left join causes on spells.customer_key = causes.customer_key and spells.valid_from = causes.valid_from
)

select * from customer_stage_intervals
