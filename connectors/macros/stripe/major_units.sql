{# An amount of Stripe's, in the smallest unit of its currency, in the currency itself: 1990, 'eur' -> 19.90; 1990, 'jpy' -> 1990.
   Of the currencies without a smaller unit, Stripe writes those of Iceland and Uganda (isk, ugx) with two zeros. #}
{% macro major_units(amount, currency) -%}
    cast({{ amount }} / case
        when lower({{ currency }}) in (
            'bif', 'clp', 'djf', 'gnf', 'jpy', 'kmf', 'krw', 'mga', 'pyg', 'rwf', 'vnd', 'vuv', 'xaf', 'xof', 'xpf'
        ) then 1
        when lower({{ currency }}) in ('bhd', 'jod', 'kwd', 'omr', 'tnd') then 1000
        else 100
    end as decimal(18, 2))
{%- endmacro %}
