-- One row per customer that is compared and period [valid_from, valid_to) of one stage, as the last complete build had it;
-- the stage is null where the customer was not there. Saved before the customer is computed again.
{% set saved = earlier_table('int_published_stage_periods') %}
{% set last_build = last_complete_build() %}
with

saved_periods as (
    {% if saved -%}
    select saved.*
    from {{ saved }} as saved
    inner join {{ ref('customer_lifecycle', 'int_current_build') }} as current_build
        on saved.build_number = current_build.build_number
    {%- else -%}
    select
        cast(null as integer) as build_number,
        cast(null as integer) as customer_key,
        cast(null as {{ text_type() }}) as customer_id,
        cast(null as {{ text_type() }}) as brand,
        cast(null as {{ text_type() }}) as stage,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to
    from {{ ref('customer_lifecycle', 'int_current_build') }}
    where 1 = 0
    {%- endif %}
),

-- of a customer that an interrupted build has computed, only what that build had saved is what was published
customers as (
    select customers.customer_key, customers.customer_id, customers.brand
    from {{ ref('customer_lifecycle', 'int_changed_customers') }} as customers
    where
        customers.is_compared
        and customers.customer_key not in (select saved_periods.customer_key from saved_periods)
),

spells as (
    {% if last_build -%}
    select spells.customer_key, spells.stage, spells.valid_from, spells.valid_to
    from {{ last_build.int_customer_stage_periods }} as spells
    inner join customers on spells.customer_key = customers.customer_key
    {%- else -%}
    select customer_key, stage, valid_from, valid_to from saved_periods
    where 1 = 0
    {%- endif %}
),

{{ all_days_of('days_before', customers='customers', spells='spells') }},

int_published_stage_periods as (
    select build_number, customer_key, customer_id, brand, stage, valid_from, valid_to from saved_periods

    union all

    select
        current_build.build_number,
        customers.customer_key,
        customers.customer_id,
        customers.brand,
        days_before.stage,
        days_before.valid_from,
        days_before.valid_to
    from days_before
    inner join customers on days_before.customer_key = customers.customer_key
    cross join {{ ref('customer_lifecycle', 'int_current_build') }} as current_build
)

select * from int_published_stage_periods
