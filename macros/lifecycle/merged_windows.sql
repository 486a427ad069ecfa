{# Two CTEs, <name>_gaps and <name>: the windows [starts_on, ends_on) of the CTE `windows`, those that overlap or touch
   within `keys` merged into one. The order of the window function need not be total: rows that tie on both dates are alike.
   merged_windows('episodes', windows='periods', keys=['customer_key'])
       (1, d0, d5) (1, d3, d9) (1, d9, d12) (1, d20, d22)  ->  (1, d0, d12) (1, d20, d22) #}
{% macro merged_windows(name, windows, keys) -%}
{%- set key_list = keys | join(', ') -%}
{{ name }}_gaps as (
    select
        {{ key_list }},
        starts_on,
        max(ends_on) over (
            partition by {{ key_list }} order by starts_on, ends_on rows between unbounded preceding and 1 preceding
        ) as subscribed_to,
        max(ends_on) over (
            partition by {{ key_list }} order by starts_on, ends_on
            rows between unbounded preceding and unbounded following
        ) as last_end
    from {{ windows }}
),

{{ name }} as (
    select
        {{ key_list }},
        starts_on,
        coalesce(lead(subscribed_to) over (partition by {{ key_list }} order by starts_on), last_end) as ends_on
    from {{ name }}_gaps
    where subscribed_to is null or subscribed_to < starts_on
)
{%- endmacro %}
