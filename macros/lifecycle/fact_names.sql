{# fact_names() -> the facts that stages depend on. Each has a power of two for a number, by its place here: 1, 2, 4 and so on,
   so that the sum of the numbers of those that hold says which they are. #}
{% macro fact_names() -%}
    {{ return([
        'purchased', 'settled', 'bought_again', 'bought_often', 'bought_recently', 'subscribed', 'advocating', 'engaged',
        'present', 'active', 'won_back', 'tenured',
    ]) }}
{%- endmacro %}
