{# A percentile of a group's numbers, linear between neighbours, a double.
   percentile_of('gap_days', 0.5) -> percentile_cont(0.5) within group (order by gap_days)   1, 2, 10 -> 2 #}
{% macro percentile_of(number, fraction) %}{{ return(adapter.dispatch('percentile_of', 'customer_lifecycle')(number, fraction)) }}{% endmacro %}
{% macro default__percentile_of(number, fraction) %}percentile_cont({{ fraction }}) within group (order by {{ number }}){% endmacro %}
{# BigQuery has it as a window function only, Trino not at all: the two neighbours in the sorted array, by hand. #}
{% macro bigquery__percentile_of(number, fraction) -%}
    {%- set numbers = "array_agg(" ~ number ~ " ignore nulls order by " ~ number ~ ")" -%}
    {%- set position = "(count(" ~ number ~ ") - 1) * " ~ fraction -%}
    (
        {{ numbers }}[safe_offset(cast(floor({{ position }}) as int64))] * (1 - {{ position }} + floor({{ position }}))
        + {{ numbers }}[safe_offset(cast(ceil({{ position }}) as int64))] * ({{ position }} - floor({{ position }}))
    )
{%- endmacro %}
{% macro trino__percentile_of(number, fraction) -%}
    {%- set numbers = "array_agg(cast(" ~ number ~ " as double) order by " ~ number ~ ") filter (where " ~ number ~ " is not null)" -%}
    {%- set position = "(greatest(count(" ~ number ~ "), 1) - 1) * double '" ~ fraction ~ "'" -%}
    (
        element_at({{ numbers }}, cast(floor({{ position }}) as integer) + 1) * (1 - {{ position }} + floor({{ position }}))
        + element_at({{ numbers }}, cast(ceil({{ position }}) as integer) + 1) * ({{ position }} - floor({{ position }}))
    )
{%- endmacro %}
