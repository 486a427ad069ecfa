{#
    Three CTEs, the last of them <name>: the rows of `rows`, and what each gets of a whole number of units that is shared out in
    proportion to its weight among the rows of its keys. Largest remainders: each gets its share rounded down, and the units left
    over go one by one to those whose share was cut the most; ties to the first in the order of `order_by`. The parts add up to the
    whole exactly, a whole below zero included; the weights, whole numbers, must not all be 0. Shares are doubles: products and
    quotients of them are the same on every engine to the last digit, and so is a sum of whole numbers.

    shared_out('parts', rows='touches', units='cents', weight='weight', keys='order_id', order_by='touch_number', as='part')
        10 units for weights 1, 1, 1  ->  4, 3, 3
        -5 units for weights 3, 1     ->  -4, -1
#}
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
        row_number() over (
            partition by {{ keys }} order by {{ as }}_share - floor({{ as }}_share) desc, {{ order_by }}
        ) as {{ as }}_rank
    from {{ name }}_floors
),

{{ name }} as (
    select
        *,
        cast(
            sign({{ units }})
            * (floor({{ as }}_share) + case when {{ as }}_rank <= {{ as }}_left_over then 1 else 0 end)
            as bigint
        ) as {{ as }}
    from {{ name }}_ranks
)
{%- endmacro %}
