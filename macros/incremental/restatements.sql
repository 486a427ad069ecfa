{#
    What an increment changes about days already published: what the last complete build had published of the customers to
    compute is saved before the incremental tables forget them, and compared with what comes out.

    A build is complete when int_recorded_build is written, its last table. A build that was interrupted and is done again has
    the same number: what it had saved stays, as the tables may have changed meanwhile, the customers that it had saved are
    computed once more, and the restatements that it had found are replaced.
#}

{# earlier_table('int_customer_events') -> the relation of that name as an earlier build has left it, or none; none as well where
   every build is a full one. Looked up rather than referred to: it is written later, and a reference would close a circle. #}
{% macro earlier_table(name) -%}
    {#- in unit tests there is no `this` -#}
    {{ return(load_relation(this.incorporate(path={'identifier': name})) if execute and this and customer_lifecycle.can_increment() else none) }}
{%- endmacro %}

{# last_complete_build() -> the relation with number and as-of date of the last complete build, or none if there is nothing to
   compare with. Unlike recorded_fingerprints() it is there in a full refresh as well. #}
{% macro last_complete_build() -%}
    {%- for name in [
        'int_recorded_fingerprints', 'int_customer_stay_periods', 'int_customer_events', 'int_customer_links',
    ] -%}
        {%- if customer_lifecycle.earlier_table(name) is none -%}
            {{ return(none) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(customer_lifecycle.earlier_table('int_recorded_build')) }}
{%- endmacro %}

{#
    Two CTEs, <name>_spans and <name>: the stays of the CTE `stays`, and the days before the first and after the last one with a
    null for the stage, so that every customer of the CTE `customers` has one row for any day.

    all_days_of('days_now', customers='customers', stays='stays')
        (1, engagement, d5, d9)  ->  (1, null, 0001-01-01, d5) (1, engagement, d5, d9) (1, null, d9, 9999-12-31)
#}
{% macro all_days_of(name, customers, stays) -%}
{{ name }}_spans as (
    select customer_key, min(valid_from) as first_day, max(valid_to) as end_day
    from {{ stays }}
    group by customer_key
),

{{ name }} as (
    select customer_key, stage, valid_from, valid_to from {{ stays }}

    union all

    select
        customers.customer_key,
        cast(null as {{ text_type() }}) as stage,
        {{ beginning_of_time() }} as valid_from,
        coalesce(spans.first_day, {{ end_of_time() }}) as valid_to
    from {{ customers }} as customers
    left join {{ name }}_spans as spans on customers.customer_key = spans.customer_key

    union all

    select customer_key, cast(null as {{ text_type() }}) as stage, end_day, {{ end_of_time() }} as valid_to
    from {{ name }}_spans
    where end_day < {{ end_of_time() }}
)
{%- endmacro %}

{# The pre-hook of the table of restatements: away with what this build had found before it was interrupted. #}
{% macro forget_interrupted_build() -%}
    {%- set current_build = ref('customer_lifecycle', 'int_current_build') -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where build_number = (select build_number from {{ current_build }})
    {%- endif -%}
{%- endmacro %}

{# Its post-hook: who was erased, and has not come back, is not remembered here either. #}
{% macro forget_erased_customers() -%}
    {%- if customer_lifecycle.can_increment() -%}
    delete from {{ this }}
    where
        customer_id in (
            select person_id from {{ ref('customer_lifecycle', 'stg_identity__erasure_requests') }} where person_id is not null
            union all
            select email_person_id from {{ ref('customer_lifecycle', 'stg_identity__erasure_requests') }} where email_person_id is not null
        )
        and customer_id not in (select customer_id from {{ ref('customer_lifecycle', 'int_customers') }})
    {%- endif -%}
{%- endmacro %}
