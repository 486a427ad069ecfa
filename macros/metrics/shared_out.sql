{# Three CTEs, the last of them <name>: the rows of `rows`, and what each gets of a whole number of units, shared out among the rows of its
   keys in proportion to weights: its share rounded down, and one more unit for those whose share was cut the most, ties by `order_by`. The
   parts add up exactly, also below zero. The weights are whole numbers, not all 0. Shares are doubles, alike on every engine.
   shared_out('parts', rows='touches', units='cents', weight='weight', keys='order_id', order_by='touch_number', as='part')
   10 units for weights 1, 1, 1 -> 4, 3, 3;   -5 units for weights 3, 1 -> -4, -1 #}
{% macro shared_out(name, rows, units, weight, keys, order_by, as) -%}
{%- set double = customer_lifecycle.double_type() -%}
{{ name }}_floors as (
    select
        *,
        abs({{ units }})
        * (cast({{ weight }} as {{ double }}) / cast(sum({{ weight }}) over (partition by {{ keys }}) as {{ double }}))
            as {{ as }}_share
    from {{ rows }}
),

{{ name }}_ranks as (
    select
        *,
        abs({{ units }}) - sum(floor({{ as }}_share)) over (partition by {{ keys }}) as {{ as }}_left_over,
        row_number() over (partition by {{ keys }} order by {{ as }}_share - floor({{ as }}_share) desc, {{ order_by }}) as {{ as }}_rank
    from {{ name }}_floors
),

{{ name }} as (
    select
        *,
        cast(
            sign({{ units }}) * (floor({{ as }}_share) + case when {{ as }}_rank <= {{ as }}_left_over then 1 else 0 end) as bigint
        ) as {{ as }}
    from {{ name }}_ranks
)
{%- endmacro %}
