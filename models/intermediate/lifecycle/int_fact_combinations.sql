-- One row per combination of facts, whether or not a customer has it, by the sum of their numbers (macro fact_names).
{{ config(materialized='view') }}
with

bounds as (
    select 0 as first_sum, {{ 2 ** (fact_names() | length) }} as end_sum
),

sums as (
    select {{ unnest_integers('first_sum', 'end_sum') }} as fact_sum from bounds
    {{ join_integers('first_sum', 'end_sum') }}
),

int_fact_combinations as (
    select
        {% for fact in fact_names() %}
        mod(fact_sum, {{ 2 ** loop.index }}) >= {{ 2 ** loop.index0 }} as is_{{ fact }},
        {% endfor %}
        fact_sum
    from sums
)

select * from int_fact_combinations
