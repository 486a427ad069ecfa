{# attribution_models() -> the names of the attribution models, as int_attribution_weights defines them #}
{% macro attribution_models() -%}
    {{ return(['first_touch', 'last_touch', 'last_non_direct', 'linear', 'position_based', 'time_decay', 'markov']) }}
{%- endmacro %}
